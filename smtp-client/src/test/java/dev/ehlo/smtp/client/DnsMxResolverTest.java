package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.Rcode;

@Timeout(60)
class DnsMxResolverTest {
    private DnsServer dns;
    private MxResolver resolver;

    @BeforeEach
    void start() throws Exception {
        dns = new DnsServer();
        resolver = MxResolver.at(dns.address());
    }

    @AfterEach
    void stop() throws Exception {
        dns.close();
    }

    @Test
    void findsTheHostsWithTheirPreferencesAndAddresses() throws Exception {
        dns.record("example.org", "MX", "20 mx2.example.org.")
                .record("example.org", "MX", "10 mx1.example.org.")
                .record("mx1.example.org", "A", "192.0.2.1")
                .record("mx1.example.org", "AAAA", "2001:db8::1")
                .record("mx2.example.org", "A", "192.0.2.2");
        assertThat(resolve("Example.ORG"))
                .isEqualTo(new MxAnswer.Hosts(List.of(
                        host("mx1.example.org", 10, "192.0.2.1", "2001:db8::1"),
                        host("mx2.example.org", 20, "192.0.2.2"))));
    }

    @Test
    void takesTheDomainItselfWhereItHasNoMx() throws Exception {
        dns.record("example.org", "A", "192.0.2.1");
        assertThat(resolve("example.org")).isEqualTo(new MxAnswer.Hosts(List.of(host("example.org", 0, "192.0.2.1"))));
    }

    @Test
    void followsAnAliasOfTheDomainAndOfAHost() throws Exception {
        dns.record("alias.example", "CNAME", "example.org.")
                .record("example.org", "MX", "10 mx.example.org.")
                .record("mx.example.org", "CNAME", "host.example.org.")
                .record("host.example.org", "A", "192.0.2.1");
        assertThat(resolve("alias.example"))
                .isEqualTo(new MxAnswer.Hosts(List.of(host("mx.example.org", 10, "192.0.2.1"))));
    }

    @Test
    void asksForTheALabelsOfADomainOfULabels() throws Exception {
        dns.record("xn--fa-hia.example", "A", "192.0.2.1");
        assertThat(resolve("Fa\u00df.example"))
                .isEqualTo(new MxAnswer.Hosts(List.of(host("xn--fa-hia.example", 0, "192.0.2.1"))));
        assertThat(resolve("\u00c9.example")).isEqualTo(new MxAnswer.NoSuchDomain());
        assertThat(dns.questions()).allMatch(question -> question.startsWith("xn--fa-hia.example. "));
    }

    @Test
    void givesUpOnALoopOfAliases() throws Exception {
        dns.record("one.example", "CNAME", "two.example.").record("two.example", "CNAME", "one.example.");
        assertThat(resolve("one.example")).isEqualTo(new MxAnswer.TemporaryFailure());
    }

    @Test
    void knowsNullMx() throws Exception {
        dns.record("example.org", "MX", "0 .").record("example.org", "A", "192.0.2.1");
        assertThat(resolve("example.org")).isEqualTo(new MxAnswer.NullMx());
    }

    @Test
    void tellsNoSuchDomainFromNoAddressFromFailure() throws Exception {
        dns.record("nothing.example", "TXT", "\"here\"")
                .fail("broken.example", Rcode.SERVFAIL)
                .record("nohost.example", "MX", "10 gone.example.")
                .record("badhost.example", "MX", "10 broken.example.");
        assertThat(resolve("missing.example")).isEqualTo(new MxAnswer.NoSuchDomain());
        assertThat(resolve("nothing.example")).isEqualTo(new MxAnswer.NoAddress());
        assertThat(resolve("broken.example")).isEqualTo(new MxAnswer.TemporaryFailure());
        assertThat(resolve("nohost.example")).isEqualTo(new MxAnswer.NoAddress());
        assertThat(resolve("badhost.example")).isEqualTo(new MxAnswer.TemporaryFailure());
    }

    @Test
    void goesWithTheHostsThatHaveAddresses() throws Exception {
        dns.fail("broken.example", Rcode.SERVFAIL)
                .record("example.org", "MX", "10 broken.example.")
                .record("example.org", "MX", "20 mx.example.org.")
                .record("mx.example.org", "A", "192.0.2.1");
        assertThat(resolve("example.org"))
                .isEqualTo(new MxAnswer.Hosts(List.of(
                        new MxHost("broken.example", 10, List.of(), true), host("mx.example.org", 20, "192.0.2.1"))));
    }

    @Test
    void looksUpNoMoreThanTheMostPreferredOfManyHosts() throws Exception {
        for (int i = 0; i < 120; i++) {
            dns.record("example.org", "MX", (200 - i) + " mx" + i + ".example.org.")
                    .record("mx" + i + ".example.org", "A", "192.0.2." + i);
        }
        MxAnswer.Hosts hosts = (MxAnswer.Hosts) resolve("example.org");
        assertThat(hosts.hosts()).hasSize(DnsMxResolver.MAX_NAMES);
        assertThat(hosts.hosts().get(0).name()).isEqualTo("mx119.example.org");
        assertThat(hosts.hosts().stream().filter(MxHost::isLookUpFailed))
                .hasSize(DnsMxResolver.MAX_NAMES - DnsMxResolver.MAX_HOSTS);
        // The MX records do not fit into a datagram and are asked for once more by TCP.
        assertThat(dns.questions()).hasSize(2 + 2 * DnsMxResolver.MAX_HOSTS);
    }

    @Test
    void asksOnceWhatIsAskedForTwiceAtTheSameTime() throws Exception {
        dns.record("example.org", "MX", "10 mx.example.org.").record("mx.example.org", "A", "192.0.2.1");
        CountDownLatch gate = new CountDownLatch(1);
        dns.hold(gate);
        CompletableFuture<MxAnswer> one = resolver.resolve("example.org").toCompletableFuture();
        CompletableFuture<MxAnswer> other = resolver.resolve("EXAMPLE.org").toCompletableFuture();
        gate.countDown();
        assertThat(one.get(10, TimeUnit.SECONDS)).isEqualTo(other.get(10, TimeUnit.SECONDS));
        assertThat(dns.questions().stream().filter(q -> q.endsWith(" MX"))).hasSize(1);
    }

    @Test
    void cancellingOneOfTwoLeavesTheOther() throws Exception {
        dns.record("example.org", "A", "192.0.2.1");
        CountDownLatch gate = new CountDownLatch(1);
        dns.hold(gate);
        CompletableFuture<MxAnswer> one = resolver.resolve("example.org").toCompletableFuture();
        CompletableFuture<MxAnswer> other = resolver.resolve("example.org").toCompletableFuture();
        one.cancel(true);
        gate.countDown();
        assertThat(other.get(10, TimeUnit.SECONDS)).isInstanceOf(MxAnswer.Hosts.class);
    }

    @Test
    void doesNotTakeOverTheLookUpsOfTheJvm() throws Exception {
        MxResolver.system();
        assertThat(Boolean.getBoolean("org.dnsjava.spi.enable")).isFalse();
        assertThat(InetAddress.getByName("localhost").isLoopbackAddress()).isTrue();
        assertThat(dns.questions()).isEmpty();
    }

    private MxAnswer resolve(String domain) throws Exception {
        return resolver.resolve(domain).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static MxHost host(String name, int preference, String... addresses) throws Exception {
        InetAddress[] all = new InetAddress[addresses.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = InetAddress.getByName(addresses[i]);
        }
        return new MxHost(name, preference, List.of(all));
    }
}
