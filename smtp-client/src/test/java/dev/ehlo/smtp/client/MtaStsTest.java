package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.TlsFacts;
import dev.ehlo.smtp.client.StsPolicy.Mode;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsaRecord;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a policy of MTA-STS makes of a delivery by MX. RFC 8461 §4, §5. */
@Timeout(60)
class MtaStsTest {
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("mx.example.net");
    private static final TestCertificate OTHER = TestCertificate.selfSigned("other.example.net");
    private static final Envelope ENVELOPE = Envelope.from("a@example.org").to("b@example.com");

    @TempDir
    private Path directory;

    private MtaSts policies = domain -> CompletableFuture.completedFuture(Optional.empty());
    private final List<MxHost> hosts = new ArrayList<>();
    private boolean isProven;
    private String content = Plans.CONTENT;
    private final Queue<TlsResult> told = new ConcurrentLinkedQueue<>();
    private TlsEvents listener = told::add;

    private static ScriptedPeer.Builder tls(TestCertificate certificate) {
        return ScriptedPeer.builder().startTls(certificate.serverContext()).extensions("REQUIRETLS");
    }

    private void policy(Mode mode, String... mx) {
        StsPolicy policy = new StsPolicy(mode, List.of(mx), Duration.ofDays(1));
        policies = domain -> CompletableFuture.completedFuture(
                domain.equals("example.com") ? Optional.of(policy) : Optional.empty());
    }

    private void host(String name, TlsaAnswer tlsa) {
        hosts.add(new MxHost(name, hosts.size(), List.of(InetAddress.getLoopbackAddress()), false, tlsa));
    }

    private RecipientOutcome deliver(ScriptedPeer peer, Envelope envelope) throws Exception {
        if (hosts.isEmpty()) {
            host("mx.example.net", new TlsaAnswer.None());
        }
        CERTIFICATE.writePem(directory.resolve("chain.pem"), directory.resolve("key.pem"));
        try (SmtpClient client = SmtpClient.builder()
                .reuse(ConnectionReuse.none())
                .localName("us.example")
                .trust(ClientTrust.pem(directory.resolve("chain.pem")))
                .mtaSts(policies)
                .tlsEvents(listener)
                .build()) {
            MxAnswer answer = new MxAnswer.Hosts(hosts, isProven);
            return client.toMx(domain -> CompletableFuture.completedFuture(answer), peer.port())
                    .deliver(envelope, MessageSource.of(content.getBytes(StandardCharsets.US_ASCII)))
                    .get(30, TimeUnit.SECONDS)
                    .outcomes()
                    .get(0);
        }
    }

    private static boolean isVerified(RecipientOutcome outcome) {
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(RELAYED);
        RemoteHost remote = outcome.remote();
        return remote != null
                && remote.protection().filter(TlsFacts::isVerified).isPresent();
    }

    private static void assertNotSent(RecipientOutcome outcome, ScriptedPeer peer, String reply) {
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(NOT_SENT);
        assertThat(outcome.reply().toString()).startsWith(reply);
        assertThat(peer.commands()).noneMatch(c -> c.startsWith("MAIL"));
    }

