package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;

/**
 * Values that are encoded text: ENVID, ORCPT, AUTH. What is encoded has to be printable, so that no report and no log
 * that it gets into is broken by it.
 */
final class XtextGrammar {
    /** Octets of a mailbox that is a path without its brackets. */
    private static final int MAX_MAILBOX = PathGrammar.MAX_PATH - 2;

    /**
     * The specials of RFC 822 §3.3, and what no ESMTP value holds: all that an atom may not have of printable ASCII.
     */
    private static final String NOT_IN_ATOMS = "()<>@,;:\\\".[]=";

    private static final long UTF8_TYPE = Words.of("UTF-8");
    /** Its letters in either case, the rest as it is. */
    private static final long UTF8_MASK = ~Words.head(Words.CASE, 3);
    /** One for each thread, so that nothing is allocated for a parameter. */
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private XtextGrammar() {}

    private static final class Scratch {
        final ByteBuffer mailbox = ByteBuffer.allocate(MAX_MAILBOX);
        final Delimiters delimiters = new Delimiters(PathGrammar.MAX_PATH);
        final PathSpan span = new PathSpan();
    }

    /** Xtext of printable ASCII and spaces. RFC 3461 §4.4. */
    static long envelopeId(ByteBuffer in, int from, int to) {
        return to - from <= ParameterGrammar.MAX_ENVELOPE_ID && isPrintable(in, from, to)
                ? 0
                : ParameterGrammar.MALFORMED;
    }

    /**
     * {@code addr-type ";" xtext} of printable ASCII and spaces, or unitext where the type is {@code utf-8}. The
     * address may be in any form, whatever its type. RFC 3461 §4.2, RFC 6533 §3.
     */
    static long originalRecipient(ByteBuffer in, int from, int to) {
        int semicolon = TokenGrammar.isRfc822(in, from, to) ? from + 6 : from;
        while (semicolon < to && isInAtom(in.get(semicolon))) {
            semicolon++;
        }
        boolean valid = to - from <= ParameterGrammar.MAX_ORIGINAL_RECIPIENT
                && semicolon > from
                && semicolon < to
                && in.get(semicolon) == ';'
                && (isUtf8Type(in, from, semicolon)
                        ? isUnitext(in, semicolon + 1, to)
                        : isPrintable(in, semicolon + 1, to));
        return valid ? 0 : ParameterGrammar.MALFORMED;
    }

    /** {@code "<>"}, or xtext of a mailbox. RFC 4954 §5. */
    static long submitter(ByteBuffer in, int from, int to) {
        if (to - from == 2 && in.get(from) == '<' && in.get(from + 1) == '>') {
            return 0;
        }
        Scratch scratch = SCRATCH.get();
        ByteBuffer mailbox = scratch.mailbox.clear();
        for (int at = from; at < to; at += Xtext.lengthAt(in, at)) {
            int octet = Xtext.octetAt(in, at, to);
            if (octet < 0 || !mailbox.hasRemaining()) {
                return ParameterGrammar.MALFORMED;
            }
            mailbox.put((byte) octet);
        }
        mailbox.flip();
        boolean valid = Octets.isUtf8(mailbox, 0, mailbox.limit())
                && PathGrammar.mailbox(mailbox, 0, mailbox.limit(), scratch.delimiters, scratch.span);
        return valid ? 0 : ParameterGrammar.MALFORMED;
    }

    private static boolean isPrintable(ByteBuffer in, int from, int to) {
        if (Xtext.isPlain(in, from, to)) {
            return true;
        }
        for (int at = from; at < to; at += Xtext.lengthAt(in, at)) {
            int octet = Xtext.octetAt(in, at, to);
            if (octet < ' ' || octet >= 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUnitext(ByteBuffer in, int from, int to) {
        int at = from;
        while (at >= 0 && at < to) {
            at = Unitext.next(in, at, to);
        }
        return at == to && from < to;
    }

    private static boolean isUtf8Type(ByteBuffer in, int from, int to) {
        return to - from == 5 && (Words.load(in, from, to) & UTF8_MASK) == UTF8_TYPE;
    }

    private static boolean isInAtom(int octet) {
        return octet > ' ' && octet < 0x7f && NOT_IN_ATOMS.indexOf(octet) < 0;
    }
}
