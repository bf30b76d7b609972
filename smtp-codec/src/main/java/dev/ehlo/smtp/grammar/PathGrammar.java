package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;

/**
 * Paths and mailboxes. RFC 5321 §4.1.2 and §4.1.3, with the octets above 127 of RFC 6531 §3.3; that these are
 * well-formed UTF-8 is for the caller to see to. Allocates nothing; the lengths of RFC 5321 §4.5.3.1 are part of the grammar.
 */
public final class PathGrammar {
    /** RFC 5321 §4.5.3.1.1. */
    public static final int MAX_LOCAL_PART = 64;
    /** RFC 5321 §4.5.3.1.2. */
    public static final int MAX_DOMAIN = 255;
    /** RFC 5321 §4.5.3.1.3, the angle brackets included. */
    public static final int MAX_PATH = 256;
    /** RFC 1035 §2.3.4. */
    public static final int MAX_LABEL = 63;

    private static final int ATEXT = 1;
    private static final int ALNUM = 2;
    private static final byte[] CLASS = classes();

    private PathGrammar() {}

    private static byte[] classes() {
        byte[] table = new byte[256];
        for (int c = '0'; c <= '9'; c++) {
            table[c] = ATEXT | ALNUM;
        }
        for (int c = 'A'; c <= 'Z'; c++) {
            table[c] = ATEXT | ALNUM;
            table[c + 32] = ATEXT | ALNUM;
        }
        for (char c : "!#$%&'*+-/=?^_`{|}~".toCharArray()) {
            table[c] = ATEXT;
        }
        for (int c = 128; c < 256; c++) {
            table[c] = ATEXT | ALNUM;
        }
        return table;
    }

    /**
     * A path in angle brackets at {@code from}: {@code <a@b>}, {@code <@c,@d:a@b>} (the route is skipped), {@code <>},
     * {@code <Postmaster>}. The last two leave the domain, or both parts, empty.
     *
     * @return whether there is one; {@code span.end} is then the octet after the closing bracket
     */
    public static boolean path(ByteBuffer in, int from, int to, PathSpan span) {
        if (from >= to || in.get(from) != '<') {
            return false;
        }
        span.utf8 = false;
        int start = from + 1;
        if (start < to && in.get(start) == '@') {
            start = route(in, start, to, span);
            if (start < 0) {
                return false;
            }
        }
        int at = start;
        at = localPart(in, at, to, span);
        if (at < 0) {
            return false;
        }
        if (at < to && in.get(at) == '@' && at > start) {
            at = domain(in, at + 1, to, span);
            if (at < 0) {
                return false;
            }
        } else {
            if (start != from + 1 || at != start && !isPostmaster(in, start, at)) {
                return false;
            }
            span.domainStart = at;
            span.domainEnd = at;
        }
        if (at >= to || in.get(at) != '>' || at + 1 - start > MAX_PATH - 1) {
            return false;
        }
        span.end = at + 1;
        return true;
    }

    /** A mailbox that fills {@code from} to {@code to}. */
    public static boolean mailbox(ByteBuffer in, int from, int to, PathSpan span) {
        span.utf8 = false;
        int at = localPart(in, from, to, span);
        if (at <= from || at >= to || in.get(at) != '@') {
            return false;
        }
        at = domain(in, at + 1, to, span);
        span.end = at;
        return at == to && to - from <= MAX_PATH - 2;
    }

    /** Whether the text needs no quotes as a local part. */
    public static boolean isDotString(String text) {
        boolean atom = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                if (!atom) {
                    return false;
                }
                atom = false;
            } else if (c >= 0x80 || (CLASS[c] & ATEXT) != 0) {
                atom = true;
            } else {
                return false;
            }
        }
        return atom;
    }

    /** The octet after the local part, {@code from} if there is none, -1 if it is malformed or too long. */
    private static int localPart(ByteBuffer in, int from, int to, PathSpan span) {
        span.quoted = false;
        span.localStart = from;
        int at = from < to && in.get(from) == '"' ? quotedString(in, from, to, span) : dotString(in, from, to, span);
        span.localEnd = at;
        return at - from > MAX_LOCAL_PART ? -1 : at;
    }

    private static int dotString(ByteBuffer in, int from, int to, PathSpan span) {
        int at = from;
        boolean atom = false;
        while (at < to) {
            int octet = in.get(at);
            if (octet == '.') {
                if (!atom) {
                    return -1;
                }
                atom = false;
            } else if ((CLASS[octet & 0xff] & ATEXT) != 0) {
                atom = true;
                span.utf8 |= octet < 0;
            } else {
                break;
            }
            at++;
        }
        return atom || at == from ? at : -1;
    }

    private static int quotedString(ByteBuffer in, int from, int to, PathSpan span) {
        span.quoted = true;
        for (int at = from + 1; at < to; at++) {
            int octet = in.get(at);
            if (octet == '"') {
                return at + 1;
            }
            if (octet == '\\') {
                at++;
                if (at == to) {
                    return -1;
                }
                octet = in.get(at);
                if (octet < 0) {
                    return -1;
                }
            }
            if (octet >= 0 && octet < ' ' || octet == 0x7f) {
                return -1;
            }
            span.utf8 |= octet < 0;
        }
        return -1;
    }

    private static int domain(ByteBuffer in, int from, int to, PathSpan span) {
        span.domainStart = from;
        int at = from < to && in.get(from) == '[' ? AddressLiteral.end(in, from, to) : domainName(in, from, to, span);
        span.domainEnd = at;
        return at - from > MAX_DOMAIN ? -1 : at;
    }

    private static int domainName(ByteBuffer in, int from, int to, PathSpan span) {
        int at = from;
        int label = from;
        int last = '.';
        while (at < to) {
            int octet = in.get(at);
            if (octet == '.') {
                if (last == '.' || last == '-' || at - label > MAX_LABEL) {
                    return -1;
                }
                label = at + 1;
            } else if (octet == '-') {
                if (last == '.') {
                    return -1;
                }
            } else if ((CLASS[octet & 0xff] & ALNUM) != 0) {
                span.utf8 |= octet < 0;
            } else {
                break;
            }
            last = octet;
            at++;
        }
        return last == '.' || last == '-' || at - label > MAX_LABEL ? -1 : at;
    }

    /** The octet after {@code @a,@b:}, or -1. RFC 5321 appendix C: accepted, and ignored. */
    private static int route(ByteBuffer in, int from, int to, PathSpan span) {
        int at = from;
        while (at < to && in.get(at) == '@') {
            at = domain(in, at + 1, to, span);
            if (at < 0 || at >= to) {
                return -1;
            }
            if (in.get(at) == ':') {
                return at + 1;
            }
            if (in.get(at) != ',') {
                return -1;
            }
            at++;
        }
        return -1;
    }

    private static boolean isPostmaster(ByteBuffer in, int from, int to) {
        String name = "postmaster";
        if (to - from != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if ((in.get(from + i) | 0x20) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
