package dev.ehlo.smtp.benchmarks.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Passes octets on as late as if the server were far away, each way; how many are on the way at once does not matter.
 * {@code DelayProxy PORT MILLIS} passes to that port of this host, says {@code ready: bare on 127.0.0.1:PORT}, and goes on
 * until it is ended.
 */
public final class DelayProxy {
    private static final int BLOCK_OCTETS = 64 * 1024;
    /** Blocks on the way at once, each way of a connection. */
    private static final int MAX_BLOCKS = 1024;

    /** Without any octets at the end. */
    private record Block(long due, ByteBuffer octets) {}

    private DelayProxy() {}

    /** Runs it. */
    public static void main(String[] arguments) throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        int server = Integer.parseInt(arguments[0]);
        long nanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(arguments[1]));
        try (ServerSocket accepting = new ServerSocket(0, 100, here)) {
            System.out.println("ready: bare on 127.0.0.1:" + accepting.getLocalPort());
            while (true) {
                Socket client = accepting.accept();
                Socket beyond = new Socket(here, server);
                client.setTcpNoDelay(true);
                beyond.setTcpNoDelay(true);
                pass(client, beyond, nanos);
                pass(beyond, client, nanos);
            }
        }
    }

    private static void pass(Socket from, Socket to, long nanos) {
        BlockingQueue<Block> onTheWay = new LinkedBlockingQueue<>(MAX_BLOCKS);
        start(() -> read(from, onTheWay, nanos));
        start(() -> write(to, onTheWay));
    }

    private interface Way {
        void go() throws IOException, InterruptedException;
    }

    /** A connection that breaks ends its ways, as it would without a proxy. */
    private static void start(Way way) {
        Thread thread = new Thread(() -> {
            try {
                way.go();
            } catch (IOException e) {
                System.err.println("a connection broke: " + e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static void read(Socket from, BlockingQueue<Block> onTheWay, long nanos)
            throws IOException, InterruptedException {
        InputStream in = from.getInputStream();
        int length;
        do {
            byte[] octets = new byte[BLOCK_OCTETS];
            length = in.read(octets);
            onTheWay.put(new Block(System.nanoTime() + nanos, ByteBuffer.wrap(octets, 0, Math.max(length, 0))));
        } while (length >= 0);
    }

    private static void write(Socket to, BlockingQueue<Block> onTheWay) throws IOException, InterruptedException {
        OutputStream out = to.getOutputStream();
        for (Block next = onTheWay.take(); next.octets().hasRemaining(); next = onTheWay.take()) {
            TimeUnit.NANOSECONDS.sleep(next.due() - System.nanoTime());
            out.write(next.octets().array(), 0, next.octets().limit());
        }
        to.shutdownOutput();
    }
}
