package dev.ehlo.smtp.benchmarks.net;

import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.Listener;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * An echo over the reactor beside {@link BareEcho}, one loop each, under the same load in turns: CPU time of the loop's
 * thread for a request and for a mebibyte. {@code EchoFigure [RUNS]}
 */
public final class EchoFigure {
    private static final int CONNECTIONS = 200;
    private static final int REQUEST_OCTETS = 64;
    private static final long REQUESTS = 200_000;
    private static final int BULK_CONNECTIONS = 4;
    private static final int BULK_OCTETS = 1 << 20;
    private static final long BULKS = 512;

    private EchoFigure() {}

    /** Prints both figures. */
    public static void main(String[] arguments) throws IOException {
        int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Reactor reactor = Reactor.start("figure-reactor", 1);
                BareEcho bare = new BareEcho("figure-bare")) {
            Listener listener = reactor.listen(any, 0, null, Echo::new);
            measure("echo, 64 octets", runs, listener, bare, CONNECTIONS, REQUEST_OCTETS, REQUESTS, REQUESTS, "us");
            measure("echo, bulk", runs, listener, bare, BULK_CONNECTIONS, BULK_OCTETS, BULKS, BULKS, "us/MiB");
        }
    }

    private static void measure(
            String name,
            int runs,
            Listener listener,
            BareEcho bare,
            int connections,
            int octets,
            long requests,
            long units,
            String unit)
            throws IOException {
        double[] ours = new double[runs];
        double[] theirs = new double[runs];
        for (int run = -2; run < runs; run++) { // two to warm up
            double reactor = cpu("figure-reactor", listener.address(), connections, octets, requests) / units;
            double loop = cpu("figure-bare", bare.address(), connections, octets, requests) / units;
            if (run >= 0) {
                ours[run] = reactor;
                theirs[run] = loop;
            }
        }
        Measured.print(name, ours, theirs, unit, "1.25 at most");
    }

    private static double cpu(String thread, InetSocketAddress server, int connections, int octets, long requests)
            throws IOException {
        long before = Measured.cpuNanos(name -> name.startsWith(thread));
        EchoLoad.run(server, connections, octets, requests);
        return (Measured.cpuNanos(name -> name.startsWith(thread)) - before) / 1e3;
    }

    /** As a protocol sends: what it has goes into the connection's output. */
    private static final class Echo implements ConnectionHandler {
        @Override
        public void opened(Connection connection) {}

        @Override
        public void received(Connection connection, ByteBuffer in) {
            while (in.hasRemaining() && connection.unsent() <= Connection.UNSENT_BOUND) {
                ByteBuffer out = connection.output(1);
                int count = Math.min(out.remaining(), in.remaining());
                int limit = in.limit();
                in.limit(in.position() + count);
                out.put(in);
                in.limit(limit);
            }
            connection.flush();
            if (in.hasRemaining()) {
                connection.pauseReading();
            }
        }

        @Override
        public void writable(Connection connection) {
            connection.resumeReading();
        }

        @Override
        public void deadlineReached(Connection connection) {}

        @Override
        public void closed(Connection connection, CloseCause cause) {}
    }
}
