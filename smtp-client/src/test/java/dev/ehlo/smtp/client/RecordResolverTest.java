package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Rcode;

class RecordResolverTest {
    private DnsServer dns;

    @BeforeEach
    void start() throws Exception {
        dns = new DnsServer();
    }

    @AfterEach
    void stop() {
        dns.close();
    }

    private RecordAnswer resolve(String name, RecordType type) throws Exception {
        return RecordResolver.at(dns.address(), Dnssec.standard())
                .resolve(name, type)
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
    }

    private static RecordAnswer records(boolean isSecure, String... values) {
        return new RecordAnswer.Records(List.of(values), isSecure);
    }

    @Test
    void tellsRecordsAsTextAndWhatIsProven() throws Exception {
        dns.record("a.example", "TXT", "\"v=x; \" \"y=\\195\\188\"")
                .record("a.example", "A", "192.0.2.1")
                .record("a.example", "AAAA", "2001:db8::1")
                .record("_25._tcp.a.example", "TLSA", "3 1 1 00ff")
                .record("1.2.0.192.in-addr.arpa", "PTR", "A.example.")
                .proven("_25._tcp.a.example");
        assertThat(resolve("A.example.", RecordType.TXT)).isEqualTo(records(false, "v=x; y=\u00c3\u00bc"));
        assertThat(resolve("a.example", RecordType.A)).isEqualTo(records(false, "192.0.2.1"));
        assertThat(resolve("a.example", RecordType.AAAA)).isEqualTo(records(false, "2001:db8:0:0:0:0:0:1"));
        assertThat(resolve("_25._tcp.a.example", RecordType.TLSA)).isEqualTo(records(true, "3 1 1 00FF"));
        String reverse = RecordResolver.reverse(InetAddress.getByName("192.0.2.1"));
        assertThat(resolve(reverse, RecordType.PTR)).isEqualTo(records(false, "A.example"));
    }

    @Test
    void asksForALabelsAndFollowsAliases() throws Exception {
        dns.record("xn--bcher-kva.example", "CNAME", "b.example.").record("b.example", "TXT", "here");
        assertThat(resolve("b\u00fccher.example", RecordType.TXT)).isEqualTo(records(false, "here"));
    }

    @Test
    void tellsNothingFromFailure() throws Exception {
        dns.record("a.example", "TXT", "here").fail("broken.example", Rcode.SERVFAIL);
        assertThat(resolve("a.example", RecordType.A)).isEqualTo(new RecordAnswer.None());
        assertThat(resolve("none.example", RecordType.A)).isEqualTo(new RecordAnswer.None());
        assertThat(resolve("broken.example", RecordType.A))
                .isEqualTo(new RecordAnswer.Failed("SERVFAIL for broken.example."));
        assertThat(resolve("broken.example", RecordType.A).orNone()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a..example", "\u0080.example", "a\ud800.example"})
    void whatIsNoNameHasNoRecords(String name) throws Exception {
        assertThat(resolve(name, RecordType.TXT)).isEqualTo(new RecordAnswer.None());
        assertThat(dns.questions()).isEmpty();
    }

    @Test
    void tellsNoMoreThanItSaid() throws Exception {
        for (int i = 0; i <= RecordResolver.MAX_RECORDS; i++) {
            dns.record("a.example", "TXT", "t" + i);
        }
        assertThat(resolve("a.example", RecordType.TXT).orNone()).hasSize(RecordResolver.MAX_RECORDS);
    }
}
