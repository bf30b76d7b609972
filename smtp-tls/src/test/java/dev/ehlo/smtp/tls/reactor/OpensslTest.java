package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An implementation of TLS that is not ours. Where it is not installed it is passed over, unless EHLO_PEERS=required,
 * as in CI.
 */
@Timeout(60)
class OpensslTest {
    @TempDir
    private Path directory;

    private Path chain;
    private Path key;
    private TlsContext server;
    private Reactor reactor;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        Openssl.assumeInstalled();
        chain = directory.resolve("chain.pem");
        key = directory.resolve("key.pem");
        TlsContext.writeSelfSigned(chain, key, List.of("localhost"));
        server = TlsContext.pem(chain, key);
        reactor = Reactor.start("openssl-test", 1);
    }

    @AfterEach
    void stop() {
        if (reactor != null) {
            reactor.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void isTakenByItsClientWithTheCertificateVerified(String protocol) throws Exception {
        Loopback.Recorder handler = greeting();
        Listener listener = reactor.listen(Loopback.anyPort(), 0, server, () -> handler);
        String said = client(listener, protocol, "-alpn", "smtp");
        assertThat(said).contains("220 hello").contains("Verification: OK").contains("ALPN protocol: smtp");
        assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void tellsThatItsClientResumesASession(String protocol) throws Exception {
        // It closes when it has seen the client's line, so that the ticket has surely gone before.
        Loopback.Recorder handler = new Loopback.Recorder() {
            @Override
            public void received(Connection connection, ByteBuffer in) {
                super.received(connection, in);
                say(connection, "220 hello\r\n");
                connection.close();
            }
        };
        Listener listener = reactor.listen(Loopback.anyPort(), 0, server, () -> handler);
        String kept = directory.resolve("session.pem").toString();
        assertThat(client(listener, protocol, "-sess_out", kept)).contains("New, TLSv1.");
        assertThat(client(listener, protocol, "-sess_in", kept)).contains("Reused, TLSv1.");
        assertThat(Loopback.session(handler).resumed()).isFalse();
        assertThat(Loopback.session(handler).resumed()).isTrue();
    }

    @Test
    void takesItsClientByStarttls() throws Exception {
        Loopback.Recorder handler = greeting();
        Loopback.Recorder clear = new Loopback.Recorder() {
            @Override
            public void opened(Connection connection) {
                say(connection, "220 clear\r\n");
            }

            @Override
            public void received(Connection connection, ByteBuffer in) {
                byte[] octets = new byte[in.remaining()];
                in.get(octets);
                String line = new String(octets, US_ASCII);
                if (line.startsWith("EHLO")) {
                    say(connection, "250-localhost\r\n250 STARTTLS\r\n");
                } else if (line.equals("STARTTLS\r\n")) {
                    say(connection, "220 go\r\n");
                    connection.startTls(server, handler);
                }
            }
        };
        Listener listener = reactor.listen(Loopback.anyPort(), 0, null, () -> clear);
        assertThat(client(listener, "-starttls", "smtp")).contains("220 hello").contains("Verification: OK");
        assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
    }

    @Test
    void refusesItsClientThatMeansAnotherProtocolOrOneOfThePast() throws Exception {
        for (String[] options : new String[][] {
            {"-alpn", "h2"}, {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"}, {"-tls1_2", "-cipher", "AES128-SHA"}
        }) {
            Loopback.Recorder handler = greeting();
            Listener listener = reactor.listen(Loopback.anyPort(), 0, server, () -> handler);
            assertThat(client(listener, options)).doesNotContain("220 hello");
            assertThat(next(handler.closed).kind()).isEqualTo(CloseCause.Kind.HANDSHAKE_FAILED);
        }
    }

    @Test
    void takesItsServer() throws Exception {
        Process process = new ProcessBuilder(
                        "openssl",
                        "s_server",
                        "-accept",
                        "127.0.0.1:0",
                        "-cert",
                        chain.toString(),
                        "-key",
                        key.toString(),
                        "-rev")
                .redirectErrorStream(true)
                .start();
        try {
            int port = port(process.getInputStream());
            Loopback.Recorder handler = new Loopback.Recorder() {
                @Override
                public void opened(Connection connection) {
                    say(connection, "hello\n");
                    super.opened(connection);
                }
            };
            reactor.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    TimeUnit.SECONDS.toNanos(10),
                    TlsContext.client(ClientTrust.pem(chain), "localhost"),
                    handler);
            assertThat(next(handler.events)).isEqualTo("olleh\n");
            Connection opened = next(handler.opened);
            assertThat(Loopback.on(opened.loop(), opened::tls).orElseThrow().protocol())
                    .isEqualTo("TLSv1.3");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private String client(Listener listener, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "openssl",
                "s_client",
                "-ign_eof",
                "-connect",
                "127.0.0.1:" + listener.address().getPort(),
                "-servername",
                "localhost",
                "-verify_hostname",
                "localhost",
                "-verify_return_error",
                "-CAfile",
                chain.toString()));
        command.addAll(List.of(options));
        return Openssl.said(directory, command);
    }

    private static Loopback.Recorder greeting() {
        return new Loopback.Recorder() {
            @Override
            public void opened(Connection connection) {
                say(connection, "220 hello\r\n");
                connection.close();
            }
        };
    }

    private static void say(Connection connection, String line) {
        connection.output(line.length()).put(line.getBytes(US_ASCII));
        connection.flush();
    }

    private static int port(InputStream said) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = said.read(); c >= 0; c = said.read()) {
            if (c != '\n') {
                line.append((char) c);
            } else if (line.indexOf("ACCEPT") >= 0) {
                return Integer.parseInt(line.substring(line.lastIndexOf(":") + 1));
            } else {
                line.setLength(0);
            }
        }
        throw new IOException("it said no port: " + line);
    }
}
