package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;

/** The part of a mailbox before the at sign: a dot-string or a quoted-string. RFC 5321 §4.1.2, RFC 6531 §3.3. */
final class LocalPartGrammar {
    /** What stands in an atom beside letters and digits. RFC 5322 §3.2.3. */
    private static final String SPECIAL = "!#$%&'*+-/=?^_`{|}~";

    private static final boolean[] ATEXT = atext();

    private LocalPartGrammar() {}

    private static boolean[] atext() {
        boolean[] table = new boolean[256];
        for (int c = 0; c < 256; c++) {
            table[c] = Octets.isAlphanumeric(c) || c >= 128;
        }
        for (int i = 0; i < SPECIAL.length(); i++) {
            table[SPECIAL.charAt(i)] = true;
        }
        return table;
    }

    /** Whether the text needs no quotes as a local part. */
    static boolean isDotString(String text) {
        boolean atom = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.' ? !atom : c < 0x80 && !ATEXT[c]) {
                return false;
            }
            atom = c != '.';
        }
        return atom;
    }

    /**
     * The octet after the local part, which the walk has then passed; {@code from} if there is none, -1 if it is
     * malformed or too long.
     */
    static int end(ByteBuffer in, int from, int to, Delimiters delimiters, PathSpan span) {
        int at = delimiters.next();
        span.localStart = from;
        span.quoted = at == from && at < to && in.get(at) == '"';
        int end = span.quoted ? quotedString(in, to, delimiters, span) : dotString(in, from, to, at, delimiters, span);
        span.localEnd = end;
        return end - from > PathGrammar.MAX_LOCAL_PART ? -1 : end;
    }

    private static int dotString(ByteBuffer in, int from, int to, int first, Delimiters delimiters, PathSpan span) {
        int atom = from;
        int at = first;
        long left = delimiters.left;
        int base = delimiters.base;
        while (at < to) {
            int octet = in.get(at);
            if (octet == '.') {
                if (at == atom) {
                    return -1;
                }
                atom = at + 1;
            } else if (octet == '@') {
                break;
            } else if (ATEXT[octet & 0xff]) {
                span.utf8 |= octet < 0;
            } else {
                break;
            }
            if (left == 0) {
                left = delimiters.more();
                base = delimiters.base;
            }
            at = base + Long.numberOfTrailingZeros(left);
            left &= left - 1;
        }
        delimiters.left = left;
        return at > atom || at == from ? at : -1;
    }

    private static int quotedString(ByteBuffer in, int to, Delimiters delimiters, PathSpan span) {
        int escaped = -1;
        for (int at = delimiters.next(); at < to; at = delimiters.next()) {
            int octet = in.get(at);
            if (octet >= 0 && octet < ' ' || octet == 0x7f || octet < 0 && at == escaped) {
                return -1;
            }
            span.utf8 |= octet < 0;
            if (at != escaped && octet == '"') {
                // What follows has to be a delimiter, and is then passed, as that is which ends a dot-string.
                return delimiters.next() == at + 1 ? at + 1 : -1;
            }
            escaped = at != escaped && octet == '\\' ? at + 1 : -1;
        }
        return -1;
    }
}
