package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A connection brought to a state, with a peer of the JDK's blocking sockets, for {@link EndingsTest}. */
final class EndingScene implements AutoCloseable {
    private static final TlsContext SERVER = TlsContext.selfSigned("localhost");
    private static final TlsContext CLIENT = TlsContext.client(ClientTrust.insecure(), "localhost");

    /** More than a backlog of one takes. */
    private static final int CROWD = 16;

    final Handler handler = new Handler();
    final Socket peer;
    /** Octets that the connection has put. */
    long sent;

    private final EndingState state;
    private final @Nullable Listener listener;
    private final @Nullable ServerSocket server;
    private @Nullable SSLSocket tls;

    /** What it is told, in order. */
    static final class Handler extends Loopback.Recorder {
        final BlockingQueue<String> told = new LinkedBlockingQueue<>();

        final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();

        @Override
        public void accepted(Connection connection) {
            accepted.add(connection);
        }

        @Override
        public void opened(Connection connection) {
            told.add("opened");
            super.opened(connection);
        }

        @Override
        public void inputEnded(Connection connection) {
            told.add("input ended");
            super.inputEnded(connection);
        }

        @Override
        public void closed(Connection connection, CloseCause cause) {
            told.add("closed " + cause.kind());
            super.closed(connection, cause);
        }
    }

    EndingScene(Reactor reactor, EndingState state) throws Exception {
        this.state = state;
        TlsContext implicit = !state.isImplicitTls() ? null : state.isClient() ? CLIENT : SERVER;
        if (state.isClient()) {
            listener = null;
            server = new ServerSocket();
            server.bind(Loopback.anyPort(), 1);
            InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
            for (int i = 0; state == EndingState.CONNECTING && i < CROWD; i++) {
                reactor.connect(address, TimeUnit.DAYS.toNanos(1), implicit, new Loopback.Recorder());
            }
            reactor.connect(address, TimeUnit.DAYS.toNanos(1), implicit, handler);
            peer = state == EndingState.CONNECTING ? new Socket() : server.accept();
        } else {
            server = null;
            listener = reactor.listen(Loopback.anyPort(), 0, implicit, () -> handler);
            peer = Loopback.connect(listener);
        }
        if (state == EndingState.CONNECTING) {
            Loopback.wake(reactor);
        } else {
            peer.setSoTimeout((int) TimeUnit.SECONDS.toMillis(Loopback.SECONDS));
            arrive();
        }
    }

    private void arrive() throws Exception {
        if (!state.isClient()) {
            next(handler.accepted);
        }
        switch (state) {
            case HANDSHAKE_HALF_HELLO -> sendHello(true);
            case HANDSHAKE_ANSWERED -> {
                sendHello(false);
                peer.getInputStream().read();
            }
            case HANDSHAKE_STARTTLS -> {
                Connection connection = next(handler.opened);
                Loopback.run(connection, () -> connection.startTls(SERVER, handler));
            }
            case CLIENT_HANDSHAKE_SILENT -> peer.getInputStream().read();
            case CLIENT_HANDSHAKE_HALF_RECORD -> {
                peer.getInputStream().read();
                peer.getOutputStream().write(new byte[] {22, 3, 3, 0, 90, 2, 0});
            }
            case CONNECTING, HANDSHAKE_SILENT -> {}
            default -> arriveOpen();
        }
    }

    private void arriveOpen() throws Exception {
        if (state.isUnderTls()) {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new javax.net.ssl.TrustManager[] {new TrustsAll()}, null);
            SSLSocket layered =
                    (SSLSocket) context.getSocketFactory().createSocket(peer, "localhost", peer.getPort(), false);
            layered.setEnabledProtocols(new String[] {"TLSv1.3"}); // which has half-close
            layered.startHandshake();
            tls = layered;
        }
        Connection connection = next(handler.opened);
        handler.opened.add(connection);
        Loopback.run(connection, () -> {
            if (state.isPaused()) {
                connection.pauseReading();
            }
            while (state.isBlocked() && connection.unsent() < 2 * Connection.UNSENT_BOUND) {
                connection.output(Connection.BUFFER_OCTETS).put(new byte[Connection.BUFFER_OCTETS]);
                sent += Connection.BUFFER_OCTETS;
                connection.flush();
            }
            if (state.isFlushing() || state.isLingering()) {
                connection.close();
            }
        });
        if (state.isLingering()) {
            peerInput().read(); // the end
        }
    }

    private void sendHello(boolean half) throws IOException {
        SSLEngine engine = CLIENT.newEngine();
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        peer.getOutputStream().write(hello.array(), 0, half ? hello.position() / 2 : hello.position());
    }

    void resume() throws Exception {
        Connection connection = next(handler.opened);
        Loopback.run(connection, () -> {
            handler.told.add("resumed");
            connection.resumeReading();
        });
    }

    /** Whether all that was put comes to a peer that reads. */
    boolean isOutputComplete(String told) {
        return state.isBlocked() && told.endsWith("closed LOCAL");
    }

    SSLSocket tlsPeer() {
        return Objects.requireNonNull(tls);
    }

    InputStream peerInput() throws IOException {
        return tls == null ? peer.getInputStream() : tls.getInputStream();
    }

    /** Ports that this side listens on. */
    int listeners() {
        return listener == null ? 0 : 1;
    }

    @Override
    public void close() throws IOException {
        peer.close();
        if (server != null) {
            server.close();
        }
    }
}
