package dev.ehlo.smtp.mta.check;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.ehlo.smtp.mta.tls.AnyServer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;

/**
 * One connection to whoever is there, in clear or under TLS, for one command at a time. It ends by itself when its time
 * is up, however the peer spins it out. Used by one thread.
 */
final class Talk implements AutoCloseable {
    /** Octets of a line that are read; RFC 5321 §4.5.3.1.5 has 512, and some have more. */
    static final int MAX_LINE = 2_048;
    /** Lines of a reply that are read. */
    static final int MAX_LINES = 128;
    /** For how many answers a connection may last, each of which may take the whole time of one. */
    private static final int MAX_WAITS = 8;
    /** How long to look for what may have come while something else was tried. */
    private static final int LATE_MILLIS = 1_000;

    private final Socket below;
    private final Future<?> end;
    private final int millis;
    private Socket socket;
    private InputStream in;

    /** What the peer said to something; of code 0 if that is no reply. */
    record Answer(int code, List<String> lines) {
        /** In one line. */
        String text() {
            return String.join(" / ", lines);
        }
    }

    /** @throws IOException if no connection comes to stand */
    Talk(InetAddress address, int port, int millis, ScheduledExecutorService clock) throws IOException {
        this.millis = millis;
        below = new Socket();
        end = clock.schedule(this::close, (long) millis * MAX_WAITS, TimeUnit.MILLISECONDS);
        try {
            below.connect(new InetSocketAddress(address, port), millis);
            below.setSoTimeout(millis);
            below.setTcpNoDelay(true);
            in = new BufferedInputStream(below.getInputStream());
        } catch (IOException e) {
            close();
            throw e;
        }
        socket = below;
    }

    /** Makes the handshake, whoever is there. */
    SSLSocket turnToTls(String host) throws IOException {
        SSLSocket tls = AnyServer.over(AnyServer.context(), below, host);
        tls.startHandshake();
        socket = tls;
        in = new BufferedInputStream(tls.getInputStream());
        return tls;
    }

    /** This side's address, as EHLO says it. RFC 5321 §4.1.3. */
    String ownName() {
        String address = below.getLocalAddress().getHostAddress();
        int zone = address.indexOf('%');
        String bare = zone < 0 ? address : address.substring(0, zone);
        return '[' + (bare.indexOf(':') < 0 ? "" : "IPv6:") + bare + ']';
    }

    /** Sends a command, and reads the answer. */
    Answer ask(String command) throws IOException {
        socket.getOutputStream().write((command + "\r\n").getBytes(ISO_8859_1));
        return answer();
    }

    /** Takes back what was asked about a recipient; so does the end of the connection, if it comes before. */
    void takeBack() {
        try {
            ask("RSET");
        } catch (IOException e) {
            return; // what was to be known is
        }
    }

    /** Without a wait for the answer. */
    void leave() {
        try {
            socket.getOutputStream().write("QUIT\r\n".getBytes(ISO_8859_1));
        } catch (IOException e) {
            return; // gone before us
        }
    }

    /**
     * What comes next.
     *
     * @throws SocketTimeoutException if nothing does
     * @throws EOFException if the end does
     */
    Answer answer() throws IOException {
        List<String> lines = new ArrayList<>();
        while (lines.size() < MAX_LINES) {
            String line = line();
            lines.add(line);
            if (!line.matches("(?s)[2-5][0-9]{2}([ -].*)?")) {
                return new Answer(0, List.of(line));
            }
            if (line.length() == 3 || line.charAt(3) == ' ') {
                return new Answer(Integer.parseInt(line, 0, 3, 10), lines);
            }
        }
        return new Answer(0, lines.subList(0, 1));
    }

    /** What has come by now, after a wait in vain. */
    Answer late() throws IOException {
        below.setSoTimeout(LATE_MILLIS);
        try {
            return answer();
        } finally {
            below.setSoTimeout(millis);
        }
    }

    /** Of one that has no end, what there is of it. */
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            int octet = in.read();
            while (octet >= 0 && octet != '\n' && line.size() < MAX_LINE) {
                line.write(octet);
                octet = in.read();
            }
            if (octet < 0 && line.size() == 0) {
                throw new EOFException("the connection was closed");
            }
        } catch (SocketTimeoutException e) {
            if (line.size() == 0) {
                throw e;
            }
        }
        String text = line.toString(ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /** Below TLS, which would wait to say goodbye. */
    @Override
    public void close() {
        end.cancel(false);
        try {
            below.close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket that can't be closed", e);
        }
    }
}
