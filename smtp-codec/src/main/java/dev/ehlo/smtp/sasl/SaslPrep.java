package dev.ehlo.smtp.sasl;

import dev.ehlo.smtp.grammar.Octets;
import java.text.Normalizer;
import java.util.Optional;

/**
 * Brings names and passwords to the one form that both sides hash: spaces to SPACE, what is invisible to nothing, the
 * rest to NFKC. RFC 4013 §2.
 *
 * <p>Normalization is of the JVM's version of Unicode, of which all characters may be used, where RFC 4013 knows those
 * of Unicode 3.2; of these it says the same.
 */
public final class SaslPrep {
    private SaslPrep() {}

    /**
     * The prepared form. Empty where there is none: for a text of nothing, with control characters, private use,
     * noncharacters, half surrogate pairs, characters that nobody assigned or that change how others are shown, and
     * for right-to-left characters mixed with others or not at both ends.
     */
    public static Optional<String> prepare(String text) {
        if (Octets.isAscii(text)) {
            return text.isEmpty() || text.chars().anyMatch(c -> c < ' ' || c == 127)
                    ? Optional.empty()
                    : Optional.of(text);
        }
        if (!Octets.isWellFormed(text)) {
            return Optional.empty();
        }
        StringBuilder mapped = new StringBuilder();
        text.codePoints().filter(c -> isSpace(c) || !isMappedToNothing(c)).forEach(c -> {
            if (isSpace(c)) {
                mapped.append(' ');
            } else {
                mapped.appendCodePoint(c);
            }
        });
        String prepared = Normalizer.normalize(mapped, Normalizer.Form.NFKC);
        boolean isSound = !prepared.isEmpty()
                && prepared.codePoints().noneMatch(SaslPrep::isProhibited)
                && isOneDirection(prepared);
        return isSound ? Optional.of(prepared) : Optional.empty();
    }

    /** RFC 3454 appendix C.1.2. */
    private static boolean isSpace(int c) {
        return c == 0xa0 || c == 0x1680 || c >= 0x2000 && c <= 0x200b || c == 0x202f || c == 0x205f || c == 0x3000;
    }

    /** RFC 3454 appendix B.1. */
    private static boolean isMappedToNothing(int c) {
        return c == 0xad
                || c == 0x34f
                || c == 0x1806
                || c >= 0x180b && c <= 0x180d
                || c == 0x200c
                || c == 0x200d
                || c == 0x2060
                || c >= 0xfe00 && c <= 0xfe0f
                || c == 0xfeff;
    }

    /** RFC 4013 §2.3, §2.5: RFC 3454 appendices C.1.2 and C.2.1 to C.9, and A.1. */
    private static boolean isProhibited(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> true; // what is FORMAT and in no table came after Unicode 3.2
            case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default ->
                isSpace(c) || c == 0x340 || c == 0x341 || c >= 0x2ff0 && c <= 0x2ffb || c >= 0xfff9 && c <= 0xfffd;
        };
    }

    /** RFC 3454 §6. */
    private static boolean isOneDirection(String text) {
        if (text.codePoints().noneMatch(SaslPrep::isRightToLeft)) {
            return true;
        }
        return isRightToLeft(text.codePointAt(0))
                && isRightToLeft(text.codePointBefore(text.length()))
                && text.codePoints()
                        .noneMatch(c -> Character.getDirectionality(c) == Character.DIRECTIONALITY_LEFT_TO_RIGHT);
    }

    private static boolean isRightToLeft(int c) {
        byte direction = Character.getDirectionality(c);
        return direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC;
    }
}
