package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.TlsFacts;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ClientTrust;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/** What TLSA records make of a delivery by MX, where a resolver says what is proven. RFC 7672 §2.2. */
@Timeout(60)
class DaneTest {
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("nobody.example");
    private static final TestCertificate EXPIRED = TestCertificate.expired("nobody.example");
    private static final String TLSA = "_25._tcp.mx.example.net";
    private static final Envelope ENVELOPE = Envelope.from("a@example.org").to("b@example.com");

    private final Queue<TlsResult> told = new ConcurrentLinkedQueue<>();
    private DnsServer dns;
    private SmtpClient client;

    @BeforeEach
    void start() throws Exception {
        dns = new DnsServer();
        client = client(SmtpClient.builder().reuse(ConnectionReuse.none()).tlsEvents(told::add));
        dns.record("example.com", "MX", "10 mx.example.net.")
                .record("mx.example.net", "A", "127.0.0.1")
                .proven("example.com", "mx.example.net", TLSA);
    }

    @AfterEach
    void stop() {
        client.close();
        dns.close();
    }

    private static SmtpClient client(SmtpClient.Builder builder) {
        return builder.localName("us.example").build();
    }

    private static String own(TestCertificate certificate) throws Exception {
        byte[] key = certificate.x509().getPublicKey().getEncoded();
        return "3 1 1 "
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(key));
    }

    private static ScriptedPeer.Builder tls(TestCertificate certificate) {
        return ScriptedPeer.builder().startTls(certificate.serverContext());
    }

    private RecipientOutcome deliver(ScriptedPeer peer) throws Exception {
        return deliver(client.toMx(MxResolver.at(dns.address()), peer.port()), ENVELOPE);
    }

    private static RecipientOutcome deliver(DeliveryAgent agent, Envelope envelope) throws Exception {
        byte[] content = Plans.CONTENT.getBytes(StandardCharsets.US_ASCII);
        return agent.deliver(envelope, MessageSource.of(content))
                .get(30, TimeUnit.SECONDS)
                .outcomes()
                .get(0);
    }

    private static void assertRelayed(RecipientOutcome outcome, boolean isVerified) {
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(RELAYED);
        RemoteHost remote = outcome.remote();
        assertThat(remote).isNotNull();
        assertThat(remote.protection().map(TlsFacts::isVerified)).contains(isVerified);
    }

    private static void assertInClear(RecipientOutcome outcome) {
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(RELAYED);
        RemoteHost remote = outcome.remote();
        assertThat(remote).isNotNull();
        assertThat(remote.protection()).isEmpty();
    }

    private static void assertNotSent(RecipientOutcome outcome, ScriptedPeer peer, String reply) {
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(NOT_SENT);
        assertThat(outcome.reply().toString()).startsWith(reply);
        assertThat(peer.commands()).noneMatch(c -> c.startsWith("MAIL"));
        assertThat(peer.messages()).isEmpty();
    }

    private List<String> askedForTlsa() {
        return dns.questions().stream().filter(q -> q.endsWith(" TLSA")).toList();
    }

    @Test
    void aHostIsKnownByItsOwnCertificateWhateverItsNamesAndDates() throws Exception {
        for (TestCertificate each : List.of(CERTIFICATE, EXPIRED)) {
            dns.without(TLSA).record(TLSA, 0, "TLSA", own(each));
            try (ScriptedPeer peer = tls(each).start()) {
                assertRelayed(deliver(peer), true);
            }
        }
    }

    @Test
    void nothingGoesToAHostWithAnotherCertificate() throws Exception {
        dns.record(TLSA, "TLSA", own(EXPIRED));
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            assertNotSent(
                    deliver(peer), peer, "451 4.7.5 TLS to mx.example.net: the certificate is that of no TLSA record");
        }
    }

    @Test
    void nothingGoesInClearToAHostWithRecords() throws Exception {
        dns.record(TLSA, "TLSA", own(CERTIFICATE));
        try (ScriptedPeer none = ScriptedPeer.builder().start();
                ScriptedPeer stripped = tls(CERTIFICATE)
                        .fault("STARTTLS", Fault.reply(dev.ehlo.smtp.Reply.of(454, "later")))
                        .start()) {
            assertNotSent(deliver(none), none, "451 4.7.4 mx.example.net does not offer STARTTLS");
            assertThat(deliver(stripped).status()).isNotEqualTo(RELAYED);
            assertThat(stripped.messages()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0 1 1 0000000000000000000000000000000000000000000000000000000000000000",
                "1 1 1 0000000000000000000000000000000000000000000000000000000000000000",
                "3 1 1 00",
                "3 7 1 0000000000000000000000000000000000000000000000000000000000000000",
                "3 1 9 0000000000000000000000000000000000000000000000000000000000000000",
                "255 255 255 00"
            })
    void recordsOfWhichNoneIsUsableAskForTlsWithWhoeverAnswers(String record) throws Exception {
        dns.record(TLSA, "TLSA", record);
        try (ScriptedPeer peer = tls(CERTIFICATE).start();
                ScriptedPeer none = ScriptedPeer.builder().start()) {
            assertRelayed(deliver(peer), false);
            assertNotSent(deliver(none), none, "451 4.7.4 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "03", "0301", "030101"})
    void aRecordThatIsCutOffIsNotTakenForNone(String octets) throws Exception {
        dns.record(new RawRecord(TLSA, Type.TLSA, HexFormat.of().parseHex(octets)));
        try (ScriptedPeer peer = ScriptedPeer.builder().start()) {
            assertNotSent(deliver(peer), peer, "451 4.7.5 the TLSA records of mx.example.net can't be looked up");
        }
    }

    @Test
    void withoutRecordsTlsIsOpportunistic() throws Exception {
        try (ScriptedPeer peer = tls(CERTIFICATE).start();
                ScriptedPeer none = ScriptedPeer.builder().start()) {
            assertRelayed(deliver(peer), false);
            assertInClear(deliver(none));
            assertThat(askedForTlsa()).isNotEmpty();
        }
    }

    @Test
    void aLookUpOfRecordsThatFailsIsNotTakenForNone() throws Exception {
        dns.fail(TLSA, Rcode.SERVFAIL);
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            assertNotSent(deliver(peer), peer, "451 4.7.5 the TLSA records of mx.example.net can't be looked up");
            assertThat(peer.sessions()).isEmpty();
            dns.record("example.com", "MX", "20 other.example.net.")
                    .record("other.example.net", "A", "127.0.0.1")
                    .proven("other.example.net");
            assertThat(deliver(client.toMx(MxResolver.at(dns.address()), peer.port()), ENVELOPE)
                            .host())
                    .as("the next host")
                    .contains("other.example.net");
        }
    }

    @Test
    void whereTheMxIsNotProvenNobodyIsAskedForRecords() throws Exception {
        dns.record("example.edu", "MX", "10 mx.example.net.").fail(TLSA, Rcode.SERVFAIL);
        try (ScriptedPeer peer = ScriptedPeer.builder().start()) {
            Envelope envelope = Envelope.from("a@example.org").to("b@example.edu");
            assertInClear(deliver(client.toMx(MxResolver.at(dns.address()), peer.port()), envelope));
            assertThat(askedForTlsa()).isEmpty();
        }
    }

    @Test
    void whereTheAddressIsNotProvenNobodyIsAskedForRecords() throws Exception {
        dns.record("example.com", "MX", "5 mx.example.edu.")
                .record("mx.example.edu", "A", "127.0.0.1")
                .fail("_25._tcp.mx.example.edu", Rcode.SERVFAIL);
        try (ScriptedPeer peer = ScriptedPeer.builder().start()) {
            assertInClear(deliver(peer));
            assertThat(askedForTlsa()).doesNotContain("_25._tcp.mx.example.edu. TLSA");
        }
    }

    @Test
    void recordsThatAreNotProvenAreNone() throws Exception {
        dns.record("example.com", "MX", "5 mx.example.edu.")
                .record("mx.example.edu", "A", "127.0.0.1")
                .proven("mx.example.edu")
                .record("_25._tcp.mx.example.edu", "TLSA", own(EXPIRED));
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            assertRelayed(deliver(peer), false);
            assertThat(askedForTlsa()).contains("_25._tcp.mx.example.edu. TLSA");
        }
    }

    @Test
    void aDomainWithoutMxIsAHostWithRecords() throws Exception {
        dns.record("host.example", "A", "127.0.0.1")
                .proven("host.example", "_25._tcp.host.example")
                .record("_25._tcp.host.example", "TLSA", own(EXPIRED));
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            Envelope envelope = Envelope.from("a@example.org").to("b@host.example");
            assertNotSent(
                    deliver(client.toMx(MxResolver.at(dns.address()), peer.port()), envelope), peer, "451 4.7.5 ");
        }
    }

    @Test
    void ofAnAliasTheNameThatItLeadsToIsAskedFirstAndThenTheAlias() throws Exception {
        dns.record("alias.example", "MX", "10 to.example.net.")
                .record("to.example.net", "CNAME", "mx.example.net.")
                .proven("alias.example", "to.example.net", "_25._tcp.to.example.net")
                .record("_25._tcp.to.example.net", "TLSA", own(EXPIRED));
        Envelope envelope = Envelope.from("a@example.org").to("b@alias.example");
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            assertNotSent(
                    deliver(client.toMx(MxResolver.at(dns.address()), peer.port()), envelope), peer, "451 4.7.5 ");
            assertThat(askedForTlsa()).containsExactly(TLSA + ". TLSA", "_25._tcp.to.example.net. TLSA");
            dns.record(TLSA, "TLSA", own(CERTIFICATE));
            assertRelayed(deliver(client.toMx(MxResolver.at(dns.address()), peer.port()), envelope), true);
        }
    }

    @Test
    void anAliasThatIsProvenHasRecordsEvenWhereWhatItLeadsToIsNot() throws Exception {
        dns.record("alias.example", "MX", "10 to.example.net.")
                .record("to.example.net", "CNAME", "mx.example.edu.")
                .record("mx.example.edu", "A", "127.0.0.1")
                .proven("alias.example", "to.example.net", "_25._tcp.to.example.net")
                .record("_25._tcp.to.example.net", "TLSA", own(EXPIRED));
        Envelope envelope = Envelope.from("a@example.org").to("b@alias.example");
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            assertNotSent(
                    deliver(client.toMx(MxResolver.at(dns.address()), peer.port()), envelope), peer, "451 4.7.5 ");
            assertThat(askedForTlsa()).containsExactly("_25._tcp.to.example.net. TLSA");
        }
    }

    @Test
    void nobodyIsBelievedWhoIsNotToBe() throws Exception {
        dns.record(TLSA, "TLSA", own(EXPIRED));
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            DeliveryAgent agent = client.toMx(MxResolver.at(dns.address(), Dnssec.none()), peer.port());
            assertRelayed(deliver(agent, ENVELOPE), false);
            assertThat(askedForTlsa()).isEmpty();
        }
    }

    @Test
    void domainsOfOneHostShareItsConnection() throws Exception {
        dns.record(TLSA, "TLSA", own(CERTIFICATE))
                .record(TLSA, "TLSA", own(EXPIRED))
                .record("example.edu", "MX", "10 mx.example.net.")
                .proven("example.edu");
        try (ScriptedPeer peer = tls(CERTIFICATE).start();
                SmtpClient keeping = client(SmtpClient.builder())) {
            DeliveryAgent agent = keeping.toMx(MxResolver.at(dns.address()), peer.port());
            assertRelayed(deliver(agent, ENVELOPE), true);
            assertRelayed(deliver(agent, Envelope.from("a@example.org").to("b@example.edu")), true);
            assertThat(peer.commands()).filteredOn(c -> c.equals("STARTTLS")).hasSize(1);
        }
    }

    @Test
    void aMessageThatRequiresTlsGoesToAHostWithRecordsOfAnyDomain() throws Exception {
        Envelope required = ENVELOPE.with(EsmtpParameter.requireTls());
        dns.record(TLSA, "TLSA", own(CERTIFICATE));
        try (ScriptedPeer peer = tls(CERTIFICATE).extensions("REQUIRETLS").start()) {
            DeliveryAgent agent = client.toMx(MxResolver.at(dns.address()), peer.port());
            assertRelayed(deliver(agent, required), true);
        }
    }

    @Test
    void aMessageThatRequiresTlsGoesToAProvenHostWithACertificateOfATrustedIssuer(@TempDir Path directory)
            throws Exception {
        Envelope required = ENVELOPE.with(EsmtpParameter.requireTls());
        TestCertificate named = TestCertificate.selfSigned("mx.example.net");
        named.writePem(directory.resolve("chain.pem"), directory.resolve("key.pem"));
        ClientTrust trust = ClientTrust.pem(directory.resolve("chain.pem"));
        dns.record(TLSA, "TLSA", "3 1 1 00");
        try (ScriptedPeer peer = tls(named).extensions("REQUIRETLS").start();
                ScriptedPeer stranger =
                        tls(CERTIFICATE).extensions("REQUIRETLS").start();
                SmtpClient trusting = client(SmtpClient.builder().trust(trust))) {
            MxResolver resolver = MxResolver.at(dns.address());
            assertRelayed(deliver(trusting.toMx(resolver, peer.port()), required), true);
            assertThat(deliver(trusting.toMx(resolver, stranger.port()), required)
                            .status())
                    .isNotEqualTo(RELAYED);
            assertThat(stranger.messages()).isEmpty();
        }
    }

    @Test
    void whatCameOfTlsIsToldByTheRecords() throws Exception {
        dns.record(TLSA, 0, "TLSA", own(CERTIFICATE));
        try (ScriptedPeer good = tls(CERTIFICATE).start();
                ScriptedPeer wrong = tls(EXPIRED).start()) {
            assertRelayed(deliver(good), true);
            assertThat(deliver(wrong).status()).isEqualTo(NOT_SENT);
            dns.without(TLSA).fail(TLSA, Rcode.SERVFAIL);
            assertThat(deliver(good).status()).isEqualTo(NOT_SENT);
        }
        assertThat(told)
                .extracting(each -> each.policy().type().term() + " "
                        + each.policy().text().size() + " "
                        + each.failure().map(TlsFailure::term).orElse("-"))
                .containsExactly("tlsa 1 -", "tlsa 1 validation-failure", "tlsa 0 dnssec-invalid");
    }

    @Test
    void aMessageWhoseAuthorWouldRatherHaveItArriveGoesWhateverTheRecordsSay() throws Exception {
        dns.record(TLSA, 0, "TLSA", own(EXPIRED));
        byte[] content = ("TLS-Required: No\r\n" + Plans.CONTENT).getBytes(StandardCharsets.US_ASCII);
        try (ScriptedPeer peer = tls(CERTIFICATE).start()) {
            SmtpAgent agent = client.toMx(MxResolver.at(dns.address()), peer.port());
            assertRelayed(
                    agent.deliver(ENVELOPE, MessageSource.of(content))
                            .get(30, TimeUnit.SECONDS)
                            .outcomes()
                            .get(0),
                    false);
        }
    }
}
