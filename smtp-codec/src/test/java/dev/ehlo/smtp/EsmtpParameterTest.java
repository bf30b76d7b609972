package dev.ehlo.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.grammar.Unitext;
import dev.ehlo.smtp.grammar.Xtext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EsmtpParameterTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    @Test
    void isWrittenAsTheRfcsShow() {
        assertThat(EsmtpParameter.size(500_000)).hasToString("SIZE=500000");
        assertThat(EsmtpParameter.body(BodyType.EIGHT_BIT_MIME)).hasToString("BODY=8BITMIME");
        assertThat(EsmtpParameter.smtpUtf8()).hasToString("SMTPUTF8");
        assertThat(EsmtpParameter.requireTls()).hasToString("REQUIRETLS");
        assertThat(EsmtpParameter.dsnReturn(DsnReturn.HDRS)).hasToString("RET=HDRS");
        assertThat(EsmtpParameter.envelopeId("a+b = c")).hasToString("ENVID=a+2Bb+20+3D+20c");
        assertThat(EsmtpParameter.auth(ReversePath.parse("e=mc2@example.com"))).hasToString("AUTH=e+3Dmc2@example.com");
        assertThat(EsmtpParameter.auth(ReversePath.NULL)).hasToString("AUTH=<>");
        assertThat(EsmtpParameter.holdFor(Duration.ofMillis(1500))).hasToString("HOLDFOR=2");
        assertThat(EsmtpParameter.holdUntil(NOON.plusNanos(1))).hasToString("HOLDUNTIL=2026-11-21T12:00:01Z");
        assertThat(EsmtpParameter.deliverBy(new DeliverBy(Duration.ofMillis(-1500), DeliverBy.Mode.NOTIFY, true)))
                .hasToString("BY=-2;NT");
        assertThat(EsmtpParameter.priority(-3)).hasToString("MT-PRIORITY=-3");
        assertThat(EsmtpParameter.notifications(DsnNotify.DELAY, DsnNotify.SUCCESS, DsnNotify.DELAY))
                .hasToString("NOTIFY=SUCCESS,DELAY");
        assertThat(EsmtpParameter.originalRecipient(OriginalRecipient.of(Mailbox.parse("b+c@example.net"))))
                .hasToString("ORCPT=rfc822;b+2Bc@example.net");
        assertThat(EsmtpParameter.originalRecipient(OriginalRecipient.of(Mailbox.parse("caf\u00e9+x@example.net"))))
                .hasToString("ORCPT=utf-8;caf\\x{E9}\\x{2B}x@example.net");
        assertThat(EsmtpParameter.validSince(
                        new RequireRecipientValidSince(NOON, RequireRecipientValidSince.NoSupport.CONTINUE)))
                .hasToString("RRVS=2026-11-21T12:00:00Z;C");
    }

    @Test
    void isReadAsWhatItSays() {
        EsmtpParameters mail = parameters("BODY=binarymime RET=full ENVID=a+20b AUTH=e+3Dmc2@example.com"
                + " HOLDFOR=60 BY=-2;nt MT-PRIORITY=-3 SIZE=7");
        assertThat(mail.body()).contains(BodyType.BINARY_MIME);
        assertThat(mail.isBinary()).isTrue();
        assertThat(parameters("BODY=8BITMIME").isBinary()).isFalse();
        assertThat(mail.dsnReturn()).contains(DsnReturn.FULL);
        assertThat(mail.envelopeId()).contains("a b");
        assertThat(mail.auth()).contains(ReversePath.parse("e=mc2@example.com"));
        assertThat(parameters("AUTH=<>").auth()).contains(ReversePath.NULL);
        assertThat(mail.holdFor()).contains(Duration.ofMinutes(1));
        assertThat(mail.holdUntil()).isEmpty();
        assertThat(parameters("HOLDUNTIL=2026-11-21T12:00:00Z").holdUntil()).contains(NOON);
        assertThat(mail.deliverBy()).contains(new DeliverBy(Duration.ofSeconds(-2), DeliverBy.Mode.NOTIFY, true));
        assertThat(mail.priority()).hasValue(-3);
        assertThat(mail.size()).hasValue(7);

        EsmtpParameters rcpt = parameters("NOTIFY=delay,success ORCPT=rfc822;b+2Bc@d RRVS=2026-11-21T12:00:00Z;c");
        assertThat(rcpt.notifications()).contains(Set.of(DsnNotify.SUCCESS, DsnNotify.DELAY));
        assertThat(rcpt.originalRecipient()).contains(new OriginalRecipient("rfc822", "b+c@d"));
        assertThat(rcpt.validSince())
                .contains(new RequireRecipientValidSince(NOON, RequireRecipientValidSince.NoSupport.CONTINUE));
    }

    private static EsmtpParameters parameters(String text) {
        return new EsmtpParameters(Stream.of(text.split(" "))
                .map(each -> each.split("=", 2))
                .map(parts -> new EsmtpParameter(parts[0], parts[1]))
                .toList());
    }

    @Test
    void refusesWhatIsOutOfRange() {
        assertRefused(() -> EsmtpParameter.size(-1));
        assertRefused(() -> EsmtpParameter.envelopeId(""));
        assertRefused(() -> EsmtpParameter.envelopeId("a\r\nRSET"));
        assertRefused(() -> EsmtpParameter.envelopeId("caf\u00e9"));
        assertRefused(() -> EsmtpParameter.envelopeId("\u760d\u760a"));
        assertRefused(() -> EsmtpParameter.envelopeId("x".repeat(101)));
        assertRefused(() -> EsmtpParameter.auth(new ReversePath(Mailbox.POSTMASTER)));
        assertRefused(() -> EsmtpParameter.holdFor(Duration.ZERO));
        assertRefused(() -> EsmtpParameter.holdFor(Duration.ofSeconds(-1)));
        assertRefused(() -> EsmtpParameter.holdFor(Duration.ofSeconds(1_000_000_000)));
        assertRefused(() -> EsmtpParameter.holdFor(Duration.ofSeconds(Long.MAX_VALUE, 1)));
        assertRefused(() -> EsmtpParameter.holdUntil(Instant.MAX));
        assertRefused(() -> EsmtpParameter.holdUntil(Instant.MIN));
        assertRefused(() -> EsmtpParameter.priority(10));
        assertRefused(EsmtpParameter::notifications);
        assertRefused(() -> EsmtpParameter.notifications(DsnNotify.NEVER, DsnNotify.DELAY));
        assertRefused(() -> new DeliverBy(Duration.ZERO, DeliverBy.Mode.RETURN, false));
        assertRefused(() -> new DeliverBy(Duration.ofSeconds(Long.MIN_VALUE), DeliverBy.Mode.NOTIFY, false));
        assertRefused(() -> new RequireRecipientValidSince(Instant.MAX, RequireRecipientValidSince.NoSupport.REJECT));
        assertRefused(() -> new OriginalRecipient("rfc822;x", "a"));
        assertRefused(() -> new OriginalRecipient("", "a"));
        assertRefused(() -> new OriginalRecipient("r.f", "a"));
        assertRefused(() -> new OriginalRecipient("rfc822", "a\0"));
        assertRefused(() -> new OriginalRecipient("rfc822", "\u00e9"));
        assertRefused(() -> new OriginalRecipient("rfc822", "x".repeat(494)));
        assertRefused(() -> new OriginalRecipient("utf-8", ""));
        assertRefused(() -> new OriginalRecipient("utf-8", "a\r"));
        assertRefused(() -> new OriginalRecipient("utf-8", "\u00e9".repeat(248)));
        List<EsmtpParameter> holds =
                List.of(EsmtpParameter.holdFor(Duration.ofHours(1)), EsmtpParameter.holdUntil(NOON));
        assertRefused(() -> new EsmtpParameters(holds));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SIZE=1k",
                "BODY=9BIT",
                "RET=ALL",
                "ENVID=a+0D",
                "AUTH=nobody",
                "HOLDFOR=0",
                "HOLDUNTIL=now",
                "BY=1",
                "MT-PRIORITY=+1",
                "NOTIFY=NEVER,DELAY",
                "ORCPT=a@b",
                "RRVS=2026-11-21",
                "smtputf8=1",
                "requiretls=1",
            })
    void refusesMalformedValuesOfKnownKeywords(String text) {
        int equals = text.indexOf('=');
        assertRefused(() -> new EsmtpParameter(text.substring(0, equals), text.substring(equals + 1)));
        if (!text.endsWith("=1")) {
            assertRefused(() -> new EsmtpParameter(text.substring(0, equals), null));
        }
        assertThat(new EsmtpParameter("X" + text.substring(0, equals), text.substring(equals + 1)))
                .hasToString(
                        "X" + text.substring(0, equals).toUpperCase(java.util.Locale.ROOT) + text.substring(equals));
    }

    @Test
    void tellsWhatIsAbsentFromWhatIsThere() {
        EsmtpParameters none = EsmtpParameters.NONE;
        assertThat(none.size()).isEmpty();
        assertThat(none.priority()).isEmpty();
        assertThat(none.isBinary()).isFalse();
        assertThat(List.of(
                        none.body(),
                        none.dsnReturn(),
                        none.envelopeId(),
                        none.auth(),
                        none.holdFor(),
                        none.holdUntil(),
                        none.deliverBy(),
                        none.notifications(),
                        none.originalRecipient(),
                        none.validSince()))
                .allMatch(java.util.Optional::isEmpty);
        EsmtpParameters two = none.with(EsmtpParameter.smtpUtf8()).with(new EsmtpParameter("notify", "delay"));
        assertThat(two.has(EsmtpKeyword.SMTPUTF8)).isTrue();
        assertThat(two.has(EsmtpKeyword.REQUIRETLS)).isFalse();
        assertThat(two.notifications()).contains(Set.of(DsnNotify.DELAY));
        assertThat(two.without(EsmtpKeyword.SMTPUTF8)).hasToString("NOTIFY=delay");
    }

    @Test
    void longAddressesAreToldInUtf8WhereAsciiHasNoRoom() {
        OriginalRecipient recipient = new OriginalRecipient("utf-8", "\u00e9".repeat(247));
        assertThat(recipient).hasToString("utf-8;" + "\u00e9".repeat(247));
        assertThat(OriginalRecipient.parse("utf-8;" + "\\x{e9}".repeat(82)))
                .hasToString("utf-8;" + "\\x{E9}".repeat(82));
    }

    @Test
    void knowsKeywordsByTheLettersOfAsciiAlone() {
        assertThat(EsmtpKeyword.find("mt-Priority")).contains(EsmtpKeyword.MT_PRIORITY);
        assertThat(EsmtpKeyword.find("\u017fIZE")).isEmpty();
        assertThat(EsmtpKeyword.SIZE.takes("1")).isTrue();
        assertThat(EsmtpKeyword.SIZE.takes(null)).isFalse();
        assertThat(EsmtpKeyword.SIZE.takes("\udc00")).isFalse();
        assertThat(EsmtpKeyword.BODY.takes("9BIT")).isFalse();
        assertThat(EsmtpKeyword.REQUIRETLS.takes(null)).isTrue();
    }

    @Test
    void refusesWhatIsNoEncodedText() {
        for (String bad : new String[] {"a b", "a=b", "+", "+2", "+2b", "+G0", "\u00e9", "+C3", "\u007f"}) {
            assertRefused(() -> Xtext.decode(bad));
        }
        for (String bad :
                new String[] {"a b", "a=b", "a+b", "\\", "\\x", "\\x{", "\\x{E9", "\\x{9}", "\\X{E9}", "\\x{}"}) {
            assertRefused(() -> Unitext.decode(bad));
        }
        assertRefused(() -> Unitext.encode("a\u007f"));
        assertRefused(() -> Unitext.encodeAscii("\ud800"));
        assertRefused(() -> Xtext.encode("\ud800"));
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageNotContainingAny("\r", "\n", "\0");
    }
}
