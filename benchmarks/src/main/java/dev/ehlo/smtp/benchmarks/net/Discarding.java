package dev.ehlo.smtp.benchmarks.net;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.ServerLimits;
import dev.ehlo.smtp.server.SmtpHandler;
import dev.ehlo.smtp.server.SmtpServer;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A server, as a user builds one, that takes every message for example.org on its loops and forgets it. */
final class Discarding {
    /** The name of its profile. */
    static final String PROFILE = "mx";

    /** How the names of its threads begin. */
    static final String THREADS = "smtp-server-";

    private static final int CONNECTIONS = 20_000;
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final CompletionStage<Reply> TAKEN = CompletableFuture.completedFuture(SmtpHandler.YES);

    private static final MessageSink NOWHERE = new MessageSink() {
        @Override
        public void write(ByteBuffer slice) {
            slice.position(slice.limit());
        }

        @Override
        public CompletionStage<Reply> complete() {
            return TAKEN;
        }

        @Override
        public void abort() {}
    };

    private Discarding() {}

    /** Started, on a free port of 127.0.0.1, offering STARTTLS. */
    static SmtpServer start(TlsContext tls) throws IOException {
        SmtpHandler handler = (session, envelope) -> NOWHERE;
        Profile mx = Profile.mx()
                .at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .timeouts(PATIENCE, PATIENCE);
        return SmtpServer.builder()
                .hostname("mx.example.org")
                .localDomains(List.of("example.org"))
                .inlineHandler(handler)
                .tls(tls)
                .limits(ServerLimits.STANDARD.maxConnections(CONNECTIONS).allow(List.of(Network.parse("127.0.0.0/8"))))
                .listen(mx)
                .start();
    }
}
