package dev.ehlo.smtp.benchmarks.net;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.Listener;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * TLS 1.3 handshakes with a server of the reactor beside {@code openssl s_server}, with the same P-256 key and the same
 * client, one after the other, full and resumed: handshakes a second as the client sees them, and CPU time of the server
 * for each. {@code HandshakeFigure [RUNS]}; needs openssl and Linux.
 */
public final class HandshakeFigure {
    private static final String SERVER = "figure-handshakes";
    private static final int HANDSHAKES = 300;

    private HandshakeFigure() {}

    /** Prints the figures. */
    public static void main(String[] arguments) throws Exception {
        int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        Path directory = Files.createTempDirectory("figure");
        Path chain = directory.resolve("chain.pem");
        Path key = directory.resolve("key.pem");
        TlsContext.writeSelfSigned(chain, key, List.of("localhost"));
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (OpensslServer openssl = new OpensslServer(chain, key);
                Reactor reactor = Reactor.start(SERVER, 1);
                Reactor clients = Reactor.start("figure-client", 1)) {
            Listener listener = reactor.listen(any, 0, TlsContext.pem(chain, key), Answering::new);
            for (boolean resumed : new boolean[] {false, true}) {
                double[][] rates = new double[2][runs];
                double[][] cpu = new double[2][runs];
                for (int run = -2; run < runs; run++) { // two to warm up
                    long ours = Measured.cpuNanos(name -> name.startsWith(SERVER));
                    double rate = handshakes(clients, listener.address(), resumed);
                    double used = (Measured.cpuNanos(name -> name.startsWith(SERVER)) - ours) / 1e6;
                    double before = Measured.cpuMillis(openssl.process());
                    double otherRate = handshakes(clients, openssl.address(), resumed);
                    if (run >= 0) {
                        rates[0][run] = rate;
                        rates[1][run] = otherRate;
                        cpu[0][run] = used / HANDSHAKES;
                        cpu[1][run] = (Measured.cpuMillis(openssl.process()) - before) / HANDSHAKES;
                    }
                }
                String kind = resumed ? "resumed" : "full";
                Measured.print(kind + " handshakes", rates[0], rates[1], "/s", "none");
                Measured.print(kind + ", CPU of the server", cpu[0], cpu[1], "ms", "none");
            }
        } finally {
            Files.delete(chain);
            Files.delete(key);
            Files.delete(directory);
        }
    }

    private static double handshakes(Reactor clients, InetSocketAddress server, boolean resumed) throws Exception {
        TlsContext kept = TlsContext.client(ClientTrust.insecure(), "localhost");
        handshake(clients, server, kept);
        long begun = System.nanoTime();
        for (int i = 0; i < HANDSHAKES; i++) {
            TlsContext context = resumed ? kept : TlsContext.client(ClientTrust.insecure(), "localhost");
            if (handshake(clients, server, context) != resumed) {
                throw new IllegalStateException("handshake " + i + " should be resumed: " + resumed);
            }
        }
        return HANDSHAKES * 1e9 / (System.nanoTime() - begun);
    }

    /** Whether it was resumed. */
    private static boolean handshake(Reactor clients, InetSocketAddress server, TlsContext context) throws Exception {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        clients.connect(server, TimeUnit.SECONDS.toNanos(30), context, new HandshakeClient(context, done));
        return done.get(60, TimeUnit.SECONDS);
    }

    private static final class Answering implements ConnectionHandler {
        @Override
        public void opened(Connection connection) {}

        @Override
        public void received(Connection connection, ByteBuffer in) {
            connection.output(in.remaining()).put(in);
            connection.flush();
        }

        @Override
        public void deadlineReached(Connection connection) {}

        @Override
        public void closed(Connection connection, CloseCause cause) {}
    }
}
