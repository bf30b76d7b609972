package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Reply;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CapabilitiesTest {
    private static Capabilities offered(String... lines) {
        List<String> all = new java.util.ArrayList<>(List.of("mx.example greets you"));
        all.addAll(List.of(lines));
        return Capabilities.of(Reply.of(250, all));
    }

    @Example
    void readsWhatAServerOffers() {
        Capabilities offered =
                offered("size 1000", "Pipelining", "AUTH PLAIN login", "AUTH=PLAIN XOAUTH2", "X-A  b", "SIZE 5");
        assertThat(offered.keywords().keySet()).containsExactly("SIZE", "PIPELINING", "AUTH", "X-A");
        assertThat(offered.has("PIPELINING")).isTrue();
        assertThat(offered.has(Extension.DSN)).isFalse();
        assertThat(offered.maxMessageOctets()).isEqualTo(1000);
        assertThat(offered.authMechanisms()).containsExactlyInAnyOrder("PLAIN", "LOGIN", "XOAUTH2");
        assertThat(offered.arguments(Extension.AUTH)).containsExactly("PLAIN", "login", "XOAUTH2");
        assertThat(offered("AUTH=PLAIN LOGIN").authMechanisms()).containsExactlyInAnyOrder("PLAIN", "LOGIN");
        assertThat(Capabilities.of(Reply.of(250, "mx")).keywords()).isEmpty();
    }

    @Example
    void aSizeThatIsNoneIsNoLimit() {
        for (String size : new String[] {"SIZE", "SIZE 0", "SIZE x", "SIZE 99999999999999999999", "SIZE -1", "NOOP"}) {
            assertThat(offered(size).maxMessageOctets()).isEqualTo(Long.MAX_VALUE);
        }
        assertThat(Capabilities.NONE.authMechanisms()).isEmpty();
    }

    @Example
    void readsTheLimitsOfAServer() {
        Capabilities offered = offered("LIMITS RCPTMAX=20 mailmax=5 OTHER RCPTDOMAINMAX=1 X=y");
        assertThat(offered.maxRecipients()).hasValue(20);
        assertThat(offered.maxTransactions()).hasValue(5);
        assertThat(offered.maxRecipientDomains()).hasValue(1);
        for (String limits : new String[] {
            "",
            "LIMITS",
            "LIMITS RCPTMAX",
            "LIMITS RCPTMAX=",
            "LIMITS RCPTMAX=0",
            "LIMITS RCPTMAX=-1",
            "LIMITS RCPTMAX=1234567",
            "LIMITS RCPTMAX=x RCPTMAX=1",
            "LIMITS XRCPTMAX=1"
        }) {
            assertThat(offered(limits).maxRecipients()).as(limits).isEmpty();
        }
    }

    @Example
    void readsHowLongAMessageMayBeHeld() {
        Capabilities offered = offered("FUTURERELEASE 86400 2027-01-01T00:00:00Z");
        assertThat(offered.maxHold()).contains(Duration.ofDays(1));
        assertThat(offered.maxHoldUntil()).contains(Instant.parse("2027-01-01T00:00:00Z"));
        assertThat(offered("FUTURERELEASE 9 2027-01-01T01:00:00+01:00").maxHoldUntil())
                .contains(Instant.parse("2027-01-01T00:00:00Z"));
        for (String none :
                new String[] {"FUTURERELEASE", "FUTURERELEASE x y", "FUTURERELEASE 1234567890 2027-02-30T00:00:00Z", "X"
                }) {
            assertThat(offered(none).maxHold()).isEmpty();
            assertThat(offered(none).maxHoldUntil()).isEmpty();
        }
    }

    @Example
    void readsTheArgumentsOfOtherExtensions() {
        Capabilities offered = offered(
                "DELIVERBY 240,later",
                "MT-PRIORITY MIXER",
                "NO-SOLICITING net.example:ADV,,1x,org.example:ADV:ADLT",
                "BURL imap imap://imap.example.org");
        assertThat(offered.deliverByMinimum()).contains(Duration.ofMinutes(4));
        assertThat(offered.priorityProfile()).contains("MIXER");
        assertThat(offered.unwantedSolicitations()).containsExactly("net.example:ADV", "org.example:ADV:ADLT");
        assertThat(offered.arguments(Extension.BURL)).containsExactly("imap", "imap://imap.example.org");

        Capabilities bare = offered("DELIVERBY", "MT-PRIORITY", "NO-SOLICITING", "BURL");
        assertThat(bare.has(Extension.DELIVERBY)).isTrue();
        assertThat(bare.deliverByMinimum()).isEmpty();
        assertThat(bare.priorityProfile()).isEmpty();
        assertThat(bare.unwantedSolicitations()).isEmpty();
        assertThat(bare.arguments(Extension.BURL)).isEmpty();
        assertThat(offered("DELIVERBY 1234567890").deliverByMinimum()).isEmpty();
    }

    @Example
    void everyExtensionIsListedAndFoundByItsKeyword() {
        for (Extension each : Extension.values()) {
            Capabilities offered = offered(each.keyword().toLowerCase(java.util.Locale.ROOT) + " x");
            assertThat(offered.has(each)).isTrue();
            assertThat(offered.arguments(each)).containsExactly("x");
            assertThat(Extension.find(each.keyword().toLowerCase(java.util.Locale.ROOT)))
                    .contains(each);
            assertThat(each.source()).matches("RFC \\d+|IANA");
        }
        assertThat(Extension.find("XCLIENT")).isEmpty();
        assertThat(Extension.find("\u017fIZE")).isEmpty();
    }

    @Example
    void aKeywordIsNotMadeOutOfOtherLetters() {
        assertThat(offered("P\u0131PELINING", "", " ", "-X", "A_B").keywords()).isEmpty();
        assertThat(offered("SIZE \u0661", "X \u00e9 b").keywords())
                .isEqualTo(Map.of("SIZE", List.of(), "X", List.of("b")));
    }

    @Example
    void isWrittenAsAReply() {
        Capabilities offers = Capabilities.NONE
                .with(Extension.SIZE, "1000")
                .with(Extension.AUTH, "PLAIN", "LOGIN")
                .with("xclient", "NAME")
                .with(Extension.SIZE, "2000");
        assertThat(Wire.latin1(ReplyEncoder.encode(offers.toReply("mx.example hello"))))
                .isEqualTo("250-mx.example hello\r\n250-SIZE 2000\r\n250-AUTH PLAIN LOGIN\r\n250 XCLIENT NAME\r\n");
    }

    @Example
    void whatCouldNotStandInAReplyIsRefused() {
        for (String bad : new String[] {"", "a b", "a\r\n250 x", "\u00e9", "x".repeat(600)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Capabilities.NONE.with(Extension.SIZE, bad))
                    .withMessageNotContaining("\n");
            assertThatIllegalArgumentException().isThrownBy(() -> Capabilities.NONE.with(bad));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new Capabilities(Map.of("size", List.of())));
    }

    @Provide
    Arbitrary<Map<String, List<String>>> offers() {
        Arbitrary<String> keyword = Arbitraries.oneOf(
                Arbitraries.of(Extension.values()).map(Extension::keyword),
                Arbitraries.strings()
                        .withChars("AX09-")
                        .ofMinLength(1)
                        .ofMaxLength(9)
                        .map(k -> "X" + k));
        Arbitrary<String> argument =
                Arbitraries.strings().withCharRange('!', '~').ofMinLength(1).ofMaxLength(20);
        return Arbitraries.maps(keyword, argument.list().ofMaxSize(5)).ofMaxSize(20);
    }

    @Property
    void readsBackWhatItWrites(@ForAll("offers") Map<String, List<String>> keywords) {
        Capabilities offers = new Capabilities(keywords);
        ByteBuffer wire = ByteBuffer.wrap(ReplyEncoder.encode(offers.toReply("mx.example")));
        ReplyView view = new ReplyView();

        assertThat(new ReplyParser().parse(wire, view)).isEqualTo(ParseResult.COMPLETE);
        Capabilities read = Capabilities.of(view.toReply());

        assertThat(read).isEqualTo(offers);
        assertThat(read.keywords().keySet())
                .containsExactlyElementsOf(offers.keywords().keySet());
    }

    @Provide
    Arbitrary<String> lines() {
        return Arbitraries.of(
                        "AUTH",
                        "SIZE",
                        "LIMITS",
                        "FUTURERELEASE",
                        "DELIVERBY",
                        "NO-SOLICITING",
                        "MT-PRIORITY",
                        " ",
                        "=",
                        ",",
                        "RCPTMAX=",
                        "0",
                        "99999999999",
                        "2027-01-01T00:00:00Z",
                        "+1000000000-01-01T00:00:00Z",
                        "x",
                        "\u00e9",
                        "\ud83d\ude00",
                        "y".repeat(300))
                .list()
                .ofMaxSize(8)
                .map(list -> String.join("", list));
    }

    @Property
    void noLineOfAServerThrows(@ForAll("lines") String line, @ForAll("lines") String other) {
        Capabilities offered = Capabilities.of(Reply.of(250, List.of("mx", line, other, line + " x")));

        assertThat(offered.maxMessageOctets()).isPositive();
        assertThat(offered.maxRecipients().orElse(1)).isPositive();
        assertThat(offered.maxHold().orElse(Duration.ZERO)).isBetween(Duration.ZERO, Duration.ofSeconds(999_999_999));
        assertThat(offered.deliverByMinimum().orElse(Duration.ZERO))
                .isBetween(Duration.ZERO, Duration.ofSeconds(999_999_999));
        assertThat(offered.maxHoldUntil().orElse(Instant.EPOCH)).isNotNull();
        assertThat(offered.unwantedSolicitations()).doesNotContain("");
        assertThat(offered.priorityProfile().orElse("x")).isNotEmpty();
        assertThat(offered.authMechanisms()).allMatch(m -> m.matches("[A-Z0-9_-]{1,20}"));
        assertThat(Capabilities.of(offered.toReply("mx"))).isEqualTo(offered);
    }
}
