package dev.ehlo.smtp.benchmarks.net;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.Listener;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/**
 * TLS in bulk through the reactor, received and sent, beside the same kind of engine driven in memory: CPU time of the
 * server's side for a mebibyte, without its peer's. As no engine in memory pays for a socket, what the same octets cost
 * the reactor in clear is added to it for the second ratio. {@code TlsBulkFigure [RUNS]}
 */
public final class TlsBulkFigure {
    private static final String SERVER = "figure-tls";
    private static final int MEBIBYTES = 256;
    private static final int RECORD_OCTETS = 16 * 1024;
    private static final int RECORDS = MEBIBYTES * (1 << 20) / RECORD_OCTETS;
    /** Records that are made before they are taken, so that they leave the caches as those of a network do. */
    private static final int BATCH = 16;

    private static final TlsContext KEYS = TlsContext.selfSigned("localhost");
    private static final TlsContext TRUST = TlsContext.client(ClientTrust.insecure(), "localhost");

    private TlsBulkFigure() {}

    /** Prints the figures. */
    public static void main(String[] arguments) throws Exception {
        int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (Reactor reactor = Reactor.start(SERVER, 1)) {
            Listener tls = reactor.listen(any, 0, KEYS, Bulk::new);
            Listener clear = reactor.listen(any, 0, null, Bulk::new);
            for (boolean sends : new boolean[] {false, true}) {
                double[] ours = new double[runs];
                double[] engine = new double[runs];
                double[] plain = new double[runs];
                for (int run = -2; run < runs; run++) { // two to warm up
                    double overTls = socket(tls.address(), true, sends);
                    double inMemory = memory(sends);
                    double inClear = socket(clear.address(), false, sends);
                    if (run >= 0) {
                        ours[run] = overTls;
                        engine[run] = inMemory;
                        plain[run] = inClear;
                    }
                }
                String way = sends ? "sent" : "received";
                double[] both = new double[runs];
                Arrays.setAll(both, run -> engine[run] + plain[run]);
                Measured.print("engine, to TLS " + way, engine, ours, "us/MiB", "0.85");
                Measured.print("engine and socket, to TLS " + way, both, ours, "us/MiB", "0.85");
            }
        }
    }

    /** CPU of the reactor's threads for a mebibyte. */
    private static double socket(InetSocketAddress server, boolean tls, boolean sends) throws Exception {
        try (SocketChannel channel = SocketChannel.open(server)) {
            Peer peer = new Peer(channel, tls);
            peer.send(sends ? 1 : 0);
            peer.receive(1);
            long before = Measured.cpuNanos(name -> name.startsWith(SERVER));
            if (sends) {
                peer.receive((long) RECORDS * RECORD_OCTETS);
            } else {
                for (int i = 0; i < RECORDS; i++) {
                    peer.sendRecord();
                }
                peer.receive(1);
            }
            return (Measured.cpuNanos(name -> name.startsWith(SERVER)) - before) / 1e3 / MEBIBYTES;
        }
    }

    /** CPU of one engine for a mebibyte, while another one makes or takes what it takes or makes. */
    private static double memory(boolean sends) throws SSLException {
        SSLEngine server = KEYS.newEngine();
        SSLEngine client = TRUST.newEngine();
        ByteBuffer there = ByteBuffer.allocateDirect((BATCH + 2) * 17 * 1024);
        ByteBuffer back = ByteBuffer.allocateDirect((BATCH + 2) * 17 * 1024);
        ByteBuffer octets = ByteBuffer.allocateDirect(RECORD_OCTETS);
        ByteBuffer room = ByteBuffer.allocateDirect(2 * RECORD_OCTETS);
        while (!done(client) || !done(server)) {
            step(client, back, there, room);
            step(server, there, back, room);
        }
        SSLEngine maker = sends ? server : client;
        SSLEngine taker = sends ? client : server;
        while (back.position() > 0) { // session tickets
            step(client, back, there, room);
        }
        long nanos = 0;
        for (int i = 0; i < RECORDS / BATCH; i++) {
            there.clear();
            long begun = Measured.ownCpuNanos();
            for (int record = 0; record < BATCH; record++) {
                octets.clear();
                while (octets.hasRemaining()) {
                    maker.wrap(octets, there);
                }
            }
            long made = Measured.ownCpuNanos();
            there.flip();
            while (there.hasRemaining()) {
                taker.unwrap(there, room.clear());
            }
            nanos += sends ? made - begun : Measured.ownCpuNanos() - made;
        }
        return nanos / 1e3 / MEBIBYTES;
    }

