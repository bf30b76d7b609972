package dev.ehlo.smtp.benchmarks.net;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.Listener;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * TLS 1.3 handshakes with a server of the reactor beside {@code openssl s_server}, with the same P-256 key and the same
 * client, one after the other, full and resumed: handshakes a second as the client sees them, and CPU time of the server
 * for each. {@code HandshakeFigure [RUNS]}; needs openssl and Linux.
 */
public final class HandshakeFigure {
    private static final String SERVER = "figure-handshakes";
    private static final int HANDSHAKES = 300;
    /** What Linux counts CPU time of processes in, unless it was built otherwise. */
    private static final double TICKS_PER_SECOND = 100;

    private HandshakeFigure() {}

    /** Prints the figures. */
    public static void main(String[] arguments) throws Exception {
        int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        Path directory = Files.createTempDirectory("figure");
        Path chain = directory.resolve("chain.pem");
        Path key = directory.resolve("key.pem");
        TlsContext.writeSelfSigned(chain, key, List.of("localhost"));
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "s_server",
                        "-accept",
                        "127.0.0.1:0",
                        "-cert",
                        chain.toString(),
                        "-key",
                        key.toString(),
                        "-rev")
                .redirectErrorStream(true)
                .start();
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Reactor reactor = Reactor.start(SERVER, 1);
                Reactor clients = Reactor.start("figure-client", 1)) {
            Listener listener = reactor.listen(any, 0, TlsContext.pem(chain, key), Answering::new);
            InetSocketAddress other = new InetSocketAddress(any.getAddress(), port(openssl));
            for (boolean resumed : new boolean[] {false, true}) {
                double[][] rates = new double[2][runs];
                double[][] cpu = new double[2][runs];
                for (int run = -2; run < runs; run++) { // two to warm up
                    long ours = Measured.cpuNanos(name -> name.startsWith(SERVER));
                    double rate = handshakes(clients, listener.address(), resumed);
                    double used = (Measured.cpuNanos(name -> name.startsWith(SERVER)) - ours) / 1e6;
                    double ticks = ticks(openssl);
                    double otherRate = handshakes(clients, other, resumed);
                    if (run >= 0) {
                        rates[0][run] = rate;
                        rates[1][run] = otherRate;
                        cpu[0][run] = used / HANDSHAKES;
                        cpu[1][run] = (ticks(openssl) - ticks) * 1e3 / TICKS_PER_SECOND / HANDSHAKES;
                    }
                }
                String kind = resumed ? "resumed" : "full";
                Measured.print(kind + " handshakes", rates[0], rates[1], "/s", "none");
                Measured.print(kind + ", CPU of the server", cpu[0], cpu[1], "ms", "none");
            }
        } finally {
            openssl.destroyForcibly().waitFor();
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
        Asking asking = new Asking();
        clients.connect(server, TimeUnit.SECONDS.toNanos(30), context, asking);
        Boolean resumed = asking.done.poll(60, TimeUnit.SECONDS);
        if (resumed == null) {
            throw new IOException("no handshake in time");
        }
        return resumed;
    }

    private static double ticks(Process process) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
    }

    /** The port, from what it says first; the rest of what it says is read away. */
    private static int port(Process openssl) throws IOException {
        BufferedReader said =
                new BufferedReader(new InputStreamReader(openssl.getInputStream(), StandardCharsets.US_ASCII));
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.startsWith("ACCEPT")) {
                Thread reader = new Thread(() -> said.lines().forEach(rest -> {}), "openssl-output");
                reader.setDaemon(true);
                reader.start();
                return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
            }
        }
        throw new IOException("openssl says no port");
    }

    /** Sends a line, so that what it reads is behind the server's session ticket, and closes when one comes back. */
    private static final class Asking implements ConnectionHandler {
        private final BlockingQueue<Boolean> done = new ArrayBlockingQueue<>(1);
        private boolean resumed;

        @Override
        public void opened(Connection connection) {
            resumed = connection.tls().orElseThrow().resumed();
            connection.output(2).put((byte) 'x').put((byte) '\n');
            connection.flush();
        }

        @Override
        public void received(Connection connection, ByteBuffer in) {
            if (in.get(in.limit() - 1) == '\n') {
                connection.close();
            }
            in.position(in.limit());
        }

        @Override
        public void deadlineReached(Connection connection) {}

        @Override
        public void closed(Connection connection, CloseCause cause) {
            if (cause.kind() == CloseCause.Kind.LOCAL) {
                done.add(resumed);
            }
        }
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
