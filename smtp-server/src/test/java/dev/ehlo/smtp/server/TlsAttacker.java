package dev.ehlo.smtp.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A client under TLS of the JDK's, on a socket that stays at hand below it. */
final class TlsAttacker implements AutoCloseable {
    private final SSLSocket tls;

    private TlsAttacker(SSLSocket tls) {
        this.tls = tls;
    }

    /** By STARTTLS or at once, as the profile has it; what the handshake fails with is thrown. */
    static TlsAttacker to(SegmentSocket socket, String profile, String protocol, String... applicationProtocols)
            throws IOException {
        if (!profile.equals("submissions")) {
            startTls(socket);
        }
        TlsAttacker attacker = on(socket, protocol, applicationProtocols);
        attacker.tls.startHandshake();
        return attacker;
    }

    static TlsAttacker byStartTls(SegmentSocket socket, String protocol) throws IOException {
        return to(socket, "mx", protocol);
    }

    /** With the handshake to be made. */
    static TlsAttacker on(SegmentSocket socket, String protocol, String... applicationProtocols) throws IOException {
        SSLSocket tls =
                (SSLSocket) LineClient.trusting().getSocketFactory().createSocket(socket, "localhost", 25, false);
        tls.setEnabledProtocols(new String[] {protocol});
        SSLParameters parameters = tls.getSSLParameters();
        parameters.setApplicationProtocols(applicationProtocols);
        tls.setSSLParameters(parameters);
        return new TlsAttacker(tls);
    }

    /** Up to the reply. */
    static void startTls(SegmentSocket socket) throws IOException {
        assertThat(line(socket.getInputStream())).startsWith("220 ");
        socket.getOutputStream().write("STARTTLS\r\n".getBytes(ISO_8859_1));
        assertThat(line(socket.getInputStream())).startsWith("220 ");
    }

    SSLSocket tls() {
        return tls;
    }

    TlsAttacker send(String text) throws IOException {
        tls.getOutputStream().write(text.getBytes(ISO_8859_1));
        return this;
    }

    /** One reply, of as many lines as it has. */
    TlsAttacker expect(String start) throws IOException {
        String line = line(tls.getInputStream());
        assertThat(line).startsWith(start);
        while (line.length() > 3 && line.charAt(3) == '-') {
            line = line(tls.getInputStream());
        }
        return this;
    }

    /** What more is said under TLS until the end. */
    String untilEnd() throws IOException {
        return new String(tls.getInputStream().readAllBytes(), ISO_8859_1);
    }

    /** Octet by octet, so that nothing behind the line is taken. */
    static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int octet = in.read(); octet >= 0 && octet != '\n'; octet = in.read()) {
            line.write(octet);
        }
        return line.toString(ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        tls.close();
    }
}
