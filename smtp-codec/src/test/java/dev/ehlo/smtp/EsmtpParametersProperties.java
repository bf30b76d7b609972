package dev.ehlo.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.grammar.Unitext;
import dev.ehlo.smtp.grammar.Xtext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** What goes out comes back, and what was taken in can be told. */
class EsmtpParametersProperties {
    private static final long FIRST = Instant.parse("0000-01-01T00:00:00Z").getEpochSecond();
    private static final long LAST = Instant.parse("9999-12-31T23:59:59Z").getEpochSecond();

    private static EsmtpParameters sent(EsmtpParameter parameter) {
        int equals = parameter.toString().indexOf('=');
        String keyword =
                equals < 0 ? parameter.toString() : parameter.toString().substring(0, equals);
        String value = equals < 0 ? null : parameter.toString().substring(equals + 1);
        return new EsmtpParameters(List.of(new EsmtpParameter(keyword, value)));
    }

    @Property
    void sizesComeBack(@ForAll @LongRange(min = 0, max = Long.MAX_VALUE) long octets) {
        assertThat(sent(EsmtpParameter.size(octets)).size()).hasValue(octets);
    }

    @Property
    void wordsComeBack(
            @ForAll BodyType body, @ForAll DsnReturn part, @ForAll @Size(min = 1) Set<DsnNotify> notifications) {
        assertThat(BodyType.parse(body.toString())).isEqualTo(body);
        assertThat(sent(EsmtpParameter.body(body)).body()).contains(body);
        assertThat(DsnReturn.parse(part.toString())).isEqualTo(part);
        assertThat(sent(EsmtpParameter.dsnReturn(part)).dsnReturn()).contains(part);
        if (notifications.contains(DsnNotify.NEVER)) {
            notifications = Set.of(DsnNotify.NEVER);
        }
        assertThat(DsnNotify.parse(DsnNotify.format(notifications))).isEqualTo(notifications);
        assertThat(sent(EsmtpParameter.notifications(notifications.toArray(new DsnNotify[0])))
                        .notifications())
                .contains(notifications);
    }

    @Property
    void envelopeIdsComeBack(@ForAll("printable") String id) {
        Assume.that(!id.isEmpty() && Xtext.encode(id).length() <= 100);
        assertThat(sent(EsmtpParameter.envelopeId(id)).envelopeId()).contains(id);
    }

    @Property
    void timesComeBack(
            @ForAll("seconds") long time,
            @ForAll @IntRange(min = 1, max = 999_999_999) int interval,
            @ForAll @IntRange(min = 0, max = 999_999_999) int nanos,
            @ForAll RequireRecipientValidSince.NoSupport noSupport) {
        Instant whole = Instant.ofEpochSecond(time);
        assertThat(sent(EsmtpParameter.holdUntil(whole)).holdUntil()).contains(whole);
        assertThat(sent(EsmtpParameter.holdFor(Duration.ofSeconds(interval))).holdFor())
                .contains(Duration.ofSeconds(interval));
        RequireRecipientValidSince since = new RequireRecipientValidSince(whole.plusNanos(nanos), noSupport);
        assertThat(since.since()).isEqualTo(whole);
        assertThat(RequireRecipientValidSince.parse(since.toString())).isEqualTo(since);
        assertThat(sent(EsmtpParameter.validSince(since)).validSince()).contains(since);
    }

    @Provide
    Arbitrary<Long> seconds() {
        return Arbitraries.longs().between(FIRST, LAST);
    }

    @Property
    void deadlinesComeBack(
            @ForAll @IntRange(min = -999_999_999, max = 999_999_999) int seconds,
            @ForAll DeliverBy.Mode mode,
            @ForAll boolean trace) {
        Assume.that(seconds > 0 || mode == DeliverBy.Mode.NOTIFY);
        DeliverBy by = new DeliverBy(Duration.ofSeconds(seconds), mode, trace);
        assertThat(DeliverBy.parse(by.toString())).isEqualTo(by);
        assertThat(sent(EsmtpParameter.deliverBy(by)).deliverBy()).contains(by);
    }

    @Property
    void prioritiesComeBack(@ForAll @IntRange(min = -9, max = 9) int priority) {
        assertThat(sent(EsmtpParameter.priority(priority)).priority()).hasValue(priority);
    }

    @Property
    void originalRecipientsComeBack(@ForAll("recipients") OriginalRecipient recipient) {
        assertThat(OriginalRecipient.parse(recipient.toString())).isEqualTo(recipient);
        assertThat(sent(EsmtpParameter.originalRecipient(recipient)).originalRecipient())
                .contains(recipient);
    }

    @Provide
    Arbitrary<OriginalRecipient> recipients() {
        Arbitrary<OriginalRecipient> plain = Combinators.combine(
                        Arbitraries.of("rfc822", "X400", "a!b{c}"), printable())
                .as(OriginalRecipient::new);
        Arbitrary<OriginalRecipient> utf8 =
                texts().filter(text -> !text.isEmpty()).map(text -> new OriginalRecipient("UTF-8", text));
        return Arbitraries.oneOf(plain, utf8);
    }

    @Property
    void submittersComeBack(@ForAll("localParts") String localPart) {
        ReversePath submitter = new ReversePath(new Mailbox(localPart, "b\u00fccher.example"));
        assertThat(sent(EsmtpParameter.auth(submitter)).auth()).contains(submitter);
        assertThat(sent(EsmtpParameter.auth(ReversePath.NULL)).auth()).contains(ReversePath.NULL);
    }

