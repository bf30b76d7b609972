package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;

/**
 * Paths and mailboxes. RFC 5321 §4.1.2 and §4.1.3, with the octets above 127 of RFC 6531 §3.3; that these are
 * well-formed UTF-8 is for the caller to see to. The lengths of RFC 5321 §4.5.3.1 are part of the grammar. Goes by an
 * index of the line's delimiters, and allocates nothing where there is one.
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

    private static final long POSTMAST = Words.of("POSTMAST");
    private static final long ER = Words.of("ER");

    private PathGrammar() {}

    /**
     * A path in angle brackets at {@code from}: {@code <a@b>}, {@code <@c,@d:a@b>} (the route is skipped), {@code <>},
     * {@code <Postmaster>}. The last two leave the domain, or both parts, empty.
     *
     * @param delimiters an index of the line, whose walk has passed the opening bracket; if there is a path the walk
     *     has passed the closing one too
     * @return whether there is one; {@code span.end} is then the octet after the closing bracket
     */
    public static boolean path(ByteBuffer in, int from, int to, Delimiters delimiters, PathSpan span) {
        span.utf8 = false;
        if (from >= to || in.get(from) != '<') {
            return false;
        }
        int start = from + 1;
        if (start < to && in.get(start) == '@') {
            start = route(in, start, to, delimiters, span);
            if (start < 0) {
                return false;
            }
        }
        int at = addrSpec(in, start, to, delimiters, span);
        if (at < 0 || at >= to || in.get(at) != '>' || at + 1 - start > MAX_PATH - 1) {
            return false;
        }
        span.end = at + 1;
        return span.domainEnd > span.domainStart || start == from + 1;
    }

    /**
     * A path without its brackets, up to a blank or {@code to}: {@code a@b}, {@code Postmaster}.
     *
     * @param delimiters an index of the line, whose walk has come to {@code from}
     */
    public static boolean bare(ByteBuffer in, int from, int to, Delimiters delimiters, PathSpan span) {
        span.utf8 = false;
        int at = addrSpec(in, from, to, delimiters, span);
        span.end = at;
        return at > from && (at == to || in.get(at) == ' ') && at - from <= MAX_PATH - 2;
    }

    /**
     * A mailbox that fills {@code from} to {@code to}.
     *
     * @param delimiters an index of {@link #MAX_PATH} octets or more, made anew here
     */
    public static boolean mailbox(ByteBuffer in, int from, int to, Delimiters delimiters, PathSpan span) {
        if (to - from > MAX_PATH) {
            return false;
        }
        delimiters.index(in, from, to);
        return bare(in, from, to, delimiters, span) && span.end == to && span.domainEnd > span.domainStart;
    }

    /** Whether the text needs no quotes as a local part. */
    public static boolean isDotString(String text) {
        return LocalPartGrammar.isDotString(text);
    }

    /**
     * The delimiter after {@code local-part@domain} or Postmaster, which the walk has passed; {@code from} if nothing
     * is there; or -1.
     */
    private static int addrSpec(ByteBuffer in, int from, int to, Delimiters delimiters, PathSpan span) {
        int at = LocalPartGrammar.end(in, from, to, delimiters, span);
        if (at > from && at < to && in.get(at) == '@') {
            return domain(in, at + 1, to, delimiters, span);
        }
        span.domainStart = at;
        span.domainEnd = at;
        return at <= from || isPostmaster(in, from, at) ? at : -1;
    }

    /** The delimiter after the domain, which the walk has passed, or -1. */
    private static int domain(ByteBuffer in, int from, int to, Delimiters delimiters, PathSpan span) {
        span.domainStart = from;
        int at = from < to && in.get(from) == '['
                ? literal(in, from, to, delimiters)
                : domainName(in, from, to, delimiters, span);
        span.domainEnd = at;
        return at - from > MAX_DOMAIN ? -1 : at;
    }

    private static int literal(ByteBuffer in, int from, int to, Delimiters delimiters) {
        int end = AddressLiteral.end(in, from, to);
        if (end < 0) {
            return -1;
        }
        int at = delimiters.next();
        while (at < end) {
            at = delimiters.next();
        }
        return at == end ? end : -1;
    }

    /** What is rare, A-labels and UTF-8, is looked at once more, by itself. */
    private static int domainName(ByteBuffer in, int from, int to, Delimiters delimiters, PathSpan span) {
        int label = from;
        int hyphen = -1;
        boolean rare = false;
        int at = delimiters.next();
        long left = delimiters.left;
        int base = delimiters.base;
        while (at < to) {
            int octet = in.get(at);
            if (octet == '.') {
                if (at == label || at == hyphen || at - label > MAX_LABEL && !rare) {
                    return -1;
                }
                label = at + 1;
            } else if (octet == '-') {
                if (at == label) {
                    return -1;
                }
                rare |= at == hyphen;
                hyphen = at + 1;
            } else if (octet < 0) {
                rare = true;
                span.utf8 = true;
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
        if (at == label || at == hyphen || at - label > MAX_LABEL && !rare) {
            return -1;
        }
        return rare && !DomainGrammar.isDomain(in, from, at) ? -1 : at;
    }

    /** The octet after {@code @a,@b:}, or -1. RFC 5321 appendix C: accepted, and ignored. */
    private static int route(ByteBuffer in, int from, int to, Delimiters delimiters, PathSpan span) {
        int at = from;
        while (at < to && in.get(at) == '@') {
            delimiters.next();
            at = domain(in, at + 1, to, delimiters, span);
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
        return to - from == 10
                && Words.upper(Words.load(in, from, to)) == POSTMAST
                && Words.upper(Words.load(in, from + 8, to)) == ER;
    }
}
