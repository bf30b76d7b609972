package dev.ehlo.smtp.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A blocking socket, in clear or under TLS. Reads and writes from one thread; {@link #abort} from any. */
final class SocketWire implements Wire {
    private final Socket raw;
    private final Side us;
    private final @Nullable SSLContext tls;
    private final byte[] buffer = new byte[16_384];
    private volatile Socket socket;
    private boolean closed;

    SocketWire(Socket raw, Side us, @Nullable SSLContext tls, Duration patience) throws IOException {
        raw.setSoTimeout(Math.toIntExact(patience.toMillis()));
        raw.setTcpNoDelay(true);
        this.raw = raw;
        this.socket = raw;
        this.us = us;
        this.tls = tls;
    }

    static SocketWire connect(InetSocketAddress server, @Nullable SSLContext tls, Duration patience)
            throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(server, Math.toIntExact(patience.toMillis()));
            return new SocketWire(socket, Side.CLIENT, tls, patience);
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public void send(List<byte[]> parts) throws IOException {
        OutputStream out = socket.getOutputStream();
        for (byte[] part : parts) {
            out.write(part);
            out.flush();
        }
    }

    @Override
    public byte @Nullable [] receive() throws IOException {
        if (closed) {
            return null;
        }
        try {
            int count = socket.getInputStream().read(buffer);
            if (count >= 0) {
                return Arrays.copyOf(buffer, count);
            }
        } catch (SocketTimeoutException e) {
            throw new IOException("nothing more came within " + raw.getSoTimeout() + " ms", e);
        } catch (SocketException | EOFException e) {
            // A reset, or TLS cut short: for a script both are the end of the connection.
            closed = true;
            return null;
        }
        closed = true;
        return null;
    }

    @Override
    public byte @Nullable [] poll() throws IOException {
        return !closed && socket.getInputStream().available() > 0 ? receive() : null;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    /** Under TLS. */
    boolean isTls() {
        return socket instanceof SSLSocket;
    }

    @Override
    public void startTls() throws IOException {
        if (tls == null) {
            throw new IOException("no SSLContext was given for TLS");
        }
        InetSocketAddress remote = (InetSocketAddress) raw.getRemoteSocketAddress();
        SSLSocket secured =
                (SSLSocket) tls.getSocketFactory().createSocket(raw, remote.getHostString(), remote.getPort(), true);
        secured.setUseClientMode(us == Side.CLIENT);
        secured.startHandshake();
        socket = secured;
    }

    /** close_notify if under TLS, then FIN. */
    @Override
    public void close() throws IOException {
        if (socket instanceof SSLSocket secured && isSending()) {
            secured.shutdownOutput();
        }
        drop();
    }

    /** FIN without close_notify. */
    void drop() throws IOException {
        if (isSending()) {
            raw.shutdownOutput();
        }
    }

    private boolean isSending() {
        return !closed && !raw.isClosed() && !raw.isOutputShutdown();
    }

    /** RST. */
    void reset() throws IOException {
        raw.setSoLinger(true, 0);
        raw.close();
        closed = true;
    }

    /** Gives the socket back, whatever it is doing. */
    void abort() throws IOException {
        raw.close();
    }
}
