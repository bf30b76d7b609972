package dev.ehlo.smtp.client.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.client.Dnssec;
import dev.ehlo.smtp.client.MxResolver;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.client.SrvResolver;
import dev.ehlo.smtp.client.SubmissionDiscovery;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Mail by the MX records of a zone that a name server we did not write answers for: what domains' owners write, and
 * what they write wrongly. Answers of more than a datagram come by TCP.
 */
@Timeout(120)
class MxZoneIT {
    @TempDir
    private static Path directory;

    private static NsdServer dns;
    private static String zone;
    private static ScriptedPeer peer;
    private static SmtpClient client;
    private static MxResolver resolver;

    @BeforeAll
    static void start() throws Exception {
        StringBuilder text = new StringBuilder(resource());
        for (int i = 0; i < 150; i++) {
            text.append("hundreds MX ").append(1000 - i).append(" m").append(i).append("\n");
        }
        text.append("_submissions._tcp.users SRV 10 0 465 a.equal\n");
        text.append("_submissions._tcp.users SRV 5 0 2465 mail.users\n_submission._tcp.users SRV 0 0 587 b.equal\n");
        text.append("_submissions._tcp.none SRV 0 0 0 .\n");
        zone = text.append("m149 A 127.0.0.1\nm148 A 127.0.0.1\n").toString();
        dns = new NsdServer(directory, zone);
        peer = ScriptedPeer.builder().extensions("PIPELINING", "SMTPUTF8").start();
        client = SmtpClient.builder()
                .localName("us.mx.test")
                .ownAddresses(Set.of(new InetSocketAddress("127.0.0.5", peer.port())))
                .random(new Random(1))
                .build();
        resolver = MxResolver.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), dns.port()));
    }

    private static String resource() throws IOException {
        try (InputStream in = MxZoneIT.class.getResourceAsStream("mx.zone")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @AfterAll
    static void stop() {
        if (client != null) {
            client.close();
            peer.close();
        }
        if (dns != null) {
            dns.close();
        }
    }

    @Test
    void findsWhereADomainTakesMailFromItsUsers() throws Exception {
        SubmissionDiscovery discovery = SubmissionDiscovery.by(
                SrvResolver.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), dns.port()), Dnssec.none()));
        assertThat(discovery.of("users.mx.test").toCompletableFuture().get(30, TimeUnit.SECONDS))
                .extracting(Smarthost::toString)
                .containsExactly(
                        "mail.users.mx.test:2465 IMPLICIT",
                        "a.equal.mx.test:465 IMPLICIT",
                        "b.equal.mx.test:587 STARTTLS");
        for (String domain : new String[] {"none.mx.test", "equal.mx.test", "nobody.mx.test"}) {
            assertThat(discovery.of(domain).toCompletableFuture().get(30, TimeUnit.SECONDS))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "order.mx.test, live.mx.test",
        "ORDER.mx.TEST, live.mx.test",
        "addresses.mx.test, many.addresses.mx.test",
        "null-and-more.mx.test, live.mx.test",
        "alias.mx.test, live.mx.test",
        "to-alias.mx.test, alias-of-live.mx.test",
        "only-a.mx.test, only-a.mx.test",
        "fa\u00df.mx.test, live.mx.test",
        "xn--fa-hia.mx.test, live.mx.test",
        "any.name.wild.mx.test, live.mx.test",
        "hundreds.mx.test, m149.mx.test",
        "missing-one.mx.test, live.mx.test",
        "broken-one.mx.test, live.mx.test",
        "literal-one.mx.test, live.mx.test",
        "self-worse.mx.test, live.mx.test",
        "[127.0.0.1], [127.0.0.1]"
    })
    void goesTo(String domain, String host) throws Exception {
        RecipientOutcome outcome = deliver(domain, peer.port());
        assertThat(outcome.status()).as(outcome.toString()).isEqualTo(DeliveryStatus.RELAYED);
        assertThat(outcome.host()).contains(host);
    }

    @ParameterizedTest
    @CsvSource({
        "null.mx.test, FAILED 556 5.1.10",
        "no-such-name.mx.test, FAILED 550 5.1.2",
        "to-nothing.mx.test, FAILED 550 5.1.2",
        "only-text.mx.test, FAILED 550 5.4.4",
        "missing.mx.test, FAILED 550 5.4.4",
        "text-target.mx.test, FAILED 550 5.4.4",
        "literal.mx.test, FAILED 550 5.4.4",
        "nowhere.mx.test, FAILED 550 5.4.4",
        "group.mx.test, FAILED 550 5.4.4",
        "self.mx.test, FAILED 554 5.4.6",
        "self-equal.mx.test, FAILED 554 5.4.6",
        "self-address.mx.test, FAILED 554 5.4.6",
        "self-implicit.mx.test, FAILED 554 5.4.6",
        "[127.0.0.5], FAILED 554 5.4.6",
        "us.mx.test, FAILED 554 5.4.6",
        "loop.mx.test, NOT_SENT 451 4.4.3",
        "to-loop.mx.test, NOT_SENT 451 4.4.3",
        "chain.mx.test, NOT_SENT 451 4.4.3",
        "broken.test, NOT_SENT 451 4.4.3",
        "broken-target.mx.test, NOT_SENT 451 4.4.3",
        "refused.test, NOT_SENT 451 4.4.3"
    })
    void goesNowhere(String domain, String why) throws Exception {
        RecipientOutcome outcome = deliver(domain, peer.port());
        assertThat(outcome.status() + " " + outcome.reply()).startsWith(why + " ");
        assertThat(outcome.remote()).isNull();
    }

    @ParameterizedTest
    @CsvSource({"only-a.mx.test, 550 5.4.4", "order.mx.test, 550 5.4.4", "[127.0.0.1], 550 5.1.2"})
    void doesNotGoToTheLoopbackAddressOnThePortOfTheWorld(String domain, String why) throws Exception {
        RecipientOutcome outcome = deliver(domain, SmtpClient.SMTP_PORT);
        assertThat(outcome.reply().toString()).startsWith(why + " ");
        assertThat(outcome.remote()).isNull();
    }

    @Test
    void triesAHostThatHasAnIpv6AddressAlone() throws Exception {
        RecipientOutcome outcome = deliver("only-aaaa.mx.test", peer.port());
        assertThat(outcome.status()).isEqualTo(DeliveryStatus.NOT_SENT);
        assertThat(outcome.phase()).isEqualTo(DeliveryPhase.CONNECT);
        byte[] loopback = new byte[16];
        loopback[15] = 1;
        assertThat(outcome.remote().at())
                .contains(new InetSocketAddress(InetAddress.getByAddress(loopback), peer.port()));
    }

    @Test
    void sharesBetweenHostsOfEqualPreference() throws Exception {
        Set<String> hosts = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            hosts.add(deliver("equal.mx.test", peer.port()).host().orElseThrow());
        }
        assertThat(hosts).containsExactlyInAnyOrder("a.equal.mx.test", "b.equal.mx.test", "c.equal.mx.test");
    }

    @Test
    void asksAgainWhenTheTimeOfAnAnswerIsOver() throws Exception {
        Path other = Files.createDirectory(directory.resolve("short"));
        String text = zone.replace("$TTL 60", "$TTL 1").replace("86400 30", "86400 1");
        try (NsdServer changing = new NsdServer(other, text)) {
            DeliveryAgent agent = client.toMx(
                    MxResolver.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), changing.port())),
                    peer.port());
            assertThat(deliver(agent, "new.mx.test").reply().toString()).startsWith("550 5.1.2 ");
            assertThat(deliver(agent, "null.mx.test").reply().toString()).startsWith("556 5.1.10 ");
            changing.change(
                    text.replace("root 1 3600", "root 2 3600").replace("MX    0 .", "MX 10 live") + "new MX 10 live\n");
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                assertThat(deliver(agent, "new.mx.test").status()).isEqualTo(DeliveryStatus.RELAYED);
                assertThat(deliver(agent, "null.mx.test").status()).isEqualTo(DeliveryStatus.RELAYED);
            });
        }
    }

    private static RecipientOutcome deliver(String domain, int port) throws Exception {
        return deliver(port == SmtpClient.SMTP_PORT ? client.toMx(resolver) : client.toMx(resolver, port), domain);
    }

    private static RecipientOutcome deliver(DeliveryAgent agent, String domain) throws Exception {
        return agent.deliver(
                        Envelope.from("a@example.org").to("b@" + domain),
                        MessageSource.of("Subject: hello\r\n\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII)))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS)
                .outcomes()
                .get(0);
    }
}
