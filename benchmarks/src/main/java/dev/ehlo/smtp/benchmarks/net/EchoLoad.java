package dev.ehlo.smtp.benchmarks.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** Clients of an echo on one thread: each sends a request, waits for all of it to come back, and sends the next. */
final class EchoLoad {
    private final ByteBuffer out;
    private final ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024);
    private final int requestOctets;
    private long left;
    private int busy;

    private EchoLoad(int requestOctets, long requests) {
        this.requestOctets = requestOctets;
        this.left = requests;
        this.out = ByteBuffer.allocateDirect(requestOctets);
    }

    private static final class Client {
        int unsent;
        int awaited;
    }

    /** Runs that many requests over that many connections. */
    static void run(InetSocketAddress server, int connections, int requestOctets, long requests) throws IOException {
        EchoLoad load = new EchoLoad(requestOctets, requests);
        try (Selector selector = Selector.open()) {
            try {
                for (int i = 0; i < connections; i++) {
                    SocketChannel channel = SocketChannel.open(server);
                    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                    channel.configureBlocking(false);
                    load.next(channel.register(selector, SelectionKey.OP_READ, new Client()));
                }
                while (load.busy > 0) {
                    selector.select(load::served);
                }
            } finally {
                for (SelectionKey key : selector.keys()) {
                    key.channel().close();
                }
            }
        }
    }

    private void next(SelectionKey key) throws IOException {
        if (left > 0) {
            left--;
            busy++;
            Client client = (Client) key.attachment();
            client.unsent = requestOctets;
            client.awaited = requestOctets;
            send(key, client);
        }
    }

    private void send(SelectionKey key, Client client) throws IOException {
        out.limit(requestOctets).position(requestOctets - client.unsent);
        client.unsent -= ((SocketChannel) key.channel()).write(out);
        int interest = client.unsent > 0 ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ;
        if (key.interestOps() != interest) {
            key.interestOps(interest);
        }
    }

    private void served(SelectionKey key) {
        Client client = (Client) key.attachment();
        try {
            if (key.isWritable()) {
                send(key, client);
            }
            if (key.isReadable()) {
                int count = ((SocketChannel) key.channel()).read(in.clear());
                if (count < 0) {
                    throw new IOException("the server has closed");
                }
                client.awaited -= count;
                if (client.awaited == 0) {
                    busy--;
                    next(key);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("the load cannot go on", e);
        }
    }
}