    private static boolean done(SSLEngine engine) {
        return engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING
                && !engine.getSession().getProtocol().equals("NONE");
    }

    private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out, ByteBuffer room) throws SSLException {
        if (!done(engine) && engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NOT_HANDSHAKING) {
            engine.beginHandshake();
        }
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
        if (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP) {
            engine.wrap(ByteBuffer.allocate(0), out);
        } else {
            in.flip();
            engine.unwrap(in, room.clear());
            in.compact();
        }
    }

    /** The peer's side, on the thread of the program. */
    private static final class Peer {
        private final SocketChannel channel;
        private final boolean tls;
        private final SSLEngine engine = TRUST.newEngine();
        private final ByteBuffer octets = ByteBuffer.allocateDirect(RECORD_OCTETS);
        private final ByteBuffer out = ByteBuffer.allocateDirect(34 * 1024);
        private final ByteBuffer in = ByteBuffer.allocateDirect(256 * 1024);
        private final ByteBuffer room = ByteBuffer.allocateDirect(2 * RECORD_OCTETS);

        /** Octets that came and were not asked for yet. */
        private long received;

        Peer(SocketChannel channel, boolean tls) throws IOException {
            this.channel = channel;
            this.tls = tls;
            while (tls && !done(engine)) {
                int before = in.position();
                step(engine, in, out, room);
                boolean stuck = out.position() == 0 && in.position() == before;
                flush();
                if (stuck && engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_UNWRAP) {
                    read();
                }
            }
        }

        void send(int octet) throws IOException {
            octets.clear().put((byte) octet).flip();
            put();
        }

        void sendRecord() throws IOException {
            octets.clear();
            put();
        }

        private void put() throws IOException {
            while (octets.hasRemaining()) {
                if (tls) {
                    engine.wrap(octets, out);
                    flush();
                } else {
                    channel.write(octets);
                }
            }
        }

        void receive(long count) throws IOException {
            while (received < count) {
                int some = take();
                received += some;
                if (some == 0) {
                    read();
                }
            }
            received -= count;
        }

        private int take() throws SSLException {
            if (!tls) {
                int all = in.position();
                in.clear();
                return all;
            }
            in.flip();
            int taken = 0;
            SSLEngineResult result;
            do {
                result = engine.unwrap(in, room.clear());
                taken += result.bytesProduced();
            } while (result.bytesConsumed() > 0);
            in.compact();
            return taken;
        }

        private void read() throws IOException {
            if (channel.read(in) < 0) {
                throw new IOException("the server has closed");
            }
        }

        private void flush() throws IOException {
            out.flip();
            while (out.hasRemaining()) {
                channel.write(out);
            }
            out.clear();
        }
    }

    /** Told by the first octet whether to receive or to send so much; says an octet first, and after what it received. */
    private static final class Bulk implements ConnectionHandler {
        private boolean begun;
        private long left = (long) RECORDS * RECORD_OCTETS;

        @Override
        public void opened(Connection connection) {}

        @Override
        public void received(Connection connection, ByteBuffer in) {
            if (!begun) {
                begun = true;
                boolean sends = in.get() == 1;
                connection.output(1).put((byte) 0);
                connection.flush();
                if (sends) {
                    writable(connection);
                }
                return;
            }
            left -= in.remaining();
            in.position(in.limit());
            if (left == 0) {
                connection.output(1).put((byte) 0);
                connection.flush();
            }
        }

        @Override
        public void writable(Connection connection) {
            while (left > 0 && connection.unsent() <= Connection.UNSENT_BOUND) {
                ByteBuffer out = connection.output(RECORD_OCTETS);
                int count = (int) Math.min(RECORD_OCTETS, left);
                out.position(out.position() + count);
                left -= count;
                if (connection.unsent() > Connection.UNSENT_BOUND) {
                    connection.flush();
                }
            }
            connection.flush();
        }

        @Override
        public void deadlineReached(Connection connection) {}

        @Override
        public void closed(Connection connection, CloseCause cause) {}
    }
}
