package dev.ehlo.smtp.grammar;

import static dev.ehlo.smtp.grammar.ParameterGrammar.MALFORMED;
import static dev.ehlo.smtp.grammar.ParameterGrammar.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.EsmtpKeyword;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples of the RFCs, and what is just over their limits. */
class ParameterVectorsTest {
    private static long value(EsmtpKeyword keyword, String text) {
        ParameterGrammarProperties.assertSame(
                keyword,
                new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1),
                text.length() % 2 == 0);
        return ParameterGrammar.value(keyword, text);
    }

    @ParameterizedTest
    @CsvSource({
        "SIZE, 500000, 500000",
        "SIZE, 00000000000000000010, 10",
        "SIZE, 9223372036854775807, 9223372036854775807",
        "BODY, 7bit, 0",
        "BODY, 8BITMIME, 1",
        "BODY, binarymime, 2",
        "RET, HDRS, 1",
        "RET, full, 0",
        "ENVID, QQ314159, 0",
        "ENVID, a+20b+7E, 0",
        "NOTIFY, NEVER, 1",
        "NOTIFY, SUCCESS, 2",
        "NOTIFY, failure, 4",
        "NOTIFY, 'SUCCESS,FAILURE', 6",
        "NOTIFY, 'delay,Delay', 8",
        "ORCPT, rfc822;Bob@Example.COM, 0",
        "ORCPT, rfc822;George@Tax-ME.GOV, 0",
        "ORCPT, rfc822;, 0",
        "ORCPT, x400;/O=+00/, -9223372036854775808",
        "ORCPT, utf-8;caf\u00e9@example.com, 0",
        "ORCPT, utf-8;caf\\x{E9}@example.com, 0",
        "ORCPT, Utf-8;\\x{5C}\\x{20}\\x{2b}\\x{3D}@x, 0",
        "ORCPT, utf-8;\\x{80}\\x{D7FF}\\x{E000}\\x{10FFFF}, 0",
        "AUTH, e+3Dmc2@example.com, 0",
        "AUTH, <>, 0",
        "HOLDFOR, 999999999, 999999999",
        "BY, 120;R, 0",
        "BY, -30;nt, 0",
        "BY, +0;N, 0",
        "BY, 999999999;N, 0",
        "MT-PRIORITY, -9, -9",
        "MT-PRIORITY, 3, 3",
    })
    void takesWhatTheRfcsShow(String keyword, String text, long number) {
        assertThat(value(EsmtpKeyword.find(keyword).orElseThrow(), text)).isEqualTo(number);
    }

    @ParameterizedTest
    @CsvSource({
        "1985-04-12T23:20:50.52Z, 1985-04-12T23:20:51Z",
        "1996-12-19T16:39:57-08:00, 1996-12-20T00:39:57Z",
        "1990-12-31T23:59:60Z, 1991-01-01T00:00:00Z",
        "1990-12-31T15:59:60-08:00, 1991-01-01T00:00:00Z",
        "1937-01-01T12:00:27.87+00:20, 1937-01-01T11:40:28Z",
        "2000-02-29t00:00:00z, 2000-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z, 0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z, 9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59.00Z, 9999-12-31T23:59:59Z",
        "2026-11-21T12:00:00.09Z, 2026-11-21T12:00:01Z",
        "2026-11-21T12:00:00.90Z, 2026-11-21T12:00:01Z",
        "2026-11-21T23:59:00+23:59, 2026-11-21T00:00:00Z",
    })
    void takesTheTimesThatRfc3339Shows(String text, Instant time) {
        assertThat(value(EsmtpKeyword.HOLDUNTIL, text)).isEqualTo(time.getEpochSecond());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2100-02-29T00:00:00Z",
                "2026-11-21T23:59:60+01:00",
                "9999-12-31T23:59:59-00:01",
                "0000-01-01T00:00:00+00:01",
                "9999-12-31T23:59:59.5Z",
                "2026-11-21T12:00:00",
                "x026-11-21T12:00:00Z",
                "20/6-11-21T12:00:00Z",
                "2026-:1-21T12:00:00Z",
                "2026-11-x1T12:00:00Z",
                "2026-11-21Tx2:00:00Z",
                "2026-11-21T12:x0:00Z",
                "2026-11-21T12:00:x0Z",
                "2026-11-21T12:00:00.Z",
                "2026-11-21T12:00:00.5",
                "2026-11-21T12:00:00+24:00",
                "2026-11-21T12:00:00+00:60",
                "2026-11-21T12:00:00+x0:00",
                "2026-11-21T12:00:00+00:x0",
                "2026-11-21T12:00:00+00:00Z",
                "2026-11-21 12:00:00Z",
            })
    void refusesTimesThatAreNone(String text) {
        assertThat(value(EsmtpKeyword.HOLDUNTIL, text)).isEqualTo(MALFORMED);
        assertThat(value(EsmtpKeyword.RRVS, text)).isEqualTo(MALFORMED);
    }

    @Test
    void takesNoFractionInRrvsAndOneActionAlone() {
        assertThat(value(EsmtpKeyword.RRVS, "2014-04-03T23:01:00Z")).isEqualTo(1_396_566_060);
        assertThat(value(EsmtpKeyword.RRVS, "2014-04-03T23:01:00Z;C")).isEqualTo(1_396_566_060);
        assertThat(value(EsmtpKeyword.RRVS, "2014-04-03T23:01:00+01:00;r")).isEqualTo(1_396_562_460);
        assertThat(value(EsmtpKeyword.RRVS, "2014-04-03T23:01:00.0Z;C")).isEqualTo(MALFORMED);
        assertThat(value(EsmtpKeyword.RRVS, "2014-04-03T23:01:00Z;X")).isEqualTo(MALFORMED);
        assertThat(value(EsmtpKeyword.RRVS, "2014-04-03T23:01:00Z;C;R")).isEqualTo(MALFORMED);
    }

    @ParameterizedTest
    @CsvSource({
        "SIZE, 9223372036854775808",
        "SIZE, 99999999999999999999",
        "SIZE, 000000000000000000010",
        "SIZE, -1",
        "SIZE, 1k",
        "RET, HEADERS",
        "NOTIFY, 'NEVER,SUCCESS'",
        "NOTIFY, 'SUCCESS,NEVER'",
        "NOTIFY, 'SUCCESS,'",
        "NOTIFY, ',SUCCESS'",
        "NOTIFY, 'SUCCESS,,DELAY'",
        "NOTIFY, NEVERX",
        "NOTIFY, SUCCESS;DELAY",
        "ENVID, a+0D+0AX-Evil:+20yes",
        "ENVID, a+2b",
        "ENVID, a+7F",
        "ENVID, a+1F",
        "ENVID, a+2",
        "ENVID, caf\u00e9",
        "ORCPT, rfc822;a+00",
        "ORCPT, rfc822;a+0Ab",
        "ORCPT, rfc822;caf\u00e9@example.com",
        "ORCPT, ;a@b",
        "ORCPT, a@b",
        "ORCPT, r.f;a@b",
        "ORCPT, r(f;a@b",
        "ORCPT, r f;a@b",
        "ORCPT, r\u007ff;a@b",
        "ORCPT, utf-8;",
        "ORCPT, utf-8;a+2Bb",
        "ORCPT, utf-8;\\x{00}",
        "ORCPT, utf-8;\\x{0A}",
        "ORCPT, utf-8;\\x{7F}",
        "ORCPT, utf-8;\\x{D800}",
        "ORCPT, utf-8;\\x{DFFF}",
        "ORCPT, utf-8;\\x{8G}",
        "ORCPT, utf-8;\\x{}",
        "ORCPT, utf-8;\\x{9}",
        "ORCPT, utf-8;\\x{80",
        "ORCPT, utf-8;\\",
        "ORCPT, utf-8;a\0b",
        "ORCPT, utf-8;\\x{110000}",
        "ORCPT, utf-8;\\x{0E9}",
        "AUTH, a@b+00",
        "AUTH, user",
        "AUTH, a@b+0D",
        "AUTH, <a@b>",
        "HOLDFOR, 0",
        "HOLDFOR, 01",
        "HOLDFOR, 1000000000",
        "BY, 0;R",
        "BY, -1;R",
        "BY, 1000000000;N",
        "BY, 1;X",
        "BY, 1;",
        "BY, ;N",
        "BY, T",
        "MT-PRIORITY, 10",
        "MT-PRIORITY, -0",
        "MT-PRIORITY, +1",
        "SMTPUTF8, 1",
        "REQUIRETLS, yes",
    })
    void refusesWhatTheyDoNot(String keyword, String text) {
        assertThat(value(EsmtpKeyword.find(keyword).orElseThrow(), text)).isEqualTo(MALFORMED);
    }

    @Test
    void countsOctets() {
        assertThat(value(EsmtpKeyword.ENVID, "x".repeat(100))).isZero();
        assertThat(value(EsmtpKeyword.ENVID, "x".repeat(101))).isEqualTo(MALFORMED);
        assertThat(value(EsmtpKeyword.ENVID, "+20".repeat(34))).isEqualTo(MALFORMED);
        assertThat(value(EsmtpKeyword.ORCPT, "rfc822;" + "x".repeat(493))).isZero();
        assertThat(value(EsmtpKeyword.ORCPT, "rfc822;" + "x".repeat(494))).isEqualTo(MALFORMED);
        assertThat(value(EsmtpKeyword.ORCPT, "utf-8;" + "\u00e9".repeat(247))).isZero();
        assertThat(value(EsmtpKeyword.ORCPT, "utf-8;" + "\u00e9".repeat(248))).isEqualTo(MALFORMED);
        assertThat(value(EsmtpKeyword.AUTH, "x".repeat(64) + "@" + "y.".repeat(94) + "z"))
                .isZero();
        assertThat(value(EsmtpKeyword.AUTH, "x".repeat(64) + "@" + "y.".repeat(95) + "z"))
                .isEqualTo(MALFORMED);
    }

    @Test
    void tellsAnotherBodyFromAMalformedOne() {
        assertThat(value(EsmtpKeyword.BODY, "9BITMIME")).isEqualTo(UNKNOWN);
        assertThat(value(EsmtpKeyword.BODY, "XBIT")).isEqualTo(UNKNOWN);
        assertThat(value(EsmtpKeyword.BODY, "BINARYMIMI")).isEqualTo(UNKNOWN);
        assertThat(value(EsmtpKeyword.BODY, "")).isEqualTo(MALFORMED);
    }

    @ParameterizedTest
    @EnumSource(EsmtpKeyword.class)
    void wantsAValueOrNone(EsmtpKeyword keyword) {
        boolean alone = keyword == EsmtpKeyword.SMTPUTF8 || keyword == EsmtpKeyword.REQUIRETLS;
        assertThat(ParameterGrammar.value(keyword, null)).isEqualTo(alone ? 0 : MALFORMED);
        assertThat(value(keyword, "")).isEqualTo(alone ? 0 : MALFORMED);
    }
}
