package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Rcode;

/** Where domains want reports on TLS. RFC 8460 §3. */
@Timeout(60)
class TlsReportRecordTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    v=TLSRPTv1; rua=mailto:tls@example.com                  | mailto:tls@example.com
                    v=TLSRPTv1;rua=mailto:tls@example.com;                  | mailto:tls@example.com
                    v=TLSRPTv1; rua=https://r.example.com/v1?a=b            | https://r.example.com/v1?a=b
                    v=TLSRPTv1; rua=mailto:a@x.example , https://x.example/ | mailto:a@x.example https://x.example/
                    v=TLSRPTv1; ext=1; rua=mailto:a@x.example               | mailto:a@x.example
                    v=TLSRPTv1; rua=http://x.example/,mailto:a@x.example    | mailto:a@x.example
                    v=TLSRPTv1; rua=https://u:p@x.example/,mailto:a@x.example | mailto:a@x.example
                    v=TLSRPTv1; rua=%%,mailto:a@x.example                   | mailto:a@x.example
                    """)
    void readsARecord(String text, String addresses) {
        assertThat(TlsReportRecord.addresses(List.of("another", text)))
                .extracting(URI::toString)
                .containsExactly(addresses.split(" ", -1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "v=TLSRPTv1",
                "v=TLSRPTv1;",
                "v=TLSRPTv2; rua=mailto:a@x.example",
                " v=TLSRPTv1; rua=mailto:a@x.example",
                "v=TLSRPTv1; rua=",
                "v=TLSRPTv1; rua=mailto:nobody",
                "v=TLSRPTv1; rua=file:///etc/passwd",
                "v=TLSRPTv1; rua=https://x.example:99999/",
                "v=TLSRPTv1; rua=https://x.example:0/",
                "v=TLSRPTv1; =; rua=mailto:a@x.example"
            })
    void whatIsNoneAsksForNothing(String text) {
        assertThat(TlsReportRecord.addresses(List.of(text))).isEmpty();
    }

    @Test
    void twoRecordsAreNone() {
        assertThat(TlsReportRecord.addresses(
                        List.of("v=TLSRPTv1; rua=mailto:a@x.example", "v=TLSRPTv1; rua=mailto:b@x.example")))
                .isEmpty();
    }

    @Test
    void passesOverThoseBehindTheLimit() {
        String many = "mailto:a@x.example,".repeat(TlsReportRecord.MAX_ADDRESSES + 1);
        assertThat(TlsReportRecord.addresses(List.of("v=TLSRPTv1; rua=" + many)))
                .hasSize(TlsReportRecord.MAX_ADDRESSES);
    }

    @Test
    void asksDns() throws Exception {
        try (DnsServer dns = new DnsServer()) {
            dns.record("_smtp._tls.example.com", "TXT", "\"v=TLSRPTv1; \" \"rua=mailto:a@x.example\"");
            TlsReportAddresses addresses = TlsReportAddresses.at(dns.address());
            assertThat(addresses.of("example.com").toCompletableFuture().get(30, TimeUnit.SECONDS))
                    .containsExactly(URI.create("mailto:a@x.example"));
            assertThat(addresses.of("example.net").toCompletableFuture().get(30, TimeUnit.SECONDS))
                    .isEmpty();
            dns.fail("_smtp._tls.example.org", Rcode.SERVFAIL);
            assertThatThrownBy(() ->
                            addresses.of("example.org").toCompletableFuture().get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class);
        }
    }
}
