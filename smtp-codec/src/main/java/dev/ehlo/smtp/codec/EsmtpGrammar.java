package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.grammar.Delimiters;
import dev.ehlo.smtp.grammar.ParameterGrammar;
import dev.ehlo.smtp.grammar.Words;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** The parameters after a path: {@code *(SP keyword ["=" value])}. RFC 5321 §4.1.2, §4.1.1.11. */
@SuppressWarnings("EnumOrdinal") // CommandGrammar says why constants are kept as numbers
final class EsmtpGrammar {
    private static final int BAD_PARAMETER = CommandError.BAD_PARAMETER.ordinal();
    private static final int TOO_MANY_PARAMETERS = CommandError.TOO_MANY_PARAMETERS.ordinal();

    private static final EsmtpKeyword[] KEYWORDS = EsmtpKeyword.values();
    private static final Set<EsmtpKeyword> HOLDS = EnumSet.of(EsmtpKeyword.HOLDFOR, EsmtpKeyword.HOLDUNTIL);
    private static final long FOR = Words.of("FOR");
    // The first four octets of each keyword, as Words.upper has them, the first one lowest.
    private static final int SIZE = 'S' | 'I' << 8 | 'Z' << 16 | 'E' << 24;
    private static final int BODY = 'B' | 'O' << 8 | 'D' << 16 | 'Y' << 24;
    private static final int SMTP = 'S' | 'M' << 8 | 'T' << 16 | 'P' << 24;
    private static final int REQU = 'R' | 'E' << 8 | 'Q' << 16 | 'U' << 24;
    private static final int RET = 'R' | 'E' << 8 | 'T' << 16;
    private static final int ENVI = 'E' | 'N' << 8 | 'V' << 16 | 'I' << 24;
    private static final int AUTH = 'A' | 'U' << 8 | 'T' << 16 | 'H' << 24;
    private static final int HOLD = 'H' | 'O' << 8 | 'L' << 16 | 'D' << 24;
    private static final int BY = 'B' | 'Y' << 8;
    private static final int MT_P = 'M' | 'T' << 8 | ('-' & ~0x20) << 16 | 'P' << 24;
    private static final int NOTI = 'N' | 'O' << 8 | 'T' << 16 | 'I' << 24;
    private static final int ORCP = 'O' | 'R' << 8 | 'C' << 16 | 'P' << 24;
    private static final int RRVS = 'R' | 'R' << 8 | 'V' << 16 | 'S' << 24;

    /** The first eight octets of each keyword, the others, and how many there are, as {@link Words#upper} has them. */
    private static final long[] HEADS = Arrays.stream(KEYWORDS)
            .mapToLong(k -> Words.upper(
                    Words.of(k.wire().substring(0, Math.min(8, k.wire().length())))))
            .toArray();

    private static final long[] RESTS = Arrays.stream(KEYWORDS)
            .mapToLong(k ->
                    Words.upper(Words.of(k.wire().substring(Math.min(8, k.wire().length())))))
            .toArray();
    private static final int[] LENGTHS =
            Arrays.stream(KEYWORDS).mapToInt(k -> k.wire().length()).toArray();
    /** A bit for each keyword that stands on MAIL. */
    private static final int OF_MAIL = Arrays.stream(KEYWORDS)
            .filter(EsmtpKeyword::isOfMail)
            .mapToInt(k -> 1 << k.ordinal())
            .sum();

    /** Of each keyword, a bit for those that say the same thing: itself, and HOLDFOR beside HOLDUNTIL. RFC 4865 §3. */
    private static final int[] SAME = Arrays.stream(KEYWORDS)
            .mapToInt(k -> HOLDS.contains(k)
                    ? HOLDS.stream().mapToInt(hold -> 1 << hold.ordinal()).sum()
                    : 1 << k.ordinal())
            .toArray();

    private EsmtpGrammar() {}

    /**
     * Fills the command's parameters, which go on to the end of its line.
     *
     * @param from where the blank before the first one has to be, which is the next delimiter of the walk
     * @return the ordinal of what is wrong, or {@link CommandGrammar#WELL_FORMED}
     */
    static int parameters(Command command, int from, Delimiters delimiters, boolean unknownToo) {
        ByteBuffer in = command.in;
        int to = command.lineEnd;
        if (delimiters.next() != from || in.get(from) != ' ') {
            return BAD_PARAMETER;
        }
        int at = from;
        for (int count = 0; count < Command.MAX_PARAMETERS; count++) {
            int keyword = at + 1;
            int end = delimiters.next();
            while (end == keyword && in.get(end) == ' ') {
                keyword++;
                end = delimiters.next();
            }
            while (end < to && end > keyword && in.get(end) == '-') {
                end = delimiters.next();
            }
            end = Math.min(end, to);
            int value = -1;
            at = end;
            if (end < to && in.get(end) == '=') {
                value = end + 1;
                at = delimiters.nextOutsideValue(in, to);
            }
            if (end == keyword || at == value || at < to && in.get(at) != ' ') {
                return BAD_PARAMETER;
            }
            command.parameter(count, keyword, end, value, at);
            int place = place(in, keyword, end);
            int fault = place < 0 ? unknown(command, unknownToo) : known(command, place, value, at);
            if (fault != CommandGrammar.WELL_FORMED || at == to) {
                return fault;
            }
        }
        return TOO_MANY_PARAMETERS;
    }

    /** The known keyword's number, or -1. */
    private static int place(ByteBuffer in, int from, int to) {
        long word = Words.upper(Words.load(in, from, to));
        int place = switch ((int) word) {
            case SIZE -> EsmtpKeyword.SIZE.ordinal();
            case BODY -> EsmtpKeyword.BODY.ordinal();
            case SMTP -> EsmtpKeyword.SMTPUTF8.ordinal();
            case REQU -> EsmtpKeyword.REQUIRETLS.ordinal();
            case RET -> EsmtpKeyword.RET.ordinal();
            case ENVI -> EsmtpKeyword.ENVID.ordinal();
            case AUTH -> EsmtpKeyword.AUTH.ordinal();
            case HOLD -> (word >>> 32 == FOR ? EsmtpKeyword.HOLDFOR : EsmtpKeyword.HOLDUNTIL).ordinal();
            case BY -> EsmtpKeyword.BY.ordinal();
            case MT_P -> EsmtpKeyword.MT_PRIORITY.ordinal();
            case NOTI -> EsmtpKeyword.NOTIFY.ordinal();
            case ORCP -> EsmtpKeyword.ORCPT.ordinal();
            case RRVS -> EsmtpKeyword.RRVS.ordinal();
            default -> -1;
        };
        int length = to - from;
        return place >= 0
                        && word == HEADS[place]
                        && length == LENGTHS[place]
                        && (length <= 8 || Words.upper(Words.load(in, from + 8, to)) == RESTS[place])
                ? place
                : -1;
    }

    private static int known(Command command, int place, int from, int to) {
        int bit = 1 << place;
        if ((command.keywords & SAME[place]) != 0) {
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
