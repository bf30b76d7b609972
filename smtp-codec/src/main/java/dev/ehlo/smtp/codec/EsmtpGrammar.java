package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.grammar.ParameterGrammar;
import dev.ehlo.smtp.grammar.Words;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** The parameters after a path: {@code *(SP keyword ["=" value])}. RFC 5321 §4.1.2, §4.1.1.11. */
@SuppressWarnings("EnumOrdinal") // CommandGrammar says why constants are kept as numbers
final class EsmtpGrammar {
    private static final int BAD_PARAMETER = CommandError.BAD_PARAMETER.ordinal();
    private static final int TOO_MANY_PARAMETERS = CommandError.TOO_MANY_PARAMETERS.ordinal();

    private static final EsmtpKeyword[] KEYWORDS = EsmtpKeyword.values();
    private static final WordTable NAMES = WordTable.of(KEYWORDS, EsmtpKeyword::wire);
    private static final int[] LENGTHS =
            Arrays.stream(KEYWORDS).mapToInt(k -> k.wire().length()).toArray();
    /** What a keyword of more than eight octets goes on with, as {@link Words#upper} has it. */
    private static final long[] RESTS = Arrays.stream(KEYWORDS)
            .mapToLong(k ->
                    Words.upper(Words.of(k.wire().substring(Math.min(8, k.wire().length())))))
            .toArray();
    /** A bit for each keyword that stands on MAIL. */
    private static final int OF_MAIL = Arrays.stream(KEYWORDS)
            .filter(EsmtpKeyword::isOfMail)
            .mapToInt(k -> 1 << k.ordinal())
            .sum();

    private EsmtpGrammar() {}

    /**
     * Fills the command's parameters from {@code from} to the end of its line.
     *
     * @return the ordinal of what is wrong, or {@link CommandGrammar#WELL_FORMED}
     */
    static int parameters(Command command, int from, boolean unknownToo) {
        ByteBuffer in = command.in;
        int to = command.lineEnd;
        int at = from;
        int count = 0;
        while (at < to) {
            if (in.get(at) != ' ') {
                return BAD_PARAMETER;
            }
            do {
                at++;
            } while (in.get(at) == ' ');
            if (count == Command.MAX_PARAMETERS) {
                return TOO_MANY_PARAMETERS;
            }
            int keyword = at;
            long word = Words.load(in, at, to);
            int end = keywordEnd(in, at, to, word);
            int value = -1;
            at = end;
            if (end < to && in.get(end) == '=') {
                value = end + 1;
                at = valueEnd(in, value, to);
            }
            if (end == keyword || (word & 0xff) == '-' || value == at || at < to && in.get(at) != ' ') {
                return BAD_PARAMETER;
            }
            command.parameter(count++, keyword, end, value, at);
            int place = place(in, keyword, end, word);
            int fault = place < 0 ? unknown(command, unknownToo) : known(command, place, value, at);
            if (fault != CommandGrammar.WELL_FORMED) {
                return fault;
            }
        }
        return CommandGrammar.WELL_FORMED;
    }

    private static int keywordEnd(ByteBuffer in, int from, int to, long first) {
        long word = first;
        int at = from;
        while (true) {
            long others = (Words.letters(word) | Words.between(word, '0', '9') | Words.equal(word, '-')) ^ Words.TOPS;
            if (others != 0) {
                return at + Words.first(others);
            }
            at += 8;
            word = Words.load(in, at, to);
        }
    }

    /** RFC 5321 excludes {@code =}, blanks and controls; RFC 6531 §3.3 lets octets above 127 in. */
    private static int valueEnd(ByteBuffer in, int from, int to) {
        int at = from;
        while (true) {
            long word = Words.load(in, at, to);
            long others = Words.graphic(word) & ~Words.equal(word, '=') ^ Words.TOPS;
            if (others != 0) {
                return at + Words.first(others);
            }
            at += 8;
        }
    }

    /** The known keyword's number, or -1. */
    private static int place(ByteBuffer in, int from, int to, long first) {
        int length = to - from;
        int place = NAMES.find(Words.head(first, Math.min(8, length)));
        return place >= 0
                        && LENGTHS[place] == length
                        && (length <= 8 || Words.upper(Words.load(in, from + 8, to)) == RESTS[place])
                ? place
                : -1;
    }

    private static int known(Command command, int place, int from, int to) {
        int bit = 1 << place;
        if ((command.keywords & bit) != 0) {
            return CommandError.DUPLICATE_PARAMETER.ordinal();
        }
        if ((OF_MAIL & bit) != 0 != command.is(Verb.MAIL)) {
            return CommandError.MISPLACED_PARAMETER.ordinal();
        }
        long number = ParameterGrammar.value(KEYWORDS[place], command.in, from, to);
        command.keywords |= bit;
        command.numbers[place] = number;
        if (number > ParameterGrammar.UNKNOWN) {
            return CommandGrammar.WELL_FORMED;
        }
        return (number == ParameterGrammar.UNKNOWN ? CommandError.UNKNOWN_VALUE : CommandError.BAD_VALUE).ordinal();
    }

    private static int unknown(Command command, boolean allowed) {
        int last = 4 * (command.parameterCount - 1);
        for (int i = 0; i < last; i += 4) {
            if (isSame(command, i, last)) {
                return CommandError.DUPLICATE_PARAMETER.ordinal();
            }
        }
        return allowed ? CommandGrammar.WELL_FORMED : CommandError.UNKNOWN_PARAMETER.ordinal();
    }

    private static boolean isSame(Command command, int one, int other) {
        int[] spans = command.parameters;
        int length = spans[one + 1] - spans[one];
        if (length != spans[other + 1] - spans[other]) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (upper(command.in.get(spans[one] + i)) != upper(command.in.get(spans[other] + i))) {
                return false;
            }
        }
        return true;
    }

    private static int upper(int octet) {
        return octet >= 'a' && octet <= 'z' ? octet - 32 : octet;
    }
}