    @Test
    void mailGoesToAHostOfThePolicyWithACertificateForIt() throws Exception {
        policy(Mode.ENFORCE, "*.example.net");
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            assertThat(isVerified(deliver(peer, ENVELOPE))).isTrue();
        }
    }

    @Test
    void aHostThatThePolicyDoesNotNameGetsNothing() throws Exception {
        policy(Mode.ENFORCE, "mx.example.com", "*.mx.example.net", "*.net");
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            assertNotSent(
                    deliver(peer, ENVELOPE),
                    peer,
                    "451 4.7.5 TLS to mx.example.net: mx.example.net is no host of the MTA-STS policy");
        }
    }

    @Test
    void aHostWithoutACertificateForItGetsNothing() throws Exception {
        policy(Mode.ENFORCE, "*.example.net");
        try (ScriptedPeer peer = tls(OTHER).start();
                ScriptedPeer none = ScriptedPeer.builder().start()) {
            assertNotSent(deliver(peer, ENVELOPE), peer, "451 4.7.5 TLS to mx.example.net: ");
            assertNotSent(deliver(none, ENVELOPE), none, "451 4.7.4 mx.example.net does not offer STARTTLS");
        }
    }

    @Test
    void theNextHostIsTried() throws Exception {
        policy(Mode.ENFORCE, "mx.example.net");
        host("other.example.net", new TlsaAnswer.None());
        host("mx.example.net", new TlsaAnswer.None());
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            RecipientOutcome outcome = deliver(peer, ENVELOPE);
            assertThat(isVerified(outcome)).isTrue();
            assertThat(outcome.host()).contains("mx.example.net");
        }
    }

    @Test
    void aPolicyThatIsBeingTestedOrIsNoneHoldsNothingUp() throws Exception {
        for (Mode each : List.of(Mode.TESTING, Mode.NONE)) {
            policy(each, "mx.example.com");
            try (ScriptedPeer peer = ScriptedPeer.builder().start()) {
                assertThat(isVerified(deliver(peer, ENVELOPE))).isFalse();
            }
        }
    }

    @Test
    void anotherDomainsPolicyIsNobodyElses() throws Exception {
        policy(Mode.ENFORCE, "mx.example.com");
        try (ScriptedPeer peer = ScriptedPeer.builder().start()) {
            Envelope envelope = Envelope.from("a@example.org").to("b@example.edu");
            assertThat(isVerified(deliver(peer, envelope))).isFalse();
        }
    }

    @Test
    void policiesThatCannotBeHadAreNone() throws Exception {
        policies = domain -> CompletableFuture.failedFuture(new IllegalStateException("down"));
        try (ScriptedPeer peer = ScriptedPeer.builder().start()) {
            assertThat(deliver(peer, ENVELOPE).status()).isEqualTo(RELAYED);
            policies = domain -> {
                throw new IllegalStateException("down");
            };
            assertThat(deliver(peer, ENVELOPE).status()).isEqualTo(RELAYED);
        }
    }

    private static TlsaAnswer tlsa(byte[] key) {
        TlsaRecord record = TlsaRecord.of(TlsaRecord.DANE_EE, 1, 0, key);
        return new TlsaAnswer.Records("mx.example.net", List.of(record), List.of());
    }

    @Test
    void daneHasPrecedence() throws Exception {
        isProven = true;
        policy(Mode.ENFORCE, "mx.example.com");
        host("mx.example.net", tlsa(OTHER.x509().getPublicKey().getEncoded()));
        try (ScriptedPeer peer = tls(OTHER).start()) {
            assertThat(isVerified(deliver(peer, ENVELOPE)))
                    .as("where the policy would refuse")
                    .isTrue();
        }
        policy(Mode.ENFORCE, "mx.example.net");
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            assertNotSent(
                    deliver(peer, ENVELOPE), peer, "451 4.7.5 TLS to mx.example.net: the certificate is that of no");
        }
        hosts.clear();
        host("mx.example.net", new TlsaAnswer.Failed());
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            assertNotSent(deliver(peer, ENVELOPE), peer, "451 4.7.5 the TLSA records of mx.example.net can't be");
        }
    }

    @Test
    void whereNoRecordIsUsableThePolicyHolds() throws Exception {
        isProven = true;
        policy(Mode.ENFORCE, "mx.example.net");
        host("mx.example.net", tlsa(new byte[1]));
        try (ScriptedPeer peer = tls(CERTIFICATE).start();
                ScriptedPeer stranger = tls(OTHER).start()) {
            assertThat(isVerified(deliver(peer, ENVELOPE))).isTrue();
            assertNotSent(deliver(stranger, ENVELOPE), stranger, "451 4.7.5 ");
        }
    }

    @Test
    void aMessageThatRequiresTlsGoesToAHostOfThePolicy() throws Exception {
        Envelope required = ENVELOPE.with(EsmtpParameter.requireTls());
        try (ScriptedPeer peer = tls(CERTIFICATE).start();
                ScriptedPeer stranger = tls(OTHER).start()) {
            assertThat(deliver(peer, required).reply().toString())
                    .as("without one")
                    .startsWith("550 5.7.30 ");
            for (Mode each : List.of(Mode.ENFORCE, Mode.TESTING)) {
                policy(each, "mx.example.net");
                assertThat(isVerified(deliver(peer, required))).isTrue();
                assertThat(deliver(stranger, required).reply().toString()).startsWith("550 5.7.10 ");
            }
            policy(Mode.NONE, "mx.example.net");
            assertThat(deliver(peer, required).reply().toString()).startsWith("550 5.7.30 ");
        }
    }

    /** What was told: the failure, and the type, the hosts and the first line of the policy. */
    private List<String> told() {
        return told.stream()
                .map(each -> each.host() + " " + each.policy().domain() + " "
                        + each.policy().type().term() + " " + each.policy().hosts() + " "
                        + each.failure().map(TlsFailure::term).orElse("-"))
                .toList();
    }

    @Test
    void whatCameOfTlsIsToldByThePolicyOfTheDomain() throws Exception {
        try (ScriptedPeer good = tls(CERTIFICATE).start();
                ScriptedPeer wrong = tls(OTHER).start();
                ScriptedPeer none = ScriptedPeer.builder().start()) {
            policy(Mode.ENFORCE, "*.example.net");
            deliver(good, ENVELOPE);
            deliver(wrong, ENVELOPE);
            deliver(none, ENVELOPE);
            policy(Mode.ENFORCE, "mx.example.edu");
            deliver(good, ENVELOPE);
            assertThat(told())
                    .containsExactly(
                            "mx.example.net example.com sts [*.example.net] -",
                            "mx.example.net example.com sts [*.example.net] certificate-not-trusted",
                            "mx.example.net example.com sts [*.example.net] starttls-not-supported",
                            "mx.example.net example.com sts [mx.example.edu] validation-failure");
            assertThat(told)
                    .allMatch(each -> each.to().isPresent() && each.from().isPresent());
        }
    }

    @Test
    void ofAPolicyThatIsBeingTestedIsToldWhatItWouldHaveHeldUp() throws Exception {
        try (ScriptedPeer good = tls(CERTIFICATE).start();
                ScriptedPeer wrong = tls(OTHER).start();
                ScriptedPeer none = ScriptedPeer.builder().start()) {
            policy(Mode.TESTING, "*.example.net");
            for (ScriptedPeer each : List.of(good, wrong, none)) {
                assertThat(deliver(each, ENVELOPE).status()).isEqualTo(RELAYED);
            }
            policy(Mode.NONE, "*.example.net");
            assertThat(deliver(wrong, ENVELOPE).status()).isEqualTo(RELAYED);
            assertThat(told())
                    .containsExactly(
                            "mx.example.net example.com sts [*.example.net] -",
                            "mx.example.net example.com sts [*.example.net] certificate-not-trusted",
                            "mx.example.net example.com sts [*.example.net] starttls-not-supported",
                            "mx.example.net example.com no-policy-found [] -");
        }
    }

    @Test
    void aMessageWhoseAuthorWouldRatherHaveItArriveGoesInAnyCase() throws Exception {
        policy(Mode.ENFORCE, "mx.example.edu");
        content = "Tls-Required:\r\n no \r\n" + Plans.CONTENT;
        try (ScriptedPeer wrong = tls(OTHER).start();
                ScriptedPeer none = ScriptedPeer.builder().start()) {
            assertThat(isVerified(deliver(wrong, ENVELOPE))).isFalse();
            assertThat(isVerified(deliver(none, ENVELOPE))).isFalse();
            policies = domain -> CompletableFuture.completedFuture(Optional.empty());
            assertThat(isVerified(deliver(none, ENVELOPE))).isFalse();
            assertThat(told())
                    .as("whatever the domain wants, and if it is nothing")
                    .isEmpty();
        }
    }

    @Test
    void aListenerThatFailsHoldsUpNoMail() throws Exception {
        listener = result -> {
            told.add(result);
            throw new IllegalStateException("full");
        };
        policy(Mode.TESTING, "*.example.net");
        try (ScriptedPeer good = tls(CERTIFICATE).start();
                ScriptedPeer none = ScriptedPeer.builder().start()) {
            assertThat(deliver(good, ENVELOPE).status()).isEqualTo(RELAYED);
            assertThat(deliver(none, ENVELOPE).status()).isEqualTo(RELAYED);
            assertThat(told()).hasSize(2);
        }
    }

    @Test
    void ofRecordsThatTellNothingThePolicyIsTold() throws Exception {
        isProven = true;
        host("mx.example.net", tlsa(new byte[1]));
        try (ScriptedPeer peer = tls(CERTIFICATE).start();
                ScriptedPeer stranger = tls(OTHER).start()) {
            policy(Mode.ENFORCE, "mx.example.net");
            deliver(stranger, ENVELOPE);
            policy(Mode.TESTING, "mx.example.net");
            deliver(stranger, ENVELOPE);
            policies = domain -> CompletableFuture.completedFuture(Optional.empty());
            deliver(peer, ENVELOPE);
            assertThat(told())
                    .containsExactly(
                            "mx.example.net example.com sts [mx.example.net] certificate-not-trusted",
                            "mx.example.net example.com sts [mx.example.net] certificate-not-trusted",
                            "mx.example.net example.com tlsa [] -");
        }
    }

    @Test
    void requiretlsIsStrongerThanThat() throws Exception {
        policy(Mode.ENFORCE, "mx.example.edu");
        content = "TLS-Required: No\r\n" + Plans.CONTENT;
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            RecipientOutcome outcome = deliver(peer, ENVELOPE.with(EsmtpParameter.requireTls()));
            assertThat(outcome.status()).isNotEqualTo(RELAYED);
            assertThat(peer.messages()).isEmpty();
        }
    }

    @Test
    void toldAreConnectionsAndNotMessages() throws Exception {
        policy(Mode.ENFORCE, "*.example.net");
        host("mx.example.net", new TlsaAnswer.None());
        CERTIFICATE.writePem(directory.resolve("chain.pem"), directory.resolve("key.pem"));
        try (ScriptedPeer peer = tls(CERTIFICATE).start();
                SmtpClient client = SmtpClient.builder()
                        .localName("us.example")
                        .trust(ClientTrust.pem(directory.resolve("chain.pem")))
                        .mtaSts(policies)
                        .tlsEvents(told::add)
                        .build()) {
            SmtpAgent agent = client.toMx(
                    domain -> CompletableFuture.completedFuture(new MxAnswer.Hosts(hosts, false)), peer.port());
            for (int i = 0; i < 3; i++) {
                agent.deliver(ENVELOPE, MessageSource.of(content.getBytes(StandardCharsets.US_ASCII)))
                        .get(30, TimeUnit.SECONDS);
            }
            assertThat(told()).hasSize(1);
        }
    }
}
