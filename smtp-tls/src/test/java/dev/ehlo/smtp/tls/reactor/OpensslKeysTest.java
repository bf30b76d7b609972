package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.tls.ClientCertificates;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TestAuthority;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which certificate a client of OpenSSL is shown, and what comes of the one that it shows. */
@Timeout(120)
class OpensslKeysTest {
    @TempDir
    private Path directory;

    private TestAuthority authority;
    private Reactor reactor;

    @BeforeEach
    void start() throws Exception {
        Openssl.assumeInstalled();
        authority = new TestAuthority(directory, "root");
        reactor = Reactor.start("openssl-keys-test", 1);
    }

    @AfterEach
    void stop() throws Exception {
        if (reactor != null) {
            Loopback.awaitNoBufferLent(reactor);
            reactor.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2", "-tls1_3"})
    void isShownTheCertificateOfTheNameItAsksForAndOfTheKindItTakes(String protocol) throws Exception {
        Listener listener = listen(TlsContext.server()
                .certificate(chain("mx-ecdsa", "EC", "mx.example.org"), key)
                .certificate(chain("mx-rsa", "RSA", "mx.example.org"), key)
                .certificate(chain("wild", "EC", "*.example.net"), key)
                .build());
        String[][] cases = {
            {"mx-ecdsa"},
            {"mx-ecdsa", "-servername", "mx.example.org"},
            {"mx-ecdsa", "-servername", "MX.EXAMPLE.ORG"},
            {"mx-ecdsa", "-servername", "mx.example.org", "-sigalgs", "rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256"},
            {"mx-rsa", "-servername", "mx.example.org", "-sigalgs", "rsa_pss_rsae_sha256"},
            {"mx-rsa", "-sigalgs", "rsa_pss_rsae_sha256"},
            {"wild", "-servername", "a.example.net"},
            {"mx-ecdsa", "-servername", "a.b.example.net"},
            {"mx-ecdsa", "-servername", "example.net"},
            {"mx-ecdsa", "-servername", "unknown.example"},
        };
        for (String[] shown : cases) {
            List<String> options = new ArrayList<>(List.of(shown).subList(1, shown.length));
            options.add(protocol);
            if (shown.length == 1 || !shown[1].equals("-servername")) {
                options.add("-noservername");
            }
            assertThat(client(listener, options)).contains("220 hello").containsPattern("subject=CN ?= ?" + shown[0]);
        }
    }

    @Test
    void isShownTheNewCertificateAfterAReloadAndTheOldConnectionStands() throws Exception {
        Path chain = chain("old", "EC", "mx.example.org");
        Path ownKey = key;
        TlsContext server = TlsContext.pem(chain, ownKey);
        Loopback.Echo echo = new Loopback.Echo();
        Listener standing = reactor.listen(Loopback.anyPort(), 0, server, () -> echo);
        Loopback.Recorder before = new Loopback.Recorder();
        reactor.connect(
                standing.address(),
                Loopback.SECONDS * 1_000_000_000L,
                TlsContext.client(ClientTrust.insecure(), "mx.example.org"),
                before);
        Connection connection = next(before.opened);

        TestAuthority.Issued renewed = authority.issue("new", "EC", "mx.example.org");
        Files.move(renewed.chainFile(), chain, StandardCopyOption.REPLACE_EXISTING);
        Files.move(renewed.keyFile(), ownKey, StandardCopyOption.REPLACE_EXISTING);
        server.reload();
        assertThat(client(listen(server), List.of())).containsPattern("subject=CN ?= ?new");
        Loopback.run(connection, () -> {
            connection.output(1).put((byte) 'a');
            connection.flush();
        });
        assertThat(next(before.events)).isEqualTo("a");
        Loopback.run(connection, connection::close);
        next(echo.closed);
    }

    @ParameterizedTest
    @CsvSource({"-tls1_2, ASKED", "-tls1_3, ASKED", "-tls1_2, REQUIRED", "-tls1_3, REQUIRED"})
    void isAskedForACertificate(String protocol, ClientCertificates asked) throws Exception {
        TlsContext server = TlsContext.server()
                .certificate(chain("mx", "EC", "mx.example.org"), key)
                .clientCertificates(asked, ClientTrust.pem(authority.rootFile()))
                .build();
        Loopback.Recorder handler = greeting();
        Listener listener = reactor.listen(Loopback.anyPort(), 0, server, () -> handler);
        TestAuthority.Issued trusted = authority.issue("client", "EC");
        TestAuthority.Issued stranger = new TestAuthority(directory, "nobody").issue("stranger", "EC");
        String kept = directory.resolve("session-" + protocol).toString();

        assertThat(client(listener, with(trusted, protocol))).contains("220 hello");
        assertThat(Loopback.session(handler).peerChain().get(0)).isEqualTo(trusted.certificate());
        List<String> shown = with(stranger, protocol);
        shown.addAll(List.of("-sess_out", kept));
        if (asked == ClientCertificates.REQUIRED) {
            assertThat(client(listener, shown)).doesNotContain("220 hello");
            assertThat(client(listener, List.of(protocol))).doesNotContain("220 hello");
            assertThat(handler.opened).isEmpty();
            return;
        }
        assertThat(client(listener, shown)).contains("220 hello");
        assertThat(Loopback.session(handler).peerChain()).isEmpty();
        assertThat(client(listener, List.of(protocol, "-sess_in", kept))).contains("220 hello");
        TlsSession again = Loopback.session(handler);
        assertThat(again.peerChain()).isEmpty();
        assertThat(again.resumed()).isEqualTo(protocol.equals("-tls1_3"));
        assertThat(client(listener, List.of(protocol))).contains("220 hello");
        assertThat(Loopback.session(handler).peerChain()).isEmpty();
    }

    @Test
    void isRefusedASecondHandshakeThatItBegins() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder();
        Listener listener = reactor.listen(
                Loopback.anyPort(), 0, TlsContext.pem(chain("mx", "EC", "mx.example.org"), key), () -> handler);
        Process process = new ProcessBuilder(command(listener, List.of("-tls1_2")))
                .redirectErrorStream(true)
                .start();
        try {
            next(handler.opened);
            process.getOutputStream().write("R\n".getBytes(US_ASCII));
            process.getOutputStream().flush();
            CloseCause cause = next(handler.closed);
            assertThat(cause.kind()).isEqualTo(CloseCause.Kind.LOST);
            assertThat(new String(process.getInputStream().readAllBytes(), US_ASCII))
                    .contains("RENEGOTIATING")
                    .contains("Compression: NONE");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private Path key;

    /** Makes a certificate; its key is in {@link #key} until the next is made. */
    private Path chain(String commonName, String algorithm, String... names) throws Exception {
        TestAuthority.Issued issued = authority.issue(commonName, algorithm, names);
        key = issued.keyFile();
        return issued.chainFile();
    }

    private static List<String> with(TestAuthority.Issued shown, String... options) throws IOException {
        List<String> all = new ArrayList<>(List.of(options));
        all.addAll(List.of(
                "-cert", shown.chainFile().toString(), "-key", shown.keyFile().toString()));
        return all;
    }

    private Listener listen(TlsContext server) throws IOException {
        return reactor.listen(Loopback.anyPort(), 0, server, OpensslKeysTest::greeting);
    }

    /** Answers the client's line and closes, so that tickets have gone before. */
    private static Loopback.Recorder greeting() {
        return new Loopback.Recorder() {
            @Override
            public void received(Connection connection, ByteBuffer in) {
                super.received(connection, in);
                connection.output(11).put("220 hello\r\n".getBytes(US_ASCII));
                connection.flush();
                connection.close();
            }
        };
    }

    private static List<String> command(Listener listener, List<String> options) {
        List<String> command = new ArrayList<>(List.of(
                "openssl",
                "s_client",
                "-connect",
                "127.0.0.1:" + listener.address().getPort()));
        command.addAll(options);
        return command;
    }

    private String client(Listener listener, List<String> options) throws Exception {
        List<String> command = command(listener, options);
        command.add("-ign_eof");
        return Openssl.said(directory, command);
    }
}
