package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Rcode;

@Timeout(60)
class DnsSrvResolverTest {
    private static final String OWNER = "_submissions._tcp.example.org";

    private DnsServer dns;
    private SrvResolver resolver;

    @BeforeEach
    void start() throws Exception {
        dns = new DnsServer();
        resolver = SrvResolver.at(dns.address(), Dnssec.standard());
    }

    @AfterEach
    void stop() {
        dns.close();
    }

    @Test
    void findsTargetsAndLeavesOutTheRoot() throws Exception {
        dns.record(OWNER, "SRV", "10 5 465 one.example.org.")
                .record(OWNER, "SRV", "20 0 2465 two.example.net.")
                .record(OWNER, "SRV", "0 0 0 .");
        assertThat(resolve("Example.ORG"))
                .isEqualTo(new SrvAnswer.Targets(
                        List.of(
                                new SrvTarget("one.example.org", 465, 10, 5),
                                new SrvTarget("two.example.net", 2465, 20, 0)),
                        false));
    }

    @Test
    void tellsWhatIsProven() throws Exception {
        dns.record(OWNER, "SRV", "10 5 465 one.example.org.").proven(OWNER);
        assertThat(resolve("example.org"))
                .isEqualTo(new SrvAnswer.Targets(List.of(new SrvTarget("one.example.org", 465, 10, 5)), true));
        assertThat(SrvResolver.at(dns.address(), Dnssec.none())
                        .resolve(SrvResolver.SUBMISSIONS, "example.org")
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS))
                .isEqualTo(new SrvAnswer.Targets(List.of(new SrvTarget("one.example.org", 465, 10, 5)), false));
    }

    @Test
    void tellsNotAvailableFromNothingFromFailure() throws Exception {
        dns.record(OWNER, "SRV", "0 0 0 .")
                .record("_submissions._tcp.other.example", "TXT", "\"here\"")
                .fail("_submissions._tcp.broken.example", Rcode.SERVFAIL);
        assertThat(resolve("example.org")).isEqualTo(new SrvAnswer.NotAvailable());
        assertThat(resolve("other.example")).isEqualTo(new SrvAnswer.None());
        assertThat(resolve("missing.example")).isEqualTo(new SrvAnswer.None());
        assertThat(resolve("broken.example")).isEqualTo(new SrvAnswer.TemporaryFailure());
    }

    @Test
    void followsAnAliasAndAsksForALabels() throws Exception {
        dns.record("_submissions._tcp.xn--fa-hia.example", "CNAME", OWNER + '.')
                .record(OWNER, "SRV", "10 5 465 one.example.org.");
        assertThat(resolve("Fa\u00df.example")).isInstanceOf(SrvAnswer.Targets.class);
        assertThat(resolve("\u00c9.example")).isEqualTo(new SrvAnswer.None());
        assertThat(resolve("x".repeat(64) + ".example")).isEqualTo(new SrvAnswer.None());
    }

    @Test
    void tellsNoMoreTargetsThanItSaid() throws Exception {
        for (int i = 0; i < DnsSrvResolver.MAX_TARGETS + 20; i++) {
            dns.record(OWNER, "SRV", "0 0 465 host" + i + ".example.org.");
        }
        assertThat(((SrvAnswer.Targets) resolve("example.org")).targets()).hasSize(DnsSrvResolver.MAX_TARGETS);
    }

    private SrvAnswer resolve(String domain) throws Exception {
        return resolver.resolve(SrvResolver.SUBMISSIONS, domain)
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }
}
