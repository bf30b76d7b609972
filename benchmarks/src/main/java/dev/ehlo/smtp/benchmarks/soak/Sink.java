package dev.ehlo.smtp.benchmarks.soak;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SmtpHandler;
import dev.ehlo.smtp.server.SmtpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The next hop: tells the ledger which messages came, by their recipient, just before it says 250. */
final class Sink implements AutoCloseable {
    private final SmtpServer server;

    Sink(Ledger ledger) throws IOException {
        server = SmtpServer.builder()
                .hostname("next.example")
                .relayFrom(List.of(Network.parse("127.0.0.0/8")))
                .loops(1)
                .inlineHandler(new Taking(ledger))
                .listen(Profile.mx().at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
                .start();
    }

    /** Whom message number so and so is to. */
    static String recipient(int number) {
        return "n" + number + "@next.example";
    }

    private static int number(Envelope envelope) {
        String localPart = envelope.recipients().get(0).mailbox().localPart();
        return Integer.parseInt(localPart.substring(1));
    }

    String address() {
        return "127.0.0.1:" + server.address("mx").getPort();
    }

    @Override
    public void close() {
        server.close();
    }

    private record Taking(Ledger ledger) implements SmtpHandler {
        private static final CompletionStage<Reply> TAKEN = CompletableFuture.completedFuture(YES);

        @Override
        public MessageSink data(SessionInfo session, Envelope envelope) {
            return new MessageSink() {
                @Override
                public void write(ByteBuffer slice) {
                    slice.position(slice.limit());
                }

                @Override
                public CompletionStage<Reply> complete() {
                    ledger.arrived(number(envelope));
                    return TAKEN;
                }

                @Override
                public void abort() {}
            };
        }
    }
}
