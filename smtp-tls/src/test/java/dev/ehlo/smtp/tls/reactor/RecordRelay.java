package dev.ehlo.smtp.tls.reactor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands between clients and a server, and carries what they say in segments that end at each record's end, or an octet
 * beside it. Before the next segment goes on, the loops have read the one before.
 */
final class RecordRelay implements AutoCloseable {
    private static final int HEADER_OCTETS = 5;

    private final Reactor reactor;
    private final InetSocketAddress server;
    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** Listens. */
    RecordRelay(Reactor reactor, InetSocketAddress server) throws IOException {
        this.reactor = reactor;
        this.server = server;
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    /**
     * Takes the next connection.
     *
     * @param beside where the segments end: 0 for the ends of records, -1 for an octet before, 1 for one behind
     * @return when both sides have ended, how many octets the server has said
     */
    CompletableFuture<Integer> carry(int beside) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (Socket client = listener.accept();
                            Socket onward = new Socket(server.getAddress(), server.getPort())) {
                        client.setTcpNoDelay(true);
                        onward.setTcpNoDelay(true);
                        CompletableFuture<Integer> there =
                                CompletableFuture.supplyAsync(() -> carry(client, onward, beside), threads);
                        int said = carry(onward, client, beside);
                        there.join();
                        return said;
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                },
                threads);
    }

    private int carry(Socket from, Socket to, int beside) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            ByteArrayOutputStream segment = new ByteArrayOutputStream();
            byte[] octets = new byte[4096];
            int total = 0;
            int position = 0;
            int length = 0;
            for (int count = in.read(octets); count >= 0; count = in.read(octets)) {
                for (int i = 0; i < count; i++) {
                    segment.write(octets[i]);
                    position++;
                    if (position == HEADER_OCTETS - 1 || position == HEADER_OCTETS) {
                        length = length << 8 | octets[i] & 0xff;
                    }
                    int end = position < HEADER_OCTETS ? -1 : HEADER_OCTETS + length;
                    if (beside <= 0 && position == end + beside || beside > 0 && position == beside) {
                        send(segment, out);
                    }
                    if (position == end) {
                        position = 0;
                        length = 0;
                    }
                }
                send(segment, out);
                total += count;
            }
            to.shutdownOutput();
            return total;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void send(ByteArrayOutputStream segment, OutputStream out) throws Exception {
        if (segment.size() > 0) {
            segment.writeTo(out);
            segment.reset();
            Loopback.wake(reactor);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
    }
}
