package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.grammar.ParameterGrammar;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The parameters after a path: {@code *(SP keyword ["=" value])}. RFC 5321 §4.1.2, §4.1.1.11. */
final class EsmtpGrammar {
    private static final EsmtpKeyword[] KEYWORDS = EsmtpKeyword.values();

    private EsmtpGrammar() {}

    /** Fills the command's parameters from {@code from} to the end of its line; null if they are well-formed. */
    static @Nullable CommandError parameters(Command command, int from) {
        ByteBuffer in = command.in;
        int to = command.lineEnd;
        int at = from;
        int count = 0;
        while (at < to) {
            if (in.get(at) != ' ') {
                return CommandError.BAD_PARAMETER;
            }
            while (at < to && in.get(at) == ' ') {
                at++;
            }
            if (count == Command.MAX_PARAMETERS) {
                return CommandError.TOO_MANY_PARAMETERS;
            }
            int keyword = at;
            while (at < to && isKeywordOctet(in.get(at), at == keyword)) {
                at++;
            }
            int keywordEnd = at;
            int value = -1;
            if (at < to && in.get(at) == '=') {
                value = ++at;
                while (at < to && isValueOctet(in.get(at))) {
                    at++;
                }
            }
            if (keywordEnd == keyword || value == at || at < to && in.get(at) != ' ') {
                return CommandError.BAD_PARAMETER;
            }
            if (isRepeated(command, count, keyword, keywordEnd)) {
                return CommandError.DUPLICATE_PARAMETER;
            }
            if (!isTaken(in, keyword, keywordEnd, value, at)) {
                return CommandError.BAD_PARAMETER;
            }
            int[] spans = command.parameters;
            spans[4 * count] = keyword;
            spans[4 * count + 1] = keywordEnd;
            spans[4 * count + 2] = value;
            spans[4 * count + 3] = value < 0 ? -1 : at;
            command.parameterCount = ++count;
        }
        return null;
    }

    private static boolean isRepeated(Command command, int count, int from, int to) {
        for (int i = 0; i < 4 * count; i += 4) {
            int other = command.parameters[i];
            if (command.parameters[i + 1] - other == to - from && isSame(command.in, other, from, to - from)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isSame(ByteBuffer in, int one, int other, int length) {
        for (int i = 0; i < length; i++) {
            if (upper(in.get(one + i)) != upper(in.get(other + i))) {
                return false;
            }
        }
        return true;
    }

    /** Whether the value is one of its keyword's, or the keyword is not known. */
    private static boolean isTaken(ByteBuffer in, int from, int to, int value, int end) {
        for (EsmtpKeyword known : KEYWORDS) {
            if (isNamed(in, from, to, known.wire())) {
                long number = ParameterGrammar.value(known, in, value, end);
                return number != ParameterGrammar.MALFORMED && number != ParameterGrammar.UNKNOWN;
            }
        }
        return true;
    }

    private static boolean isNamed(ByteBuffer in, int from, int to, String name) {
        if (to - from != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            if (upper(in.get(from + i)) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    static int upper(int octet) {
        return octet >= 'a' && octet <= 'z' ? octet - 32 : octet;
    }

    private static boolean isKeywordOctet(int octet, boolean first) {
        return octet >= '0' && octet <= '9'
                || octet >= 'A' && octet <= 'Z'
                || octet >= 'a' && octet <= 'z'
                || octet == '-' && !first;
    }

    /** RFC 5321 excludes {@code =}, blanks and controls; RFC 6531 §3.3 lets octets above 127 in. */
    private static boolean isValueOctet(int octet) {
        return octet > ' ' && octet != '=' && octet != 0x7f || octet < 0;
    }
}
