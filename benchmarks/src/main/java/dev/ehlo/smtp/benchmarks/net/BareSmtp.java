package dev.ehlo.smtp.benchmarks.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * The least that a server on this JVM can spend on a session of a client that waits for each reply: one selector, one
 * buffer for all, an answer by the first letter of what came, and for content a look at the last five octets. It knows no
 * line, no path, no order, no limit and no deadline, and takes a reply to be written at once. A floor to measure by, and
 * no server: it speaks with {@code smtp-source} and nobody else. {@code BareSmtp} prints its port and serves until it is
 * killed.
 */
public final class BareSmtp {
    /** As much as the reactor reads at once. */
    private static final int BUFFER_OCTETS = 34 * 1024;

    private static final int BACKLOG = 1024;
    private static final ByteBuffer GREETING = reply("220 localhost ESMTP\r\n");
    private static final ByteBuffer OK = reply("250 2.0.0 OK\r\n");
    private static final ByteBuffer START_CONTENT = reply("354 End data with <CR><LF>.<CR><LF>\r\n");
    private static final ByteBuffer BYE = reply("221 2.0.0 Bye\r\n");

    /** CRLF, a dot, CRLF: the last five octets of content, as the low ones of a number. */
    private static final long END_OF_DATA = 0x0D0A2E0D0AL;

    /** What the end of the DATA command is for a dot that comes first. */
    private static final long LINE_END = 0x0D0AL;

    private static final long FIVE_OCTETS = 0xFFFFFFFFFFL;

    private final Selector selector = Selector.open();
    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER_OCTETS);

    /** What is known of a connection: whether content comes, and how what came of it ends. */
    private static final class Peer {
        boolean sendsContent;
        long tail;
    }

    private BareSmtp() throws IOException {
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        listener.configureBlocking(false);
        listener.register(selector, SelectionKey.OP_ACCEPT);
    }

    /** Serves on a free port. */
    public static void main(String[] arguments) throws IOException {
        BareSmtp server = new BareSmtp();
        System.out.println(
                "ready: bare loop on 127.0.0.1:" + server.listener.socket().getLocalPort());
        while (true) {
            server.selector.select(server::serve);
        }
    }

    private void serve(SelectionKey key) {
        try {
            if (key.attachment() instanceof Peer peer) {
                receive((SocketChannel) key.channel(), peer);
            } else {
                accept();
            }
        } catch (IOException e) {
            throw new IllegalStateException("the load cannot go on", e);
        }
    }

    private void accept() throws IOException {
        for (SocketChannel channel = listener.accept(); channel != null; channel = listener.accept()) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(selector, SelectionKey.OP_READ, new Peer());
            send(channel, GREETING);
        }
    }

    private void receive(SocketChannel channel, Peer peer) throws IOException {
        int count = channel.read(in.clear());
        if (count < 0) {
            channel.close();
        } else if (peer.sendsContent) {
            peer.tail = tail(peer.tail, count);
            if (peer.tail == END_OF_DATA) {
                peer.sendsContent = false;
                send(channel, OK);
            }
        } else {
            switch (in.get(0)) {
                case 'D' -> {
                    peer.sendsContent = true;
                    peer.tail = LINE_END;
                    send(channel, START_CONTENT);
                }
                case 'Q' -> {
                    send(channel, BYE);
                    channel.close();
                }
                default -> send(channel, OK);
            }
        }
    }

    private long tail(long before, int count) {
        long tail = before;
        for (int i = Math.max(0, count - 5); i < count; i++) {
            tail = tail << 8 | in.get(i);
        }
        return tail & FIVE_OCTETS;
    }

    private static void send(SocketChannel channel, ByteBuffer reply) throws IOException {
        channel.write(reply.rewind());
        if (reply.hasRemaining()) {
            throw new IOException("the peer does not read");
        }
    }

    private static ByteBuffer reply(String text) {
        ByteBuffer octets = ByteBuffer.allocateDirect(text.length());
        return octets.put(text.getBytes(StandardCharsets.US_ASCII)).flip();
    }
}
