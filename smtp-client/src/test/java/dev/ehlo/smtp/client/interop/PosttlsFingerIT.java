package dev.ehlo.smtp.client.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.TlsFacts;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Postfix says of hosts with TLSA records, by posttls-finger, beside what becomes of mail to them. RFC 7672. */
@Timeout(180)
class PosttlsFingerIT {
    private static final TestCertificate ROOT = TestCertificate.selfSigned("root.test");
    private static final TestCertificate CERTIFICATE = ROOT.issue("mx.good.test", "mx.issuer.test");
    private static final String OTHER = "3 1 1 " + "00".repeat(32);
    private static final List<String> HOSTS =
            List.of("good", "issuer", "issuer-of-other", "wrong", "none", "unusable", "bogus-tlsa", "unsigned-tlsa");

    @TempDir
    private static Path directory;

    private static String finger;
    private static SignedZones zones;
    private static ScriptedPeer peer;
    private static SmtpClient client;

    @BeforeAll
    static void start() throws Exception {
        finger = Peers.installed("/usr/sbin/posttls-finger");
        Peers.installed("/usr/bin/unshare");
        Peers.needRoot("posttls-finger with another resolver");
        peer = ScriptedPeer.builder().startTls(CERTIFICATE.serverContext()).start();
        StringBuilder top = new StringBuilder("ns A 127.0.0.1\n");
        for (String each : HOSTS) {
            top.append("%1$s MX 10 mx.%1$s\nmx.%1$s A 127.0.0.1\n".formatted(each));
        }
        top.append(tlsa(".mx.good", own(3, CERTIFICATE)))
                .append(tlsa(".mx.issuer", own(2, ROOT)))
                .append(tlsa(".mx.issuer-of-other", own(2, ROOT)))
                .append(tlsa(".mx.wrong", OTHER))
                .append(tlsa(".mx.unusable", "1 1 1 " + "00".repeat(32)));
        String address = "127.53." + ProcessHandle.current().pid() % 250 + ".53";
        zones = new SignedZones.Builder()
                .usualPortAt(address)
                .zone("insecure.test", SignedZones.Signed.NOT, "@ MX 10 mx\nmx A 127.0.0.1\n" + tlsa(".mx", OTHER))
                .zone("bogus.test", SignedZones.Signed.LONG_AGO, "@ MX 10 mx\nmx A 127.0.0.1\n")
                .zone("_tcp.mx.bogus-tlsa.test", SignedZones.Signed.LONG_AGO, both("_%d TLSA " + OTHER + "\n"))
                .zone("_tcp.mx.unsigned-tlsa.test", SignedZones.Signed.NOT, both("_%d TLSA " + OTHER + "\n"))
                .start(directory, top.toString());
        Files.writeString(directory.resolve("resolv.conf"), "nameserver " + address + "\noptions edns0 trust-ad\n");
        client = SmtpClient.builder().localName("us.test").build();
        MxResolver first = MxResolver.at(zones.resolver());
        await().atMost(Duration.ofSeconds(60))
                .until(() -> first.resolve("good.test").toCompletableFuture().get() instanceof MxAnswer.Hosts hosts
                        && hosts.isSecure());
    }

    @AfterAll
    static void stop() {
        if (client != null) {
            client.close();
        }
        if (zones != null) {
            zones.close();
        }
        if (peer != null) {
            peer.close();
        }
    }

    private static String own(int usage, TestCertificate certificate) throws Exception {
        byte[] key = certificate.x509().getPublicKey().getEncoded();
        return usage + " 1 1 "
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key));
    }

    /** Postfix asks for the records of the port that it goes to, and we, who go to others in tests alone, for those of 25. */
    private static String both(String text) {
        return text.formatted(25) + text.formatted(peer.port());
    }

    private static String tlsa(String host, String record) {
        return both("_%d._tcp" + host + " TLSA " + record + "\n");
    }

    private static String ours(String domain) throws Exception {
        RecipientOutcome outcome = client.toMx(MxResolver.at(zones.resolver()), peer.port())
                .deliver(
                        Envelope.from("a@us.test").to("b@" + domain),
                        MessageSource.of("Subject: hello\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII)))
                .get(90, TimeUnit.SECONDS)
                .outcomes()
                .get(0);
        if (outcome.status() != DeliveryStatus.RELAYED) {
            return "nothing";
        }
        RemoteHost remote = outcome.remote();
        boolean isVerified = remote != null
                && remote.protection().filter(TlsFacts::isVerified).isPresent();
        return isVerified ? "verified" : "anybody";
    }

    private static String theirs(String domain) throws Exception {
        Path said = Files.createTempFile(directory, "finger", ".log");
        Process process = new ProcessBuilder(
                        "/usr/bin/unshare",
                        "-m",
                        "sh",
                        "-c",
                        "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"",
                        directory.resolve("resolv.conf").toString(),
                        finger,
                        "-c",
                        "-l",
                        "dane",
                        "-L",
                        "summary,verbose",
                        "-o",
                        "dnssec_probe=",
                        domain + ":" + peer.port())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
        return Files.readString(said, StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @CsvSource({
        "good.test, verified, Verified TLS connection established",
        "issuer.test, verified, Verified TLS connection established",
        "issuer-of-other.test, nothing, num=62:hostname mismatch",
        "wrong.test, nothing, num=65:no matching DANE TLSA records",
        "none.test, anybody, Untrusted TLS connection established",
        "unusable.test, anybody, Untrusted TLS connection established",
        "insecure.test, anybody, Untrusted TLS connection established",
        "unsigned-tlsa.test, anybody, Untrusted TLS connection established",
        "bogus-tlsa.test, nothing, lookup error",
        "bogus.test, nothing, try again"
    })
    void bothJudgeAlike(String domain, String ours, String theirs) throws Exception {
        assertThat(ours(domain)).isEqualTo(ours);
        String said = theirs(domain);
        assertThat(said).contains(theirs);
        // With whoever answers, posttls-finger looks for a name that is trusted, which Postfix itself does not.
        assertThat(said.contains("DNSSEC-signed TLSA record: "))
                .as("it goes by records: " + said)
                .isEqualTo(ours.equals("verified") || theirs.startsWith("num="));
    }
}
