package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ehlo.smtp.server.sasl.ReferenceClient;
import dev.ehlo.smtp.server.session.Logins;
import dev.ehlo.smtp.server.session.MailRoom;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ClientCertificates;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Logins that are bound to TLS, or come with it, over the JDK's own sockets. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LoginsOverTlsTest {
    private static SmtpServer server;
    /** Of a client that shows her certificate. */
    private static SSLContext alice;

    @BeforeAll
    static void start(@TempDir Path directory) throws Exception {
        Path chain = directory.resolve("chain.pem");
        Path key = directory.resolve("key.pem");
        TestCertificate.selfSigned("localhost").writePem(chain, key);
        TlsContext tls = TlsContext.server()
                .certificate(chain, key)
                .clientCertificates(ClientCertificates.ASKED, ClientTrust.insecure())
                .build();
        server = TestServers.with(new MailRoom(), true)
                .tls(tls)
                .authenticator(Logins.ALL)
                .loginSecret(new byte[16])
                .listen(local(Profile.mx()))
                .listen(local(Profile.submission()))
                .listen(local(Profile.submissions()))
                .listen(local(Profile.submissions().named("unasked").clientCertificates(false)))
                .start();
        alice = showing(TestCertificate.selfSigned("alice"), directory);
    }

    private static SSLContext showing(TestCertificate certificate, Path directory) throws Exception {
        Path keyFile = directory.resolve("alice.key");
        certificate.writePem(directory.resolve("alice.pem"), keyFile);
        String base64 = Files.readString(keyFile).replaceAll("-----.*-----", "");
        PrivateKey key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("alice", key, new char[0], new X509Certificate[] {certificate.x509()});
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        return LineClient.trusting(keys.getKeyManagers());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static LineClient greeted(Entrance entrance) throws IOException {
        LineClient client = entrance.open(server);
        assertThat(client.send("EHLO client.example\r\n").reply()).contains(" SCRAM-SHA-256-PLUS ");
        return client;
    }

    private static String verdict(LineClient client, String mechanism, ReferenceClient alice) throws IOException {
        String challenge = client.send("AUTH " + mechanism + ' ' + base64(alice.first()) + "\r\n")
                .reply();
        if (!challenge.startsWith("334 ")) {
            return challenge;
        }
        String signature =
                client.send(base64(alice.last(text(challenge))) + "\r\n").reply();
        if (!signature.startsWith("334 ")) {
            return signature;
        }
        assertThat(text(signature)).isEqualTo(alice.signature());
        return client.send("\r\n").reply();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(String challenge) {
        return new String(Base64.getDecoder().decode(challenge.substring(4)), StandardCharsets.UTF_8);
    }

    private static ReferenceClient bound(String type, byte[] data) {
        return new ReferenceClient("SHA-256", "alice", "secret", "client", "p=" + type + ",,", data);
    }

    private static byte[] endPoint(LineClient client) throws Exception {
        return MessageDigest.getInstance("SHA-256")
                .digest(client.session().getPeerCertificates()[0].getEncoded());
    }

    @ParameterizedTest
    @EnumSource(names = {"SUBMISSION", "SUBMISSIONS"})
    void bindsToTheCertificateOfTheServer(Entrance entrance) throws Exception {
        // The second one resumes the session of the first, if the JVM does.
        for (int i = 0; i < 2; i++) {
            try (LineClient client = greeted(entrance)) {
                byte[] other = endPoint(client);
                other[0]++;
                assertThat(verdict(client, "SCRAM-SHA-256-PLUS", bound("tls-server-end-point", other)))
                        .startsWith("535 5.7.8 ");
                assertThat(verdict(client, "SCRAM-SHA-256-PLUS", bound("tls-server-end-point", endPoint(client))))
                        .startsWith("235 ");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SUBMISSION", "SUBMISSIONS"})
    void bindsToTheConnectionWhereTheJvmExportsKeys(Entrance entrance) throws Exception {
        assumeTrue(Runtime.version().feature() >= 25, "no keying material is exported");
        try (LineClient client = greeted(entrance);
                LineClient other = greeted(entrance)) {
            assertThat(verdict(client, "SCRAM-SHA-256-PLUS", bound("tls-exporter", exported(other))))
                    .startsWith("535 ");
            assertThat(verdict(client, "SCRAM-SHA-256-PLUS", bound("tls-exporter", exported(client))))
                    .startsWith("235 ");
        }
    }

    private static byte[] exported(LineClient client) throws Exception {
        return (byte[]) ExtendedSSLSession.class
                .getMethod("exportKeyingMaterialData", String.class, byte[].class, int.class)
                .invoke(client.session(), "EXPORTER-Channel-Binding", new byte[0], 32);
    }

    @ParameterizedTest
    @EnumSource(names = {"SUBMISSION", "SUBMISSIONS"})
    void g30NoticesThatBindingWasTakenAway(Entrance entrance) throws Exception {
        try (LineClient client = greeted(entrance)) {
            ReferenceClient fooled = new ReferenceClient("SHA-256", "alice", "secret", "client", "y,,", new byte[0]);
            assertThat(verdict(client, "SCRAM-SHA-256", fooled)).startsWith("535 5.7.8 ");
            ReferenceClient modest = new ReferenceClient("SHA-256", "alice", "secret", "client", "n,,", new byte[0]);
            assertThat(verdict(client, "SCRAM-SHA-256", modest)).startsWith("235 ");
        }
    }

    @Test
    void letsInByTheCertificateOfTheClientWhereItIsAskedFor() throws IOException {
        try (LineClient client = LineClient.connect(server.address("submissions"))) {
            client.turnToTls(alice);
            client.expect("220 ");
            assertThat(client.send("EHLO x.example\r\n").reply()).contains(" EXTERNAL ");
            client.send("AUTH EXTERNAL =\r\n").expect("235 ");
        }
        try (LineClient client = LineClient.connect(server.address("unasked"))) {
            client.turnToTls(alice);
            client.expect("220 ");
            assertThat(client.send("EHLO x.example\r\n").reply()).doesNotContain("EXTERNAL");
            client.send("AUTH EXTERNAL =\r\n").expect("504 5.5.4 ");
        }
        try (LineClient client = greeted(Entrance.SUBMISSIONS)) {
            client.send("AUTH EXTERNAL =\r\n").expect("504 5.5.4 ");
        }
    }

    @Test
    void asksForNoCertificateWhereNothingComesOfIt() throws IOException {
        try (LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("STARTTLS\r\n").expect("220 ");
            client.turnToTls(alice);
            client.send("EHLO x.example\r\n").expect("250-");
            assertThat(client.session().getLocalCertificates()).isNull();
        }
    }

    @Test
    void takesNoSecretThatCanBeGuessed() {
        assertThatThrownBy(() -> SmtpServer.builder().loginSecret(new byte[15]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
