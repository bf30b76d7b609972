package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.ServerLimits;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SmtpHandler;
import dev.ehlo.smtp.server.SmtpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ehlo sink}: takes every message and forgets it. For load tests, and for trying a client. */
@Command(name = "sink", description = "Accept all mail and discard it.", mixinStandardHelpOptions = true)
final class SinkCommand implements Callable<Integer> {
    /** One load generator may have them all. */
    private static final int MAX_CONNECTIONS = 10_000;

    /** Nobody else gets here, and a load is a load at whatever rate it comes. */
    private static final List<Network> LOOPBACK = List.of(Network.parse("127.0.0.0/8"), Network.parse("::1"));

    @Spec
    private CommandSpec spec;

    @Option(names = "--port", paramLabel = "N", required = true, description = "The port; 0 takes any free one.")
    private String port;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    SinkCommand() {}

    @Override
    public Integer call() throws Failure, IOException, InterruptedException {
        LongAdder messages = new LongAdder();
        try (SmtpServer server = start(messages)) {
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(() -> Runtime.getRuntime().halt(Ehlo.DONE), "stop"));
            PrintWriter out = spec.commandLine().getOut();
            out.println("ready: sink on 127.0.0.1:" + server.address("mx").getPort());
            out.flush();
            count(messages, out);
        }
        return Ehlo.DONE;
    }

    private SmtpServer start(LongAdder messages) throws Failure, IOException {
        try {
            InetSocketAddress address =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), HostAndPort.port(port, 0));
            return SmtpServer.builder()
                    .hostname("localhost")
                    .inlineHandler(discarding(messages))
                    // A line for each of the messages that a load tool sends is what nobody reads.
                    .eventLog(false)
                    .limits(ServerLimits.STANDARD
                            .maxConnections(MAX_CONNECTIONS)
                            .allow(LOOPBACK))
                    .listen(Profile.mx().at(address).anyRecipient())
                    .start();
        } catch (IllegalArgumentException | BindException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }

    /** On a terminal, a count that runs; else nothing more is said. */
    private static void count(LongAdder messages, PrintWriter out) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        if (!Boolean.getBoolean("ehlo.terminal")) {
            never.await();
        }
        long before = -1;
        while (!never.await(1, TimeUnit.SECONDS)) {
            long now = messages.sum();
            if (now != before) {
                out.print("\r" + now + " messages");
                out.flush();
                before = now;
            }
        }
    }

    private static SmtpHandler discarding(LongAdder messages) {
        CompletionStage<Reply> taken = CompletableFuture.completedFuture(Reply.of(250, "2.0.0", "Taken and discarded"));
        MessageSink sink = new MessageSink() {
            @Override
            public void write(ByteBuffer slice) {
                slice.position(slice.limit());
            }

            @Override
            public CompletionStage<Reply> complete() {
                messages.increment();
                return taken;
            }

            @Override
            public void abort() {}
        };
        return new SmtpHandler() {
            @Override
            public MessageSink data(SessionInfo session, Envelope envelope) {
                return sink;
            }
        };
    }
}