    @Provide
    Arbitrary<String> localParts() {
        return Arbitraries.strings().withChars("ab.@\"\\ <>!+=\u00e9\u20ac").ofMaxLength(12);
    }

    @Provide
    Arbitrary<String> printable() {
        return Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(100);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings()
                .withChars("a@\\+= {}x\u0080\u00e9\u0800\ud7ff\ue000\uffff")
                .ofMaxLength(60)
                .flatMap(text ->
                        Arbitraries.of("", "\ud83d\ude00", "\udbff\udfff").map(text::concat));
    }

    @Property
    void encodedTextComesBack(@ForAll("texts") String text, @ForAll("printable") String printable) {
        for (String each : new String[] {text, printable, text + '\r' + printable + '\0'}) {
            assertThat(Xtext.decode(Xtext.encode(each))).isEqualTo(each);
            assertThat(Xtext.encode(each)).matches("[!-*,-<>-~+]*");
        }
        assertThat(Unitext.decode(Unitext.encode(text))).isEqualTo(text);
        assertThat(Unitext.decode(Unitext.encodeAscii(text))).isEqualTo(text);
        assertThat(Unitext.encodeAscii(text)).matches("[!-*,-<>-~]*");
    }

    @Property(tries = 10_000)
    void whatWasTakenCanBeTold(@ForAll EsmtpKeyword keyword, @ForAll("values") String value) {
        if (!keyword.takes(value)) {
            return;
        }
        EsmtpParameters parameters = new EsmtpParameters(List.of(new EsmtpParameter(keyword.wire(), value)));
        EsmtpParameter again = again(keyword, parameters);
        assertThat(again(keyword, new EsmtpParameters(List.of(again)))).isEqualTo(again);
        assertThat(again.toString().length()).isLessThanOrEqualTo(600);
    }

    /** Read as its type, and made of that again. */
    private static EsmtpParameter again(EsmtpKeyword keyword, EsmtpParameters parameters) {
        return switch (keyword) {
            case SIZE -> EsmtpParameter.size(parameters.size().orElseThrow());
            case BODY -> EsmtpParameter.body(parameters.body().orElseThrow());
            case SMTPUTF8 -> EsmtpParameter.smtpUtf8();
            case REQUIRETLS -> EsmtpParameter.requireTls();
            case RET -> EsmtpParameter.dsnReturn(parameters.dsnReturn().orElseThrow());
            case ENVID -> EsmtpParameter.envelopeId(parameters.envelopeId().orElseThrow());
            case AUTH -> EsmtpParameter.auth(parameters.auth().orElseThrow());
            case HOLDFOR -> EsmtpParameter.holdFor(parameters.holdFor().orElseThrow());
            case HOLDUNTIL -> EsmtpParameter.holdUntil(parameters.holdUntil().orElseThrow());
            case BY -> EsmtpParameter.deliverBy(parameters.deliverBy().orElseThrow());
            case MT_PRIORITY -> EsmtpParameter.priority(parameters.priority().orElseThrow());
            case NOTIFY ->
                EsmtpParameter.notifications(
                        parameters.notifications().orElseThrow().toArray(new DsnNotify[0]));
            case ORCPT ->
                EsmtpParameter.originalRecipient(parameters.originalRecipient().orElseThrow());
            case RRVS -> EsmtpParameter.validSince(parameters.validSince().orElseThrow());
        };
    }

    @Provide
    Arbitrary<String> values() {
        return Arbitraries.of(
                        "1",
                        "99",
                        "-",
                        "+",
                        ";",
                        "N",
                        "r",
                        "T",
                        "t",
                        "7bit",
                        "8BITMIME",
                        "BinaryMime",
                        "full",
                        "HDRS",
                        "NEVER",
                        "success",
                        "FAILURE",
                        "Delay",
                        ",",
                        "2026-11-21T12:00:00Z",
                        "2026-11-21t12:00:60.5",
                        "2026-11-21T23:59:60Z",
                        "0000-01-01T00:00:00-23:59",
                        "9999-12-31T23:59:59Z",
                        ";c",
                        "rfc822;",
                        "utf-8;",
                        "UTF-8;",
                        "a@b.example",
                        "postmaster",
                        "<>",
                        "+2B",
                        "+22",
                        "+20",
                        "+5C",
                        "+C3+A9",
                        "+41",
                        "\\x{20}",
                        "\\x{E9}",
                        "\\x{2b}",
                        "\\x{1f600}",
                        "\u00e9",
                        "x".repeat(90),
                        "\u00e9".repeat(240))
                .list()
                .ofMinSize(1)
                .ofMaxSize(5)
                .map(list -> String.join("", list));
    }

    @Property
    void nothingThatACallerSaysLeavesTheValue(@ForAll EsmtpKeyword keyword, @ForAll("anything") String text) {
        try {
            EsmtpParameter parameter = new EsmtpParameter(keyword.wire(), text);
            assertThat(parameter.toString().getBytes(StandardCharsets.UTF_8))
                    .doesNotContain('\r', '\n', '\0', ' ', 0x7f);
        } catch (IllegalArgumentException refused) {
            assertThat(refused.getMessage()).doesNotContain("\r", "\n", "\0");
        }
    }

    @Provide
    Arbitrary<String> anything() {
        return Arbitraries.strings()
                .withChars("ab;@1\r\n\0 =+\u760d\u760a\udc00\u007f")
                .ofMaxLength(8);
    }
}
