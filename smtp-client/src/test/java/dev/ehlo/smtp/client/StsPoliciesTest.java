package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.client.StsPolicy.Mode;
import dev.ehlo.smtp.testkit.TestCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Rcode;

/** Policies as they are found, kept and given up, with a server of policies and one of DNS. RFC 8461 §3.3, §5.1. */
@Timeout(120)
class StsPoliciesTest {
    private static final TestCertificate CERTIFICATE = TestCertificate.selfSigned("mta-sts.example.com");
    private static final String TXT = "_mta-sts.example.com";
    private static final String POLICY = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n";
    private static final StsPolicy ENFORCED =
            new StsPolicy(Mode.ENFORCE, List.of("mx.example.com"), Duration.ofDays(1));

    @TempDir
    private Path directory;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private DnsServer dns;
    private PolicyServer server;
    private final Queue<TlsResult> told = new ConcurrentLinkedQueue<>();
    private StsPolicies policies;

    @BeforeEach
    void start() throws Exception {
        dns = new DnsServer();
        server = new PolicyServer(CERTIFICATE);
        policies = policies(CERTIFICATE, StsFetcher.TIME);
        announce("1");
        server.say(200, "text/plain", POLICY);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        dns.close();
    }

    private List<String> failures() {
        return told.stream()
                .map(result -> result.policy().domain() + " "
                        + result.failure().orElseThrow().term())
                .toList();
    }

    private StsPolicies policies(TestCertificate trusted, Duration time) {
        StsFetcher fetcher = new StsFetcher(server.client(trusted), time);
        return new StsPolicies(
                DnsLookUps.at(dns.address(), Dnssec.none()),
                fetcher,
                directory.resolve("policies"),
                now::get,
                told::add);
    }

    private void announce(String id) {
        dns.without(TXT).record(TXT, 0, "TXT", "\"v=STSv1; id=" + id + ";\"");
    }

    private Optional<StsPolicy> policy() throws Exception {
        return policies.policy("Example.com").get(60, TimeUnit.SECONDS);
    }

    private long fetches() {
        return server.requests().stream().filter(r -> r.startsWith("GET")).count();
    }

    private void pass(Duration time) {
        now.updateAndGet(then -> then.plus(time));
    }

    @Test
    void fetchesAPolicyFromTheOneHostThatADomainCanHaveAndKeepsIt() throws Exception {
        assertThat(policy()).contains(ENFORCED);
        assertThat(policy()).contains(ENFORCED);
        assertThat(server.requests())
                .containsExactly("CONNECT mta-sts.example.com:443", "GET /.well-known/mta-sts.txt");
    }

