package dev.ehlo.smtp.grammar;

import dev.ehlo.smtp.EsmtpKeyword;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The values of the ESMTP parameters that are known, each by the RFC that {@link EsmtpKeyword} names for it. Never
 * throws on what a peer sent, and allocates nothing.
 */
public final class ParameterGrammar {
    /** The value is malformed: 501. */
    public static final long MALFORMED = Long.MIN_VALUE;
    /** Well-formed, but means nothing known: 504. */
    public static final long UNKNOWN = Long.MIN_VALUE + 1;

    /** Octets of the value of ENVID. RFC 3461 §4.4. */
    public static final int MAX_ENVELOPE_ID = 100;
    /** Octets of the value of ORCPT. RFC 3461 §4.2. */
    public static final int MAX_ORIGINAL_RECIPIENT = 500;

    private ParameterGrammar() {}

    /**
     * The value of a known parameter as a number, or MALFORMED or UNKNOWN: octets of SIZE; the ordinals of
     * {@link dev.ehlo.smtp.BodyType BODY} and {@link dev.ehlo.smtp.DsnReturn RET}; a bit for each
     * {@link dev.ehlo.smtp.DsnNotify} of NOTIFY, 1 for its first constant; MT-PRIORITY; seconds of HOLDFOR; seconds
     * since 1970 of HOLDUNTIL and RRVS; 0 of the others.
     *
     * @param from where the value begins; no value was given if it is {@code to} or negative
     */
    public static long value(EsmtpKeyword keyword, ByteBuffer in, int from, int to) {
        if (from < 0 || from >= to) {
            return takesNoValue(keyword) ? 0 : MALFORMED;
        }
        return switch (keyword) {
            case SIZE -> NumberGrammar.size(in, from, to);
            case BODY -> TokenGrammar.body(in, from, to);
            case SMTPUTF8, REQUIRETLS -> MALFORMED;
            case RET -> TokenGrammar.dsnReturn(in, from, to);
            case ENVID -> XtextGrammar.envelopeId(in, from, to);
            case AUTH -> XtextGrammar.submitter(in, from, to);
            case HOLDFOR -> NumberGrammar.holdFor(in, from, to);
            case HOLDUNTIL -> DateTimeGrammar.holdUntil(in, from, to);
            case BY -> NumberGrammar.deliverBy(in, from, to);
            case MT_PRIORITY -> NumberGrammar.priority(in, from, to);
            case NOTIFY -> TokenGrammar.dsnNotify(in, from, to);
            case ORCPT -> XtextGrammar.originalRecipient(in, from, to);
            case RRVS -> DateTimeGrammar.validSince(in, from, to);
        };
    }

    /** As the other, of a value that is at hand as text; null for none. */
    public static long value(EsmtpKeyword keyword, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            return value(keyword, ByteBuffer.allocate(0), -1, -1);
        }
        if (!Octets.isWellFormed(value)) {
            return MALFORMED;
        }
        ByteBuffer octets = ByteBuffer.wrap(Octets.utf8(value));
        return value(keyword, octets, 0, octets.limit());
    }

    /**
     * The number that the text says as a value of that keyword.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static long require(EsmtpKeyword keyword, @Nullable String value) {
        long number = value(keyword, value);
        if (number == MALFORMED || number == UNKNOWN) {
            throw new IllegalArgumentException(
                    "not a value of " + keyword.wire() + ": " + (value == null ? "none" : Octets.printable(value)));
        }
        return number;
    }

    private static boolean takesNoValue(EsmtpKeyword keyword) {
        return keyword == EsmtpKeyword.SMTPUTF8 || keyword == EsmtpKeyword.REQUIRETLS;
    }
}
