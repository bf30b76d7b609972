package dev.ehlo.smtp.grammar;

import java.nio.ByteBuffer;
import java.text.Normalizer;

/**
 * U-labels of IDNA2008, as far as {@link DomainGrammar} tells. RFC 5891 §4.2.3: lower-case letters, marks and digits,
 * and the few others that RFC 5892 §2.6 lets in; no mark at the beginning; no hyphens in third and fourth place;
 * normalized, to NFKC, which has nothing to change where the code points are those that IDNA2008 lets in and the label
 * is in NFC. Letters of ASCII may be of either case, as everywhere in DNS.
 */
final class ULabel {
    private ULabel() {}

    /**
     * Whether the octets, which are UTF-8 of letters, digits and hyphens inside and of what is not ASCII, are a
     * U-label.
     */
    static boolean isOne(ByteBuffer in, int from, int to) {
        boolean settled = true;
        boolean hyphen = false;
        int position = 0;
        for (int at = from; at < to; at += Utf8.octets(in, at)) {
            int codePoint = Utf8.codePoint(in, at);
            if (codePoint >= 0x80 && !isAllowed(codePoint, position) || codePoint == '-' && hyphen && position == 3) {
                return false;
            }
            hyphen = codePoint == '-';
            settled &= isSettled(codePoint);
            position++;
        }
        return settled || isNormalized(Octets.text(in, from, to));
    }

    private static boolean isNormalized(CharSequence text) {
        return Normalizer.isNormalized(text, Normalizer.Form.NFKC);
    }

    /**
     * Whether the code point, above 127, may be in a U-label at that place. RFC 5892 §2.1, §2.6, §2.8, RFC 5891
     * §4.2.3.2.
     */
    private static boolean isAllowed(int codePoint, int position) {
        switch (codePoint) {
            case 0xb7, 0x375, 0x5f3, 0x5f4, 0x6fd, 0x6fe, 0xf0b, 0x200c, 0x200d, 0x3007, 0x30fb:
                return true;
            case 0x640, 0x7fa, 0x302e, 0x302f, 0x3031, 0x3032, 0x3033, 0x3034, 0x3035, 0x303b:
                return false;
            default:
                return switch (Character.getType(codePoint)) {
                    case Character.LOWERCASE_LETTER,
                            Character.OTHER_LETTER,
                            Character.MODIFIER_LETTER,
                            Character.DECIMAL_DIGIT_NUMBER -> true;
                    case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK -> position > 0;
                    default -> false;
                };
        }
    }

    /**
     * Whether normalization leaves the code point as it is whatever stands beside it: so for ASCII and for the plain
     * letters of Latin, Greek, Cyrillic, Hebrew, Arabic, kana, Han and hangul, which nearly all names are made of.
     * Spares making a text of them.
     */
    static boolean isSettled(int c) {
        return c < 0x80
                || c >= 0xdf && c <= 0x131
                || c >= 0x3ac && c <= 0x3ce
                || c >= 0x430 && c <= 0x45f
                || c >= 0x5d0 && c <= 0x5ea
                || c >= 0x620 && c <= 0x64a
                || c >= 0x3041 && c <= 0x3096
                || c >= 0x30a1 && c <= 0x30fa
                || c >= 0x4e00 && c <= 0x9fff
                || c >= 0xac00 && c <= 0xd7a3;
    }
}