    @Test
    void asksNobodyForAPolicyThatIsNotAnnounced() throws Exception {
        dns.without(TXT);
        assertThat(policy()).isEmpty();
        announce("1");
        dns.record(TXT, 0, "TXT", "\"v=STSv1; id=2;\"");
        assertThat(policy()).isEmpty();
        dns.fail(TXT, Rcode.SERVFAIL);
        assertThat(policy()).isEmpty();
        assertThat(server.requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "..", "../x", "a/b", "localhost:80", "a@b", "-a.example", "b\u00fccher.example:1", "a b"})
    void asksNobodyForWhatIsNoDomain(String domain) throws Exception {
        assertThat(policies.policy(domain).get(60, TimeUnit.SECONDS)).isEmpty();
        assertThat(dns.questions()).isEmpty();
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void takesNoAnswerThatIsNone() throws Exception {
        server.say(404, "text/plain", POLICY);
        assertThat(policy()).as("404").isEmpty();
        pass(StsPolicies.REST);
        server.say(200, "text/html", POLICY);
        assertThat(policy()).as("HTML").isEmpty();
        pass(StsPolicies.REST);
        server.say(200, "text/plain", POLICY + "x: " + "y".repeat(StsPolicy.MAX_OCTETS) + "\n");
        assertThat(policy()).as("oversized").isEmpty();
        pass(StsPolicies.REST);
        server.say(200, "text/plain", "version: STSv1\n");
        assertThat(policy()).as("no policy").isEmpty();
        pass(StsPolicies.REST);
        server.redirect("https://mta-sts.example.com/elsewhere");
        assertThat(policy()).as("redirect").isEmpty();
        assertThat(fetches()).as("not gone after").isEqualTo(5);
        assertThat(failures())
                .containsExactly(
                        "example.com sts-policy-fetch-error",
                        "example.com sts-policy-invalid",
                        "example.com sts-policy-fetch-error",
                        "example.com sts-policy-invalid",
                        "example.com sts-policy-fetch-error");
        pass(StsPolicies.REST);
        server.say(200, "Text/Plain; charset=utf-8", POLICY);
        assertThat(policy()).contains(ENFORCED);
    }

    @Test
    void takesNoPolicyFromAServerThatProvesNothing() throws Exception {
        policies = policies(TestCertificate.selfSigned("mta-sts.example.com"), StsFetcher.TIME);
        assertThat(policy()).as("of nobody known").isEmpty();
        TestCertificate other = TestCertificate.selfSigned("www.example.com");
        server.close();
        server = new PolicyServer(other);
        server.say(200, "text/plain", POLICY);
        policies = policies(other, StsFetcher.TIME);
        assertThat(policy()).as("for another name").isEmpty();
        TestCertificate root = TestCertificate.selfSigned("root.example");
        for (TestCertificate each :
                List.of(root.issueExpired("mta-sts.example.com"), root.issue("*.sts.example.com", "example.com"))) {
            server.close();
            server = new PolicyServer(each);
            server.say(200, "text/plain", POLICY);
            policies = policies(root, StsFetcher.TIME);
            assertThat(policy()).as(each.x509().toString()).isEmpty();
        }
        assertThat(fetches()).isZero();
        assertThat(failures()).containsOnly("example.com sts-webpki-invalid").hasSize(4);
        server.close();
        server = new PolicyServer(root.issue("mta-sts.example.com"));
        server.say(200, "text/plain", POLICY);
        policies = policies(root, StsFetcher.TIME);
        assertThat(policy()).contains(ENFORCED);
    }

    @Test
    void waitsForAServerNoLongerThanItsTime() throws Exception {
        server.stall();
        policies = policies(CERTIFICATE, Duration.ofSeconds(1));
        assertThat(policy()).isEmpty();
    }

    @Test
    void aPolicyThatIsKeptHoldsWhileNothingCanBeFetchedAndNoLongerThanItIsGood() throws Exception {
        assertThat(policy()).contains(ENFORCED);
        announce("2");
        server.say(500, "text/plain", "");
        assertThat(policy()).contains(ENFORCED);
        assertThat(policy()).contains(ENFORCED);
        assertThat(fetches()).as("and a rest after a failure").isEqualTo(2);
        pass(StsPolicies.REST);
        assertThat(policy()).contains(ENFORCED);
        assertThat(fetches()).isEqualTo(3);
        dns.fail(TXT, Rcode.SERVFAIL);
        assertThat(policy()).contains(ENFORCED);
        pass(Duration.ofDays(1));
        assertThat(policy()).isEmpty();
    }

    @Test
    void fetchesAgainWhatHasAnotherId() throws Exception {
        assertThat(policy()).contains(ENFORCED);
        announce("2");
        server.say(200, "text/plain", POLICY.replace("enforce", "none"));
        assertThat(policy().map(StsPolicy::mode)).contains(Mode.NONE);
        assertThat(policy().map(StsPolicy::mode)).contains(Mode.NONE);
        assertThat(fetches()).isEqualTo(2);
    }

    @Test
    void fetchesAgainBeforeItIsNotGoodAnyMoreAndNobodyWaitsForThat() throws Exception {
        assertThat(policy()).contains(ENFORCED);
        pass(Duration.ofHours(12));
        assertThat(policy()).contains(ENFORCED);
        await().atMost(Duration.ofSeconds(60)).until(() -> fetches() == 2);
        // Once it is kept, it is good for a day from then on.
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            Path file = directory.resolve("policies").resolve("example.com");
            return Files.readString(file).startsWith("1 " + now.get().getEpochSecond() + "\r\n");
        });
        pass(Duration.ofHours(23));
        dns.fail(TXT, Rcode.SERVFAIL);
        assertThat(policy()).contains(ENFORCED);
    }

    @Test
    void aPolicyOutlivesTheProcess() throws Exception {
        assertThat(policy()).contains(ENFORCED);
        dns.fail(TXT, Rcode.SERVFAIL);
        policies = policies(CERTIFICATE, StsFetcher.TIME);
        assertThat(policy()).contains(ENFORCED);
        assertThat(fetches()).isEqualTo(1);
        pass(Duration.ofDays(1));
        policies = policies(CERTIFICATE, StsFetcher.TIME);
        assertThat(policy()).isEmpty();
    }

    @Test
    void whatIsNotGoodAnyMoreLeavesTheDisk() throws Exception {
        Path kept = directory.resolve("policies");
        Files.createDirectories(kept);
        Files.writeString(kept.resolve("old.example"), "1 1000\r\n" + POLICY);
        Files.writeString(kept.resolve("notes"), "of somebody else");
        assertThat(policy()).contains(ENFORCED);
        try (Stream<Path> files = Files.list(kept)) {
            assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder("example.com", "notes");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1 2 3\r\n", "1 x\r\n", "1 1767225600\r\nversion: STSv1\r\n"})
    void whatIsDamagedOnDiskIsFetchedAgain(String damaged) throws Exception {
        Path kept = directory.resolve("policies");
        Files.createDirectories(kept);
        Files.writeString(kept.resolve("example.com"), damaged);
        assertThat(policy()).contains(ENFORCED);
        assertThat(fetches()).isEqualTo(1);
    }

    @Test
    void aPolicyThatIsGoodForNoTimeHoldsThisOnce() throws Exception {
        server.say(200, "text/plain", POLICY.replace("86400", "0"));
        assertThat(policy().map(StsPolicy::mode)).contains(Mode.ENFORCE);
        server.say(404, "text/plain", "");
        assertThat(policy()).isEmpty();
    }

    private StsReport report() throws Exception {
        return StsReport.of(
                        "Example.com",
                        RecordResolver.at(dns.address(), Dnssec.none()),
                        server.client(CERTIFICATE),
                        StsFetcher.TIME)
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
    }

    @Test
    void aReportSaysWhatIsWrong() throws Exception {
        assertThat(report()).isEqualTo(new StsReport(true, Optional.of(ENFORCED), ""));
        server.say(404, "text/plain", POLICY);
        assertThat(report())
                .isEqualTo(new StsReport(
                        true, Optional.empty(), "the policy can't be fetched: no policy, but an answer of 404"));
        dns.record(TXT, 0, "TXT", "\"v=STSv1; id=2;\"");
        assertThat(report().fault()).isEqualTo("there are 2 records of it, where only one counts");
        dns.without(TXT).record(TXT, 0, "TXT", "\"v=STSv1; id=;\"");
        assertThat(report().fault()).isEqualTo("the record is malformed, or has no id");
        dns.fail(TXT, Rcode.SERVFAIL);
        assertThat(report().fault()).startsWith("the record can't be looked up: SERVFAIL");
        assertThat(report().isKnown()).isFalse();
        dns.fail(TXT, Rcode.NOERROR).without(TXT);
        assertThat(report()).isEqualTo(new StsReport(false, Optional.empty(), ""));
        assertThat(report().isKnown()).isTrue();
    }

    @Test
    void aPolicyIncludesHostsByNameOrByOneLabel() {
        StsPolicy policy = new StsPolicy(Mode.ENFORCE, List.of("mx.example.com", "*.example.net"), Duration.ofDays(1));
        assertThat(Stream.of("mx.example.com", "MX.example.com.", "a.example.net"))
                .allMatch(policy::includes);
        assertThat(Stream.of("b.mx.example.com", "example.net", "a.b.example.net", "", "com", "192.0.2.1"))
                .noneMatch(policy::includes);
    }
}
