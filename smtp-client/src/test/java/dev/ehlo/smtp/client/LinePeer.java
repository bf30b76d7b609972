package dev.ehlo.smtp.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A {@link LineServer} for each connection, behind a socket under TLS 1.2 from the first octet; one after the other. */
final class LinePeer implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 40_000;

    private final SSLServerSocket listener;
    /** What the last connection that failed ended by, as one does that is given up. */
    volatile @Nullable IOException last;

    /** The certificates that clients have shown, and nothing for who showed none. */
    final BlockingQueue<Optional<X509Certificate>> shown = new LinkedBlockingQueue<>();

    LinePeer(SSLContext context, boolean asksForCertificate, Supplier<LineServer> servers) throws IOException {
        ServerSocket open = context.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress());
        listener = (SSLServerSocket) open;
        listener.setWantClientAuth(asksForCertificate);
        // Where every JVM has the same channel binding.
        listener.setEnabledProtocols(new String[] {"TLSv1.2"});
        Thread thread = new Thread(
                () -> {
                    while (!listener.isClosed()) {
                        serve(servers);
                    }
                },
                "line-peer");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    private void serve(Supplier<LineServer> servers) {
        try (Socket socket = listener.accept()) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            SSLSocket tls = (SSLSocket) socket;
            tls.startHandshake();
            shown.add(certificate(tls));
            converse(socket, servers.get());
        } catch (IOException e) {
            last = e;
        }
    }

    private static Optional<X509Certificate> certificate(SSLSocket tls) {
        try {
            return Optional.of((X509Certificate) tls.getSession().getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }

    private static void converse(Socket socket, LineServer server) throws IOException {
        say(socket, server.greet());
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[16 * 1024];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            say(socket, server.take(Arrays.copyOf(buffer, count)));
        }
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
