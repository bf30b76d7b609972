package dev.ehlo.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MailboxTest {
    private static final String LOCAL_64 = "l".repeat(64);
    private static final String LABEL_63 = "d".repeat(63);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "@",
                "a",
                "a@",
                "@b",
                "a@b.",
                "a@.b",
                "a@b..c",
                "a@-b",
                "a@b-",
                "a@b_c",
                "a@b@c",
                ".a@b",
                "a.@b",
                "a..b@c",
                "a b@c",
                "a@b c",
                "\"a@b",
                "a\"b\"@c",
                "\"a\"b@c",
                "\"a\rb\"@c",
                "a@b\r\n",
                "a\n@b",
                "a\0@b",
                "a@b\0",
                "\"\\\u00e9\"@b",
                "<a@b>",
                "@c:a@b",
                "a@[",
                "a@[]",
                "a@[1.2.3]",
                "a@[1.2.3.4.5]",
                "a@[256.1.1.1]",
                "a@[1.2.3.4",
                "a@[1.2.3.4]x",
                "a@[IPv6:]",
                "a@[IPv6:1::2::3]",
                "a@[IPv6:12345::]",
                "a@[IPv6:1:2:3:4:5:6:7]",
                "a@[IPv6:1:2:3:4:5:6:7:8:9]",
                "a@[IPv6:1:2:3:4:5:6:7:8::]",
                "a@[IPv6:1:2:3:4:5:6:7:8:]",
                "a@[IPv6:1:2:3:4:5:6:7::]",
                "a@[IPv6:1:2:3:4:5::192.0.2.1]",
                "a@[IPv6:1:2:3:4:5:6::192.0.2.1]",
                "a@[IPv6:1::2:]",
                "a@[IPv6:1:::2]",
                "a@[IPv6:1.2.3.4]",
                "a@[IPv6]",
                "a@[1.2.3.4",
                "a@[1.2.3.]",
                "a@[0001.2.3.4]",
                "a@[tag:x[y]",
                "a@[IPv6::1]",
                "a@[IPv6:1:]",
                "a@[IPv6::::]",
                "a@[IPv6:::1.2.3]",
                "a@[IPv6:fe80::1%eth0]",
                "a@[tag:]",
                "a@[-:x]",
                "a@[x-:y]",
                "po\u017ftmaster",
                "a\ud800@b",
                "a@[\u00e9:x]"
            })
    void refusesWhatIsNoMailbox(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Mailbox.parse(text))
                .withMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a@b",
                "a.b+c@x-y.example",
                "user%remote@us",
                "remote!user@us",
                "\"user@remote\"@us",
                "\"\"@b",
                "\"a\\\\b\\\"c\"@d",
                "a@[192.0.2.1]",
                "a@[001.2.3.4]",
                "a@[IPv6:::]",
                "a@[IPv6:::1]",
                "a@[IPv6:1::]",
                "a@[IPv6:1:2:3:4:5:6:7:8]",
                "a@[IPv6:1:2:3:4:5:6::]",
                "a@[IPv6:1:2:3:4::192.0.2.1]",
                "a@[IPv6:::ffff:192.0.2.1]",
                "a@[IPv6:1:2:3:4:5:6:192.0.2.1]",
                "a@[x-tag:any^thing]",
                "\u00e9\u20ac@\u00fcber.example",
                "a@1.2",
                "\"\u00e9 \"@b",
                "Postmaster"
            })
    void takesAMailboxAndGivesItBack(String text) {
        assertThat(Mailbox.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({"'\"abc\"@d', abc@d", "'\"a\\b\"@d', ab@d", "pOstMaster, Postmaster"})
    void dropsQuotesThatAreNotNeeded(String text, String canonical) {
        assertThat(Mailbox.parse(text)).hasToString(canonical);
    }

    @Test
    void countsLengthsInOctets() {
        assertThat(Mailbox.parse(LOCAL_64 + "@b").localPart()).hasSize(64);
        assertThat(Mailbox.parse("a@" + LABEL_63 + ".d").domain()).hasSize(65);
        assertThat(Mailbox.parse("a@" + (LABEL_63 + ".").repeat(3) + "d".repeat(60))
                        .domain())
                .hasSize(252);
        for (String text : new String[] {
            "l" + LOCAL_64 + "@b",
            "\u00e9" + "l".repeat(63) + "@b",
            "\"" + "l".repeat(62) + " \"@b",
            "a@d" + LABEL_63,
            "a@b.d" + LABEL_63,
            "a@d" + LABEL_63 + ".b",
            "a@" + (LABEL_63 + ".").repeat(3) + "d".repeat(61),
            "a@[t:" + "x".repeat(252) + "]",
            LOCAL_64 + "@" + (LABEL_63 + ".").repeat(3) + "d",
            "a@" + (LABEL_63 + ".").repeat(20) + "d"
        }) {
            assertThatIllegalArgumentException().as(text).isThrownBy(() -> Mailbox.parse(text));
        }
    }

    @Test
    void aLocalPartCannotBecomeADomain() {
        assertThat(new Mailbox("a@evil", "b")).hasToString("\"a@evil\"@b");
        assertThat(new Mailbox("a>,<b", "c")).hasToString("\"a>,<b\"@c");
        assertThatIllegalArgumentException().isThrownBy(() -> new Mailbox("a", "b@c"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Mailbox("a", "b>\r\nRCPT TO:<c"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Mailbox("a\u0000", "b"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Mailbox("a", ""));
    }

    @Test
    void onlyTheCaseOfAsciiIsDisregarded() {
        assertThat(Mailbox.parse("a@KIOSK.example").isAt("kiosk.EXAMPLE")).isTrue();
        // The Kelvin sign is a capital to Unicode, and so stands in no domain at all.
        assertThatIllegalArgumentException().isThrownBy(() -> Mailbox.parse("a@\u212aiosk.example"));
        assertThat(Mailbox.parse("a@g\u0131thub.example").isAt("gIthub.example"))
                .isFalse();
    }

    @Test
    void spellingsOfOneDomainAreOneDestination() {
        Mailbox unicode = Mailbox.parse("a@B\u00fccher.Example");
        assertThat(unicode.destination()).isEqualTo("xn--bcher-kva.example");
        assertThat(Mailbox.parse("a@XN--bcher-KVA.example").destination()).isEqualTo(unicode.destination());
        assertThat(unicode.isAt("xn--BCHER-kva.example")).isTrue();
        assertThat(Mailbox.parse("a@xn--bcher-kva.example").isAt("b\u00fccher.example"))
                .isTrue();
        assertThat(unicode.isAt("bucher.example")).isFalse();
        assertThat(unicode.isAt("\ud800")).isFalse();
        // Two domains since IDNA2008.
        assertThat(Mailbox.parse("a@fa\u00df.example").isAt("fass.example")).isFalse();
        assertThat(Mailbox.parse("a@[IPv6:2001:DB8::1]").destination()).isEqualTo("[ipv6:2001:db8::1]");
        assertThat(Mailbox.POSTMASTER.destination()).isEmpty();
    }

    @Test
    void thereIsOnePostmaster() {
        assertThat(new Mailbox("POSTMASTER", "")).isEqualTo(Mailbox.POSTMASTER);
        assertThatIllegalArgumentException().isThrownBy(() -> ReversePath.parse("postmaster"));
    }

    @Test
    void tellsWhetherItNeedsUtf8() {
        assertThat(Mailbox.parse("a@b").needsUtf8()).isFalse();
        assertThat(Mailbox.parse("\u00e9@b").needsUtf8()).isTrue();
        assertThat(Mailbox.parse("a@\u00e9").needsUtf8()).isTrue();
    }
}
