package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Domain names that may be internationalized: each label of letters, digits and hyphens, an A-label ({@code xn--…}) or
 * a U-label (UTF-8). RFC 5321 §4.1.2, RFC 6531 §3.3, RFC 5890 §2.3.2. Octets above 127 and labels of {@code xn--} are
 * rare, so this whole check stands beside the fast one of {@link PathGrammar} and is called for them alone.
 *
 * <p>An A-label is ASCII and in DNS or not, so it has to decode and no more: there are names of symbols from the days
 * of IDNA2003. What U-labels may hold is looked at as far as {@code java.base} can tell without tables of our own:
 * lower-case letters, marks, digits and the few exceptions of RFC 5892 §2.6, hyphens in their place, normalized. Left
 * to the registries are the rules by context for joiners and middle dots (RFC 5892 appendix A), the rule for text that
 * runs from right to left (RFC 5893), and the letters that RFC 5892 leaves out for reasons of their own.
 *
 * <p>Allocates nothing, but for a U-label with a letter that normalization could join with another.
 */
public final class DomainGrammar {
    private DomainGrammar() {}

    /**
     * Whether the octets are a domain name: A-labels that decode, U-labels whose A-label has 63 octets at most, and 255
     * octets at most of the whole both as it stands and with A-labels alone. RFC 1035 §2.3.4, RFC 5321 §4.5.3.1.2.
     */
    public static boolean isDomain(ByteBuffer in, int from, int to) {
        if (from >= to || to - from > PathGrammar.MAX_DOMAIN || !Octets.isUtf8(in, from, to)) {
            return false;
        }
        int octets = -1;
        for (int label = from; label <= to; ) {
            int end = endOfLabel(in, label, to);
            int length = asciiLength(in, label, end);
            if (length < 0) {
                return false;
            }
            octets += length + 1;
            label = end + 1;
        }
        return octets <= PathGrammar.MAX_DOMAIN;
    }

    /**
     * The domain as DNS has it and as destinations are told apart: U-labels as A-labels, and A to Z in lower case. What
     * is no domain name, like an address literal, is changed in its case alone.
     */
    public static String toAscii(String domain) {
        String lower = Octets.lowerAscii(domain);
        if (Octets.isAscii(lower) || !Octets.isWellFormed(lower)) {
            return lower;
        }
        ByteBuffer in = ByteBuffer.wrap(lower.getBytes(StandardCharsets.UTF_8));
        int to = in.limit();
        if (!isDomain(in, 0, to)) {
            return lower;
        }
        StringBuilder ascii = new StringBuilder(to + 16);
        for (int label = 0; label <= to; ) {
            int end = endOfLabel(in, label, to);
            if (isAscii(in, label, end)) {
                ascii.append(Octets.text(in, label, end));
            } else {
                Punycode.encode(in, label, end, ascii.append("xn--"));
            }
            if (end < to) {
                ascii.append('.');
            }
            label = end + 1;
        }
        return ascii.toString();
    }

    /** The name without the dot of the root, with which DNS writes names and SMTP does not. */
    public static String withoutRoot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static int endOfLabel(ByteBuffer in, int from, int to) {
        int at = from;
        while (at < to && in.get(at) != '.') {
            at++;
        }
        return at;
    }

    /** How many octets the label has in ASCII, or -1 if it is none. */
    private static int asciiLength(ByteBuffer in, int from, int to) {
        if (from == to || in.get(from) == '-' || in.get(to - 1) == '-') {
            return -1;
        }
        for (int at = from; at < to; at++) {
            int octet = in.get(at);
            if (octet >= 0 && octet != '-' && !Octets.isAlphanumeric(octet)) {
                return -1;
            }
        }
        int length = to - from;
        if (!isAscii(in, from, to)) {
            int encoded = ULabel.isOne(in, from, to) ? Punycode.encode(in, from, to, null) : -1;
            length = encoded < 0 ? -1 : encoded + 4;
        } else if (length <= PathGrammar.MAX_LABEL && isAce(in, from, to) && !Punycode.isDecodable(in, from + 4, to)) {
            length = -1;
        }
        return length <= PathGrammar.MAX_LABEL ? length : -1;
    }

    private static boolean isAce(ByteBuffer in, int from, int to) {
        return to - from >= 4
                && (in.get(from) | 0x20) == 'x'
                && (in.get(from + 1) | 0x20) == 'n'
                && in.get(from + 2) == '-'
                && in.get(from + 3) == '-';
    }

    private static boolean isAscii(ByteBuffer in, int from, int to) {
        for (int at = from; at < to; at++) {
            if (in.get(at) < 0) {
                return false;
            }
        }
        return true;
    }

    /** Whether the name is the domain's own or one below it; both as {@link #toAscii} gives them, in lower case. */
    public static boolean isWithin(String name, String domain) {
        return name.equals(domain) || name.endsWith('.' + domain);
    }
}
