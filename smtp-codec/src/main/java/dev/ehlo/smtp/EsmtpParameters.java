package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.ParameterGrammar;
import dev.ehlo.smtp.grammar.Xtext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The parameters of one MAIL or RCPT, in their order, each keyword once. RFC 5321 §4.1.1.11.
 *
 * @param list unmodifiable
 */
public record EsmtpParameters(List<EsmtpParameter> list) {
    /** No parameters. */
    public static final EsmtpParameters NONE = new EsmtpParameters(List.of());

    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if a keyword stands twice, or HOLDFOR beside HOLDUNTIL. RFC 4865 §3
     */
    public EsmtpParameters {
        list = List.copyOf(list);
        if (list.size() > 1) {
            checkTogether(list);
        }
    }

    private static void checkTogether(List<EsmtpParameter> list) {
        Set<String> seen = new HashSet<>();
        for (EsmtpParameter parameter : list) {
            if (!seen.add(parameter.keyword())) {
                throw new IllegalArgumentException("ESMTP parameter given twice: " + parameter.keyword());
            }
        }
        if (seen.contains(EsmtpKeyword.HOLDFOR.wire()) && seen.contains(EsmtpKeyword.HOLDUNTIL.wire())) {
            throw new IllegalArgumentException("HOLDFOR beside HOLDUNTIL");
        }
    }

    /** The parameter of that keyword, which is compared in upper case. */
    public Optional<EsmtpParameter> find(String keyword) {
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i).keyword().equals(keyword)) {
                return Optional.of(list.get(i));
            }
        }
        return Optional.empty();
    }

    /** The parameter of that keyword. */
    public Optional<EsmtpParameter> find(EsmtpKeyword keyword) {
        return find(keyword.wire());
    }

    /** Whether the keyword stands here, such as SMTPUTF8 and REQUIRETLS, which have no value. */
    public boolean has(EsmtpKeyword keyword) {
        return find(keyword).isPresent();
    }

    /** SIZE: octets of the message, with CRLF for each line end, before dots are stuffed. */
    public OptionalLong size() {
        Optional<Long> octets = number(EsmtpKeyword.SIZE);
        return octets.isPresent() ? OptionalLong.of(octets.get()) : OptionalLong.empty();
    }

    /** BODY: what the content is made of. */
    public Optional<BodyType> body() {
        return value(EsmtpKeyword.BODY).map(BodyType::parse);
    }

    /** Whether BODY says BINARYMIME: content without lines, to be kept octet for octet. RFC 3030 §3. */
    public boolean isBinary() {
        return body().filter(b -> b == BodyType.BINARY_MIME).isPresent();
    }

    /** RET: how much of the message a report is to bring back. */
    public Optional<DsnReturn> dsnReturn() {
        return value(EsmtpKeyword.RET).map(DsnReturn::parse);
    }

    /** ENVID: the sender's name for the envelope, decoded: 1 to 100 characters of printable ASCII, or spaces. */
    public Optional<String> envelopeId() {
        return value(EsmtpKeyword.ENVID).map(Xtext::decode);
    }

    /** AUTH: who submitted the message first, as the client says; the null reverse-path for someone unknown. */
    public Optional<ReversePath> auth() {
        return value(EsmtpKeyword.AUTH)
                .map(v -> v.equals("<>") ? ReversePath.NULL : ReversePath.parse(Xtext.decode(v)));
    }

    /** HOLDFOR: how long to hold the message, 1 to 999,999,999 seconds. */
    public Optional<Duration> holdFor() {
        return number(EsmtpKeyword.HOLDFOR).map(Duration::ofSeconds);
    }

    /** HOLDUNTIL: until when to hold the message, in whole seconds, rounded up. */
    public Optional<Instant> holdUntil() {
        return number(EsmtpKeyword.HOLDUNTIL).map(Instant::ofEpochSecond);
    }

    /** BY: within what time to deliver. */
    public Optional<DeliverBy> deliverBy() {
        return value(EsmtpKeyword.BY).map(DeliverBy::parse);
    }

    /** MT-PRIORITY: -9 to 9. */
    public OptionalInt priority() {
        Optional<Long> priority = number(EsmtpKeyword.MT_PRIORITY);
        return priority.isPresent() ? OptionalInt.of(priority.get().intValue()) : OptionalInt.empty();
    }

    /** NOTIFY: on what to report of the recipient; unmodifiable. Without it, on failures (RFC 3461 §4.1). */
    public Optional<Set<DsnNotify>> notifications() {
        return value(EsmtpKeyword.NOTIFY).map(DsnNotify::parse);
    }

    /** ORCPT: the recipient as the sender first named it. */
    public Optional<OriginalRecipient> originalRecipient() {
        return value(EsmtpKeyword.ORCPT).map(OriginalRecipient::parse);
    }

    /** RRVS: since when the recipient has to have had the mailbox. */
    public Optional<RequireRecipientValidSince> validSince() {
        return value(EsmtpKeyword.RRVS).map(RequireRecipientValidSince::parse);
    }

    private Optional<String> value(EsmtpKeyword keyword) {
        return find(keyword).map(EsmtpParameter::value);
    }

    private Optional<Long> number(EsmtpKeyword keyword) {
        return value(keyword).map(v -> ParameterGrammar.require(keyword, v));
    }

    /**
     * These and one more.
     *
     * @throws IllegalArgumentException if the keyword is there already
     */
    public EsmtpParameters with(EsmtpParameter parameter) {
        List<EsmtpParameter> more = new ArrayList<>(list);
        more.add(parameter);
        return new EsmtpParameters(more);
    }

    /** These but for the one of that keyword, if it is there. */
    public EsmtpParameters without(String keyword) {
        if (find(keyword).isEmpty()) {
            return this;
        }
        return new EsmtpParameters(
                list.stream().filter(p -> !p.keyword().equals(keyword)).collect(Collectors.toList()));
    }

    /** These but for the one of that keyword, if it is there. */
    public EsmtpParameters without(EsmtpKeyword keyword) {
        return without(keyword.wire());
    }

    /** As on the wire, one space between them. */
    @Override
    public String toString() {
        return list.stream().map(EsmtpParameter::toString).collect(Collectors.joining(" "));
    }
}
