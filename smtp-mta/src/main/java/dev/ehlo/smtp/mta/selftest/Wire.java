package dev.ehlo.smtp.mta.selftest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.ehlo.smtp.mta.tls.AnyServer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** One connection of an attacker: sends octets as they are, and waits for replies so long. Used by one thread. */
final class Wire implements AutoCloseable {
    /** Longer than any server that is alive keeps one waiting, however busy the machine. */
    static final int PATIENCE_MILLIS = 15_000;

    /** Of one reply: one that does not end is none. */
    private static final int MOST_REPLY_OCTETS = 64 * 1024;
    /** A receive buffer that is soon full. */
    static final int NARROW_OCTETS = 32 * 1024;

    private static final SSLContext CONTEXT = AnyServer.context();

    private final CutSocket below;
    private Socket socket;
    private InputStream in;
    private String sent = "";

    Wire(InetSocketAddress server, InetAddress from, int receiveOctets) throws IOException {
        below = new CutSocket(server, from, receiveOctets);
        socket = below;
        in = new BufferedInputStream(below.getInputStream());
    }

    /** Below TLS, where there is any. */
    CutSocket below() {
        return below;
    }

    /** Under TLS. */
    SSLSocket tls() {
        return (SSLSocket) socket;
    }

    /** Turns to TLS, of that version if one is named, with these protocols offered by ALPN. */
    Wire turnToTls(String version, String... protocols) throws IOException {
        SSLSocket tls = AnyServer.over(CONTEXT, below, "localhost");
        if (!version.isEmpty()) {
            tls.setEnabledProtocols(new String[] {version});
        }
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        socket = tls;
        in = new BufferedInputStream(tls.getInputStream());
        return this;
    }

    Wire turnToTls() throws IOException {
        return turnToTls("");
    }

    /** In one write: one segment, or one record as far as one can hold it. */
    Wire send(String octets) throws IOException {
        sent = octets;
        socket.getOutputStream().write(octets.getBytes(ISO_8859_1));
        return this;
    }

    /** As {@link #send}, to a server that may have closed already, which the replies will tell. */
    Wire sendPerhaps(String octets) {
        try {
            return send(octets);
        } catch (IOException e) {
            return this;
        }
    }

    /** Below TLS. */
    void sendBelow(String octets) throws IOException {
        below.getOutputStream().write(octets.getBytes(ISO_8859_1));
    }

    /** From now on what is written at once, a record under TLS, goes out in these segments. */
    void cut(Function<byte[], List<byte[]>> cutting) {
        below.cut(cutting);
    }

    /** The peer has this long to say something, until it is set anew. */
    void patience(int millis) throws IOException {
        below.setSoTimeout(millis);
        if (socket != below) {
            socket.setSoTimeout(millis);
        }
    }

    /** One reply, of as many lines as it has, joined by line feeds; empty at the end of input. */
    String reply() throws IOException {
        StringBuilder reply = new StringBuilder();
        while (true) {
            String line = line();
            reply.append(line);
            if (line.length() < 4 || line.charAt(3) != '-') {
                return reply.toString();
            }
            if (reply.length() > MOST_REPLY_OCTETS) {
                throw new Broken("a reply without end");
            }
            reply.append('\n');
        }
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
                line.write(octet);
                if (line.size() > MOST_REPLY_OCTETS) {
                    throw new Broken("a line of a reply without end");
                }
            }
        } catch (SocketTimeoutException e) {
            throw new Broken("no answer within " + below.getSoTimeout() / 1000.0 + " s to " + Shown.text(sent));
        } catch (SocketException | SSLException e) {
            return line.toString(ISO_8859_1); // an end as good as any
        }
        String text = line.toString(ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /** A reply that begins with one of these. */
    Wire expect(String... starts) throws IOException {
        expected(starts);
        return this;
    }

    /** The reply, which begins with one of these. */
    String expected(String... starts) throws IOException {
        String reply = reply();
        for (String start : starts) {
            if (reply.startsWith(start)) {
                return reply;
            }
        }
        throw new Broken((reply.isEmpty() ? "closed" : Shown.text(reply)) + " to " + Shown.text(sent));
    }

    /** Each reply until the end, by FIN or by reset, which has to come. */
    List<String> untilEnd() throws IOException {
        List<String> replies = new ArrayList<>();
        for (String reply = reply(); !reply.isEmpty(); reply = reply()) {
            replies.add(reply);
        }
        return replies;
    }

    /** Each octet until the end, below TLS. */
    String rawUntilEnd() throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        byte[] octets = new byte[4096];
        try {
            for (int count = below.getInputStream().read(octets);
                    count >= 0 && said.size() < MOST_REPLY_OCTETS;
                    count = below.getInputStream().read(octets)) {
                said.write(octets, 0, count);
            }
        } catch (SocketTimeoutException e) {
            throw new Broken("still open after " + below.getSoTimeout() / 1000.0 + " s, behind " + Shown.text(sent));
        } catch (SocketException e) {
            return said.toString(ISO_8859_1); // an end as good as any
        }
        return said.toString(ISO_8859_1);
    }

    /** The connection is over, and nothing more was said. */
    void expectEnd() throws IOException {
        String more = reply();
        if (!more.isEmpty()) {
            throw new Broken("instead of the end: " + Shown.text(more));
        }
    }

    /** Whether there is no end yet, when as much time has gone by as the peer has; what it says meanwhile is dropped. */
    boolean isOpen() throws IOException {
        try {
            byte[] said = new byte[MOST_REPLY_OCTETS];
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(below.getSoTimeout());
            while (until - System.nanoTime() > 0) {
                if (in.read(said) < 0) {
                    return false;
                }
            }
            return true;
        } catch (SocketTimeoutException e) {
            return true;
        } catch (SocketException | SSLException e) {
            return false;
        }
    }

    /** Asked once, it answers once, and to what was asked. */
    Wire expectInStep() throws IOException {
        send("HELP\r\n").expect("214", "502", "500");
        return this;
    }

    @Override
    public void close() {
        try {
            // Below alone: TLS would wait to say goodbye.
            below.close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket that can't be closed", e);
        }
    }
}
