package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.grammar.ParameterGrammar;
import dev.ehlo.smtp.grammar.Xtext;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One parameter of MAIL or RCPT. RFC 5321 §4.1.2 ({@code esmtp-param}). Those of {@link EsmtpKeyword} have factories
 * here, and are read back by {@link EsmtpParameters}; others are made by the constructor.
 *
 * @param keyword in upper case: letters, digits and hyphens, beginning with a letter or digit
 * @param value without spaces, control characters and {@code =}, and of a known keyword, as its grammar has it; null
 *     where the keyword stands alone
 */
public record EsmtpParameter(String keyword, @Nullable String value) {
    /**
     * Checks both and brings the keyword to upper case.
     *
     * @throws IllegalArgumentException if either could not stand on the wire, or the value is none of the keyword's
     */
    public EsmtpParameter {
        if (!isKeyword(keyword)) {
            throw new IllegalArgumentException("not an ESMTP keyword: " + Octets.printable(keyword));
        }
        if (value != null && !isValue(value)) {
            throw new IllegalArgumentException("not an ESMTP value: " + Octets.printable(value));
        }
        keyword = Octets.upperAscii(keyword);
        EsmtpKeyword known = EsmtpKeyword.find(keyword).orElse(null);
        if (known != null) {
            ParameterGrammar.require(known, value);
        }
    }

    private EsmtpParameter(EsmtpKeyword keyword, @Nullable String value) {
        this(keyword.wire(), value);
    }

    /**
     * SIZE.
     *
     * @param octets of the message, with CRLF for each line end, before dots are stuffed
     * @throws IllegalArgumentException if it is negative
     */
    public static EsmtpParameter size(long octets) {
        return new EsmtpParameter(EsmtpKeyword.SIZE, Long.toString(octets));
    }

    /** BODY. */
    public static EsmtpParameter body(BodyType type) {
        return new EsmtpParameter(EsmtpKeyword.BODY, type.toString());
    }

    /** SMTPUTF8: addresses or the header are in UTF-8. */
    public static EsmtpParameter smtpUtf8() {
        return new EsmtpParameter(EsmtpKeyword.SMTPUTF8, null);
    }

    /** REQUIRETLS: to be relayed under verified TLS or not at all. */
    public static EsmtpParameter requireTls() {
        return new EsmtpParameter(EsmtpKeyword.REQUIRETLS, null);
    }

    /** RET. */
    public static EsmtpParameter dsnReturn(DsnReturn part) {
        return new EsmtpParameter(EsmtpKeyword.RET, part.toString());
    }

    /**
     * ENVID.
     *
     * @param id the sender's name for the envelope, which reports bring back, not encoded yet
     * @throws IllegalArgumentException if it is empty, holds other than printable ASCII and spaces, or is over 100
     *     octets when encoded
     */
    public static EsmtpParameter envelopeId(String id) {
        return new EsmtpParameter(EsmtpKeyword.ENVID, Xtext.encode(id));
    }

    /**
     * AUTH.
     *
     * @param submitter who submitted the message first; null reverse-path for someone unknown
     * @throws IllegalArgumentException if it is the Postmaster without a domain
     */
    public static EsmtpParameter auth(ReversePath submitter) {
        return new EsmtpParameter(EsmtpKeyword.AUTH, submitter.isNull() ? "<>" : Xtext.encode(submitter.toString()));
    }

    /**
     * HOLDFOR.
     *
     * @param interval 1 to 999,999,999 seconds; a fraction of a second counts as one
     * @throws IllegalArgumentException if it is out of range
     */
    public static EsmtpParameter holdFor(Duration interval) {
        long seconds = interval.getSeconds();
        return new EsmtpParameter(EsmtpKeyword.HOLDFOR, Long.toString(interval.getNano() == 0 ? seconds : seconds + 1));
    }

    /**
     * HOLDUNTIL.
     *
     * @param time in the years 0 to 9999; a fraction of a second counts as one
     * @throws IllegalArgumentException if it is out of range
     */
    public static EsmtpParameter holdUntil(Instant time) {
        long seconds = ParameterGrammar.require(EsmtpKeyword.HOLDUNTIL, time.toString());
        return new EsmtpParameter(
                EsmtpKeyword.HOLDUNTIL, Instant.ofEpochSecond(seconds).toString());
    }

    /** BY. */
    public static EsmtpParameter deliverBy(DeliverBy by) {
        return new EsmtpParameter(EsmtpKeyword.BY, by.toString());
    }

    /**
     * MT-PRIORITY.
     *
     * @param priority -9 to 9; higher goes first, and 0 is what all mail has
     * @throws IllegalArgumentException if it is out of range
     */
    public static EsmtpParameter priority(int priority) {
        return new EsmtpParameter(EsmtpKeyword.MT_PRIORITY, Integer.toString(priority));
    }

    /**
     * NOTIFY.
     *
     * @throws IllegalArgumentException if there are none, or NEVER and something else
     */
    public static EsmtpParameter notifications(DsnNotify... notifications) {
        return new EsmtpParameter(EsmtpKeyword.NOTIFY, DsnNotify.format(Arrays.asList(notifications)));
    }

    /** ORCPT. */
    public static EsmtpParameter originalRecipient(OriginalRecipient recipient) {
        return new EsmtpParameter(EsmtpKeyword.ORCPT, recipient.toString());
    }

    /** RRVS. */
    public static EsmtpParameter validSince(RequireRecipientValidSince since) {
        return new EsmtpParameter(EsmtpKeyword.RRVS, since.toString());
    }

    /** As on the wire: {@code SIZE=1000}, {@code SMTPUTF8}. */
    @Override
    public String toString() {
        return value == null ? keyword : keyword + '=' + value;
    }

    private static boolean isKeyword(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Octets.isAlphanumeric(c) && (c != '-' || i == 0)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isValue(String text) {
        return !text.isEmpty()
                && text.chars().allMatch(c -> c > ' ' && c != '=' && c != 0x7f)
                && Octets.isWellFormed(text);
    }
}
