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
                    v=TLSRPTv1; rua=mailto:a@x.example;rua=https://x.example/ | mailto:a@x.example https://x.example/
                    v=TLSRPTv1; rua=http://x.example/,mailto:a@x.example    | mailto:a@x.example
                    v=TLSRPTv1; rua=https://u:p@x.example/,mailto:a@x.example | mailto:a@x.example
                    v=TLSRPTv1; rua=%%,mailto:a@x.example                   | mailto:a@x.example
                    """)
    void readsARecord(String text, String addresses) {
        assertThat(of("another", text).addresses()).extracting(URI::toString).containsExactly(addresses.split(" ", -1));
    }

    private static TlsReportRecord of(String... texts) {
        return TlsReportRecord.of(new RecordAnswer.Records(List.of(texts), false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    v=TLSRPTv1                                  | the record is malformed
                    v=TLSRPTv1;                                 | the record is malformed
                    v=TLSRPTv1 ; rua=mailto:a@x.example         | the record is malformed
                    v=TLSRPTv10; rua=mailto:a@x.example         | the record is malformed
                    v=TLSRPTv1; =; rua=mailto:a@x.example       | the record is malformed
                    v=TLSRPTv1; rua=mailto:\u001b@x.example    | the record is malformed
                    v=TLSRPTv1; x=y                             | the record has no rua
                    v=TLSRPTv1; rua=                            | the record has no good rua
                    v=TLSRPTv1; rua=mailto:nobody               | the record has no good rua
                    v=TLSRPTv1; rua=file:///etc/passwd          | the record has no good rua
                    v=TLSRPTv1; rua=https://x.example:99999/    | the record has no good rua
                    v=TLSRPTv1; rua=https://x.example:0/        | the record has no good rua
                    """)
    void saysWhatIsWrong(String text, String fault) {
        assertThat(of(text).addresses()).isEmpty();
        assertThat(of(text).isKnown()).isTrue();
        assertThat(of(text).fault()).startsWith(fault).doesNotContain("\u001b");
    }

    @Test
    void whatIsAnotherRecordIsNone() {
        for (String each : List.of("", "v=TLSRPTv2; rua=mailto:a@x.example", " v=TLSRPTv1; rua=mailto:a@x.example")) {
            assertThat(of(each)).isEqualTo(TlsReportRecord.NONE);
        }
        assertThat(TlsReportRecord.of(new RecordAnswer.None())).isEqualTo(TlsReportRecord.NONE);
        assertThat(TlsReportRecord.NONE.isKnown()).isTrue();
    }

    @Test
    void whatCannotBeLookedUpIsNotKnown() {
        TlsReportRecord failed = TlsReportRecord.of(new RecordAnswer.Failed("SERVFAIL"));
        assertThat(failed.isKnown()).isFalse();
        assertThat(failed.fault()).contains("SERVFAIL");
    }

    @Test
    void twoRecordsAreNone() {
        TlsReportRecord two = of("v=TLSRPTv1; rua=mailto:a@x.example", "v=TLSRPTv1; rua=mailto:b@x.example");
        assertThat(two.addresses()).isEmpty();
        assertThat(two.fault()).contains("2 records");
    }

    @Test
    void ofAnAddressThatIsNoneAmongOthersSaysSo() {
        assertThat(of("v=TLSRPTv1; rua=http://x.example/,mailto:a@x.example").fault())
                .isEqualTo("the record has no good rua: http://x.example/");
    }

    @Test
    void isBounded() {
        String many = "mailto:a@x.example,".repeat(TlsReportRecord.MAX_ADDRESSES + 1) + "mailto:b@x.example";
        assertThat(of("v=TLSRPTv1; rua=" + many).addresses()).hasSize(TlsReportRecord.MAX_ADDRESSES);
        assertThat(of("v=TLSRPTv1; rua=mailto:a@x.example; x=" + "y".repeat(2_048))
                        .fault())
                .isEqualTo("the record has more than 2048 octets");
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
