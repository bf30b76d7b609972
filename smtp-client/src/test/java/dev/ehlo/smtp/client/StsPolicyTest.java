package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.client.StsPolicy.Mode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a policy, and a record that announces one. RFC 8461 §3.1, §3.2. */
class StsPolicyTest {
    private static final String POLICY = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 86400\n";

    @Test
    void readsAPolicy() {
        String text = "version: STSv1\r\nmode: testing  \r\nmx: MX1.example.com\r\nmx:*.example.net\t\r\n"
                + "max_age:\t604800\r\nnote: \u00fcber: all\r\nmax_age: 1\r\nmode: enforce";
        StsPolicy policy = StsPolicy.parse(text).orElseThrow();
        assertThat(policy)
                .isEqualTo(
                        new StsPolicy(Mode.TESTING, List.of("mx1.example.com", "*.example.net"), Duration.ofDays(7)));
        assertThat(StsPolicy.parse(policy.text())).contains(policy);
        assertThat(StsPolicy.parse(POLICY)).isPresent();
    }

    @Test
    void aPolicyOfNoneNeedsNoHosts() {
        assertThat(StsPolicy.parse("version: STSv1\nmode: none\nmax_age: 0"))
                .contains(new StsPolicy(Mode.NONE, List.of(), Duration.ZERO));
    }

    @Test
    void isGoodForAYearAtMost() {
        assertThat(StsPolicy.parse(POLICY.replace("86400", "9999999999"))
                        .orElseThrow()
                        .maxAge())
                .isEqualTo(StsPolicy.MAX_AGE);
    }

    @ParameterizedTest
    @CsvSource({
        "version: STSv1, version: STSv2",
        "version: STSv1, version: stsv1",
        "version, Version",
        "mode: enforce, mode: Enforce",
        "mode: enforce, mode:",
        "mode: enforce, mode enforce",
        "mode: enforce, ' mode: enforce'",
        "mode: enforce, 'mode : enforce'",
        "mx: mx.example.com, note: nothing",
        "mx: mx.example.com, mx: ",
        "mx: mx.example.com, mx: *",
        "mx: mx.example.com, mx: *.*.example.com",
        "mx: mx.example.com, mx: mx.*.com",
        "mx: mx.example.com, mx: .example.com",
        "mx: mx.example.com, mx: mx..example.com",
        "mx: mx.example.com, mx: mx.example.com.",
        "mx: mx.example.com, mx: b\u00fccher.example",
        "max_age: 86400, max_age: -1",
        "max_age: 86400, max_age: 1d",
        "max_age: 86400, max_age: 12345678901",
        "max_age: 86400, note: none"
    })
    void refusesWhatIsNoPolicy(String right, String wrong) {
        assertThat(StsPolicy.parse(POLICY)).isPresent();
        assertThat(StsPolicy.parse(POLICY.replace(right, wrong))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\n" + POLICY, POLICY + "\n", POLICY + "\rx: y", POLICY + "x: \u0000", "<html>"})
    void refusesLinesThatAreNone(String text) {
        assertThat(StsPolicy.parse(text)).isEmpty();
    }

    @Test
    void isQuickWithWhatIsMadeToBeSlow() {
        assertThat(StsPolicy.parse(POLICY + "x:" + " ".repeat(60_000) + "\u0001"))
                .isEmpty();
        assertThat(StsPolicy.parse(POLICY + "mx: " + "a.".repeat(30_000) + "!")).isEmpty();
        assertThat(StsRecord.id(List.of("v=STSv1;" + " ".repeat(60_000) + "id=1")))
                .isEmpty();
    }

    @Test
    void refusesMoreThanAPolicyMayHave() {
        String most = POLICY + "x: " + "y".repeat(StsPolicy.MAX_OCTETS - POLICY.length() - 3);
        assertThat(StsPolicy.parse(most)).isPresent();
        assertThat(StsPolicy.parse(most + "y")).isEmpty();
        assertThat(StsPolicy.parse(POLICY + "mx: a.example\n".repeat(StsPolicy.MAX_PATTERNS - 1)))
                .isPresent();
        assertThat(StsPolicy.parse(POLICY + "mx: a.example\n".repeat(StsPolicy.MAX_PATTERNS)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v=STSv1; id=20160831085700Z;",
                "v=STSv1;id=20160831085700Z",
                "v=STSv1;\t id=20160831085700Z ; ",
                "v=STSv1; a.b_c-d=e; id=20160831085700Z; id=2"
            })
    void readsARecord(String text) {
        assertThat(StsRecord.id(List.of("v=spf1 -all", text, "v=STSv2; id=1;"))).contains("20160831085700Z");
        assertThat(StsRecord.id(List.of(text, text)))
                .as("of two neither counts")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v=STSv1;",
                "v=STSv1; id=;",
                "v=STSv1; id=a-b;",
                "v=STSv1; id=123456789012345678901234567890123;",
                "v=STSv1; id=a b;",
                "v=STSv1; a; id=1;",
                "v=STSv1;; id=1;",
                "V=STSv1; id=1;",
                " v=STSv1; id=1;",
                "v=STSv1 id=1;"
            })
    void refusesARecordThatIsNone(String text) {
        assertThat(StsRecord.id(List.of(text))).isEmpty();
    }
}
