package dev.ehlo.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** A client of the JDK's blocking sockets, independent of ours. */
final class LineClient implements AutoCloseable {
    /** What the system says of a connection that the other side has closed or reset. */
    static final String CLOSED = "(?is).*(reset|broken pipe|closed|terminated).*";

    private static final int PATIENCE_MILLIS = 40_000;

    private static final int SHOWN = 200;
    private static final int NARROW_OCTETS = 32 * 1024;

    /** Below TLS, where there is any. */
    private final SegmentSocket below;

    private Socket socket;
    private InputStream in;
    private String sent = "";

    private LineClient(SegmentSocket below) throws IOException {
        this.below = below;
        use(below);
    }

    static LineClient connect(InetSocketAddress server) throws IOException {
        return new LineClient(new SegmentSocket(server));
    }

    /** From that address of this host, as 127.0.0.2. */
    static LineClient connectFrom(String from, InetSocketAddress server) throws IOException {
        return new LineClient(new SegmentSocket(server, InetAddress.getByName(from)));
    }

    /** With a small receive buffer, so that what is not read soon stops the server. */
    static LineClient connectNarrow(InetSocketAddress server) throws IOException {
        return new LineClient(new SegmentSocket(server, NARROW_OCTETS));
    }

    static LineClient connectTls(InetSocketAddress server) throws IOException {
        LineClient client = connect(server);
        client.turnToTls();
        return client;
    }

    private void use(Socket other) throws IOException {
        socket = other;
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    void turnToTls() throws IOException {
        turnToTls(trusting());
    }

    void turnToTls(SSLContext context) throws IOException {
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, "localhost", 0, true);
        tls.startHandshake();
        use(tls);
    }

    /** What was agreed on; fails in clear. */
    SSLSession session() {
        return ((SSLSocket) socket).getSession();
    }

    LineClient send(String text) throws IOException {
        sent = text;
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** In one write: one segment, or one record as far as one can hold it. */
    LineClient send(byte[] octets) throws IOException {
        socket.getOutputStream().write(octets);
        return this;
    }

    /** From now on what is written at once, a record under TLS, goes out in these segments. */
    void segments(Function<byte[], List<byte[]>> cutting) {
        below.segments(cutting);
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** One reply, of as many lines as it has; empty at the end of input. */
    String reply() throws IOException {
        StringBuilder reply = new StringBuilder();
        while (true) {
            String line = line();
            reply.append(line);
            if (line.length() < 4 || line.charAt(3) != '-') {
                return reply.toString();
            }
            reply.append('\n');
        }
    }

    /** Whether octets have come that nobody has read. */
    boolean hasReply() throws IOException {
        return in.available() > 0 || below.getInputStream().available() > 0;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
            line.write(octet);
        }
        return line.toString(StandardCharsets.ISO_8859_1).replace("\r", "");
    }

    LineClient expect(String start) throws IOException {
        assertThat(reply())
                .as(() -> "to " + sent.substring(0, Math.min(sent.length(), SHOWN)))
                .startsWith(start);
        return this;
    }

    /** Each reply until the end, by FIN or by reset. */
    List<String> untilEnd() throws IOException {
        List<String> replies = new ArrayList<>();
        try {
            for (String reply = reply(); !reply.isEmpty(); reply = reply()) {
                replies.add(reply);
            }
        } catch (SocketException | SSLException e) {
            assertThat(e).hasMessageMatching(CLOSED);
        }
        return replies;
    }

    /** The server has ended the connection; so does the client then, for whom the server lingers. */
    void expectEnd() throws IOException {
        assertThat(in.read()).isEqualTo(-1);
        socket.close();
    }

    /** Ends the connection with a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    static SSLContext trusting() {
        return trusting(new KeyManager[0]);
    }

    /** With keys to show where they are asked for. */
    static SSLContext trusting(KeyManager... keys) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    keys,
                    new TrustManager[] {
                        new X509TrustManager() {
                            @Override
                            public void checkClientTrusted(X509Certificate[] chain, String authType) {}

                            @Override
                            public void checkServerTrusted(X509Certificate[] chain, String authType) {}

                            @Override
                            public X509Certificate[] getAcceptedIssuers() {
                                return new X509Certificate[0];
                            }
                        }
                    },
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
