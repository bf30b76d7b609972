package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
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
        assertThat(resolve("example.org"))
                .isEqualTo(new MxAnswer.Hosts(List.of(host("example.org", 0, "192.0.2.1")), false, true));
    }

    @Test
    void tellsADomainThatNamesItselfFromOneThatNamesNobody() throws Exception {
        dns.record("example.org", "MX", "0 example.org.").record("example.org", "A", "192.0.2.1");
        assertThat(resolve("example.org"))
                .isEqualTo(new MxAnswer.Hosts(List.of(host("example.org", 0, "192.0.2.1")), false, false));
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
                .isEqualTo(new MxAnswer.Hosts(List.of(host("xn--fa-hia.example", 0, "192.0.2.1")), false, true));
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
        assertThat(one.get(60, TimeUnit.SECONDS)).isEqualTo(other.get(10, TimeUnit.SECONDS));
        assertThat(dns.questions().stream().filter(q -> q.endsWith(" MX"))).hasSize(1);
    }

    @Test
    void asksOnceForAHostThatManyDomainsShare() throws Exception {
        List<CompletableFuture<MxAnswer>> answers = new ArrayList<>();
        CountDownLatch gate = new CountDownLatch(1);
        dns.record("mx.example.org", "A", "192.0.2.1").negative(60);
        dns.hold(gate);
        for (int i = 0; i < 20; i++) {
            dns.record("d" + i + ".example", "MX", "10 mx.example.org.");
            answers.add(resolver.resolve("d" + i + ".example").toCompletableFuture());
        }
        assertThat(answers).noneMatch(CompletableFuture::isDone);
        gate.countDown();
        for (CompletableFuture<MxAnswer> each : answers) {
            assertThat(each.get(20, TimeUnit.SECONDS))
                    .isEqualTo(new MxAnswer.Hosts(List.of(host("mx.example.org", 10, "192.0.2.1"))));
        }
        assertThat(questions("mx.example.org. A")).hasSize(1);
        assertThat(questions("mx.example.org. AAAA")).hasSize(1);
    }

    @Test
    void keepsAnAnswerAsLongAsItsTtlAndNoLonger() throws Exception {
        dns.record("long.example", 60, "MX", "0 .").record("short.example", 1, "MX", "0 .");
        resolve("long.example");
        resolve("short.example");
        dns.without("long.example").without("short.example");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(resolve("short.example")).isEqualTo(new MxAnswer.NoSuchDomain()));
        assertThat(resolve("long.example")).isEqualTo(new MxAnswer.NullMx());
        assertThat(questions("long.example. MX")).hasSize(1);
    }

    @Test
    void keepsThatThereIsNothingAsLongAsTheZoneSaysAndNoLonger() throws Exception {
        dns.negative(60).record("empty.example", "TXT", "\"here\"");
        for (int i = 0; i < 3; i++) {
            assertThat(resolve("missing.example")).isEqualTo(new MxAnswer.NoSuchDomain());
            assertThat(resolve("empty.example")).isEqualTo(new MxAnswer.NoAddress());
        }
        assertThat(questions("missing.example. MX")).hasSize(1);
        assertThat(questions("empty.example. MX")).hasSize(1);
        dns.negative(1);
        assertThat(resolve("late.example")).isEqualTo(new MxAnswer.NoSuchDomain());
        dns.record("late.example", "A", "192.0.2.1");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(resolve("late.example")).isInstanceOf(MxAnswer.Hosts.class));
    }

    @Test
    void keepsNoFailureAndNothingThatIsNotToBeKept() throws Exception {
        dns.fail("broken.example", Rcode.SERVFAIL).record("fresh.example", 0, "MX", "0 .");
        for (int i = 0; i < 2; i++) {
            assertThat(resolve("broken.example")).isEqualTo(new MxAnswer.TemporaryFailure());
            assertThat(resolve("fresh.example")).isEqualTo(new MxAnswer.NullMx());
        }
        assertThat(questions("broken.example. MX").size()).isGreaterThanOrEqualTo(2);
        assertThat(questions("fresh.example. MX")).hasSize(2);
    }

    @Test
    void keepsNoMoreRecordsOfANameThanIsUsual() throws Exception {
        for (int i = 0; i <= DnsCache.MAX_RECORDS; i++) {
            dns.record("many.example", "MX", i + " mx" + i + ".many.example.")
                    .record("few.example", "MX", i + " mx" + i + ".few.example.");
        }
        dns.without("few.example").record("few.example", "MX", "10 mx.few.example.");
        for (int i = 0; i < 2; i++) {
            resolve("many.example");
            resolve("few.example");
        }
        // Each time by UDP, and then by TCP.
        assertThat(questions("many.example. MX")).hasSize(4);
        assertThat(questions("few.example. MX")).hasSize(1);
    }

    @Test
    void passesANullMxAmongOthersAndAddressesWhereNamesBelong() throws Exception {
        dns.record("example.org", "MX", "0 .")
                .record("example.org", "MX", "10 192.0.2.7.")
                .record("example.org", "MX", "20 mx.example.org.")
                .record("192.0.2.7", "A", "192.0.2.7")
                .record("mx.example.org", "A", "192.0.2.1");
        assertThat(resolve("example.org"))
                .isEqualTo(new MxAnswer.Hosts(List.of(host("192.0.2.7", 10), host("mx.example.org", 20, "192.0.2.1"))));
        assertThat(dns.questions()).noneMatch(q -> q.startsWith("192.0.2.7"));
    }

    @Test
    void followsSoManyAliasesAndNoMore() throws Exception {
        for (int i = 0; i < 20; i++) {
            dns.record("a" + i + ".example", "CNAME", "a" + (i + 1) + ".example.");
        }
        dns.record("a20.example", "A", "192.0.2.1");
        assertThat(resolve("a0.example")).isEqualTo(new MxAnswer.TemporaryFailure());
        assertThat(resolve("a" + (21 - DnsMessage.MAX_ALIASES) + ".example")).isInstanceOf(MxAnswer.Hosts.class);
        assertThat(questions("a15.example. MX").size()).isLessThanOrEqualTo(2);
    }

    @Test
    void keepsSomeAddressesOfAHostOfMany() throws Exception {
        for (int i = 0; i < 50; i++) {
            dns.record("example.org", "A", "192.0.2." + i).record("example.org", "AAAA", "2001:db8::" + i);
        }
        MxAnswer.Hosts hosts = (MxAnswer.Hosts) resolve("example.org");
        assertThat(hosts.hosts().get(0).addresses()).hasSize(2 * DnsMxResolver.MAX_ADDRESSES);
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
        assertThat(other.get(60, TimeUnit.SECONDS)).isInstanceOf(MxAnswer.Hosts.class);
    }

    @Test
    void doesNotTakeOverTheLookUpsOfTheJvm() throws Exception {
        MxResolver.system();
        assertThat(Boolean.getBoolean("org.dnsjava.spi.enable")).isFalse();
        assertThat(InetAddress.getByName("localhost").isLoopbackAddress()).isTrue();
        assertThat(dns.questions()).isEmpty();
    }

    private List<String> questions(String question) {
        return dns.questions().stream().filter(question::equals).toList();
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
