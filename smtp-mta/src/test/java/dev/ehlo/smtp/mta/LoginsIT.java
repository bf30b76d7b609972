package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.mta.token.Issuer;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every client by every mechanism that it and the server have: with the password of an application, a token, a certificate. */
class LoginsIT {
    private static final String LOGIN = "alice";
    private static final Issuer ISSUER = new Issuer("key");

    @TempDir
    private static Path scratch;

    private static EhloProcess server;
    private static Users users;

    @BeforeAll
    static void start() throws Exception {
        Path data = scratch.resolve("data");
        Path jwks = Files.writeString(scratch.resolve("jwks.json"), Issuer.jwks(ISSUER));
        users = new Users(DataDirectory.at(data).users(), Set.of("localhost"), Clock.systemUTC());
        // The guard counts failures: who is to be refused is somebody else each time.
        for (String login : List.of(LOGIN, "bob", "carol", "dave")) {
            users.add(login, "secret");
            users.addApplication(login, "peer", "of the peer");
        }
        users.addCertificate(LOGIN, clientCertificate());
        server = EhloProcess.serve(
                data,
                "--client-certificates",
                "--token-jwks=" + jwks,
                "--token-issuer=" + Issuer.NAME,
                "--token-audience=" + Issuer.AUDIENCE);
    }

    /** By openssl: GnuTLS takes no key of an elliptic curve as the JDK writes it. */
    private static X509Certificate clientCertificate() throws Exception {
        Path certificate = scratch.resolve("client.pem");
        String openssl = Peers.installed("/usr/bin/openssl");
        String what =
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=client.example";
        List<String> command = new ArrayList<>(List.of(openssl));
        command.addAll(List.of(what.split(" ", -1)));
        command.addAll(List.of(
                "-out",
                certificate.toString(),
                "-keyout",
                scratch.resolve("client.key").toString()));
        EhloProcess.Result result = EhloProcess.exec(scratch, "", Map.of(), command);
        assertThat(result.exitCode()).as(result.all()).isZero();
        try (InputStream in = Files.newInputStream(certificate)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Arguments> peersAndMechanisms() {
        return Stream.of(LoginPeer.values())
                .flatMap(peer -> peer.mechanisms.stream().map(mechanism -> Arguments.of(peer, mechanism)));
    }

    @ParameterizedTest
    @MethodSource("peersAndMechanisms")
    void letsIn(LoginPeer peer, Mechanism mechanism) throws Exception {
        String secret = switch (mechanism) {
            case OAUTHBEARER, XOAUTH2 -> ISSUER.token(LOGIN, Instant.now());
            default -> "of the peer";
        };
        assertThat(login(peer, mechanism, LOGIN, secret)).as("refused").isEmpty();
    }

    @Test
    void refusesAPasswordOnceItIsRevoked() throws Exception {
        Mechanism scram = Mechanism.SCRAM_SHA_256;
        assertThat(login(LoginPeer.GSASL, scram, "bob", "of the peer")).isEmpty();
        users.removeApplication("bob", "peer");
        assertThat(login(LoginPeer.GSASL, scram, "bob", "of the peer")).isNotEmpty();
        assertThat(login(LoginPeer.EHLO, Mechanism.PLAIN, "bob", "of the peer").orElseThrow())
                .contains("535");
        assertThat(login(LoginPeer.GSASL, scram, "bob", "secret")).isEmpty();
    }

    @Test
    void refusesATokenThatIsOverOrAnothers() throws Exception {
        String over = ISSUER.token("carol", Instant.now().minus(Duration.ofHours(1)));
        String anothers = ISSUER.token(LOGIN, Instant.now());
        assertThat(login(LoginPeer.CURL, Mechanism.OAUTHBEARER, "carol", over)).isNotEmpty();
        assertThat(login(LoginPeer.ANGUS, Mechanism.XOAUTH2, "carol", over)).isNotEmpty();
        assertThat(login(LoginPeer.EHLO, Mechanism.OAUTHBEARER, "carol", anothers)
                        .orElseThrow())
                .contains("535");
    }

    /** A client that could bind, and is told that the server can't, is being deceived: the server can. RFC 5802 §6. */
    @Test
    void noticesThatTheBindingWasTakenOutOfTheOffer() throws Exception {
        assertThat(withBinding(Mechanism.SCRAM_SHA_256, "dave").exitCode()).isNotZero();
    }

    /** The one binding that gsasl has under TLS 1.3, which the JVM has to give: RFC 9266. */
    @Test
    void bindsByWhatTlsExports() throws Exception {
        assumeTrue(Runtime.version().feature() >= 25, "this JVM exports nothing");
        EhloProcess.Result result = withBinding(Mechanism.SCRAM_SHA_256_PLUS, LOGIN);
        assertThat(result.exitCode()).as(result.all()).isZero();
    }

    private static EhloProcess.Result withBinding(Mechanism mechanism, String login) throws Exception {
        List<String> command = new ArrayList<>(
                LoginPeer.GSASL.command(LoginPeer.Job.of(scratch, server, mechanism, login, "of the peer")));
        assertThat(command.remove("--no-cb")).isTrue();
        return EhloProcess.exec(scratch, "", Map.of(), command);
    }

    private static Optional<String> login(LoginPeer peer, Mechanism mechanism, String login, String secret)
            throws Exception {
        return peer.login(scratch, LoginPeer.Job.of(scratch, server, mechanism, login, secret));
    }
}
