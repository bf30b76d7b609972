package dev.ehlo.smtp.client.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.TlsFacts;
import dev.ehlo.smtp.client.ConnectionReuse;
import dev.ehlo.smtp.client.Dnssec;
import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxResolver;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Mail by DANE, in zones that are signed, unsigned, and signed wrongly; once by the word of a resolver that validates,
 * and once validated here. RFC 7672 §2.
 */
@Timeout(180)
class DaneZoneIT {
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("nobody.example");
    private static final String OTHER = "3 1 1 " + "00".repeat(32);

    @TempDir
    private static Path directory;

    private static SignedZones zones;
    private static ScriptedPeer peer;
    private static SmtpClient client;
    private static Map<String, MxResolver> resolvers;

    @BeforeAll
    static void start() throws Exception {
        byte[] key = CERTIFICATE.x509().getPublicKey().getEncoded();
        String own = "3 1 1 "
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key));
        StringBuilder top = new StringBuilder("ns A 127.0.0.1\n");
        for (String each :
                List.of("good", "wrong", "none", "unusable", "unsigned-tlsa", "bogus-tlsa", "lame-tlsa", "short")) {
            top.append(each)
                    .append(" MX 10 mx.")
                    .append(each)
                    .append("\nmx.")
                    .append(each)
                    .append(" A 127.0.0.1\n");
        }
        top.append("_25._tcp.mx.good TLSA ")
                .append(own)
                .append("\n_25._tcp.mx.wrong TLSA ")
                .append(OTHER);
        top.append("\n_25._tcp.mx.unusable TLSA 1 1 1 ").append("00".repeat(32));
        top.append("\n_25._tcp.mx.short TLSA \\# 3 030101");
        top.append("\nalias CNAME good\nto-insecure MX 10 mx.insecure\n");
        top.append("by-alias MX 10 to.by-alias\nto.by-alias CNAME mx.good\n");
        top.append("half-alias MX 10 to.half-alias\nto.half-alias CNAME mx.insecure\n");
        top.append("_25._tcp.to.half-alias TLSA ").append(OTHER).append("\n");
        String insecure = "@ MX 10 mx\nmx A 127.0.0.1\n_25._tcp.mx TLSA " + OTHER + "\n";
        zones = new SignedZones.Builder()
                .zone("insecure.test", SignedZones.Signed.NOT, insecure)
                .zone("bogus.test", SignedZones.Signed.LONG_AGO, "@ MX 10 mx\nmx A 127.0.0.1\n")
                .zone("_tcp.mx.bogus-tlsa.test", SignedZones.Signed.LONG_AGO, "_25 TLSA " + own + "\n")
                .zone("_tcp.mx.unsigned-tlsa.test", SignedZones.Signed.NOT, "_25 TLSA " + OTHER + "\n")
                .zone("_tcp.mx.lame-tlsa.test", SignedZones.Signed.NOWHERE, "")
                .start(directory, top.toString());
        resolvers = Map.of(
                "trusted", MxResolver.at(zones.resolver()),
                "validated", MxResolver.at(zones.resolver(), Dnssec.validated(zones.anchors())),
                "none", MxResolver.at(zones.resolver(), Dnssec.none()));
        MxResolver first = MxResolver.at(zones.resolver());
        await().atMost(Duration.ofSeconds(60))
                .until(() -> first.resolve("good.test").toCompletableFuture().get() instanceof MxAnswer.Hosts hosts
                        && hosts.isSecure());
        peer = ScriptedPeer.builder().startTls(CERTIFICATE.serverContext()).start();
        client = SmtpClient.builder()
                .localName("us.test")
                .reuse(ConnectionReuse.none())
                .build();
    }

    @AfterAll
    static void stop() {
        if (client != null) {
            client.close();
            peer.close();
        }
        if (zones != null) {
            zones.close();
        }
    }

    private static RecipientOutcome deliver(String domain, String resolver) throws Exception {
        return client.toMx(resolvers.get(resolver), peer.port())
                .deliver(
                        Envelope.from("a@us.test").to("b@" + domain),
                        MessageSource.of("Subject: hello\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII)))
                .get(90, TimeUnit.SECONDS)
                .outcomes()
                .get(0);
    }

    /** What became of it: relayed by whom and how, or the reply. */
    private static String said(RecipientOutcome outcome) {
        RemoteHost remote = outcome.remote();
        String host = remote == null ? "" : remote.name();
        boolean isVerified = remote != null
                && remote.protection().filter(TlsFacts::isVerified).isPresent();
        return outcome.status() + " " + host + (isVerified ? " verified " : " ") + outcome.reply();
    }

    @ParameterizedTest
    @CsvSource({
        "good.test, RELAYED mx.good.test verified 250",
        "alias.test, RELAYED mx.good.test verified 250",
        "by-alias.test, RELAYED to.by-alias.test verified 250",
        "wrong.test, NOT_SENT mx.wrong.test 451 4.7.5 TLS to mx.wrong.test: the certificate is that of no TLSA record",
        "half-alias.test, NOT_SENT to.half-alias.test 451 4.7.5 TLS to to.half-alias.test: the certificate is that of no",
        "none.test, RELAYED mx.none.test 250",
        "unusable.test, RELAYED mx.unusable.test 250",
        "insecure.test, RELAYED mx.insecure.test 250",
        "to-insecure.test, RELAYED mx.insecure.test 250",
        "unsigned-tlsa.test, RELAYED mx.unsigned-tlsa.test 250",
        "bogus.test, NOT_SENT  451 4.4.3 the mail host of bogus.test can't be looked up",
        "bogus-tlsa.test, NOT_SENT mx.bogus-tlsa.test 451 4.7.5 the TLSA records of mx.bogus-tlsa.test can't be looked up",
        "short.test, NOT_SENT mx.short.test 451 4.7.5 the TLSA records of mx.short.test can't be looked up",
        "lame-tlsa.test, NOT_SENT mx.lame-tlsa.test 451 4.7.5 the TLSA records of mx.lame-tlsa.test can't be looked up"
    })
    void goesByWhatIsProven(String domain, String what) throws Exception {
        for (String resolver : List.of("trusted", "validated")) {
            assertThat(said(deliver(domain, resolver))).as(resolver).startsWith(what);
        }
    }

    @Test
    void withoutDnssecNothingIsProven() throws Exception {
        assertThat(said(deliver("wrong.test", "none"))).startsWith("RELAYED mx.wrong.test 250");
    }

    @Test
    void fromOtherKeysNothingIsValidated() throws Exception {
        Path keys = directory.resolve("other-keys");
        Files.writeString(keys, "test. IN DS 1 13 2 " + "00".repeat(32) + "\n");
        MxResolver resolver = MxResolver.at(zones.resolver(), Dnssec.validated(keys));
        assertThat(resolver.resolve("good.test").toCompletableFuture().get(60, TimeUnit.SECONDS))
                .isEqualTo(new MxAnswer.TemporaryFailure());
    }
}
