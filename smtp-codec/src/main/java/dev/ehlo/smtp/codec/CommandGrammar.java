package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.Delimiters;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.grammar.PathGrammar;
import dev.ehlo.smtp.grammar.Words;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * What a command line says: its verb, and the argument that this verb takes. Allocates nothing. RFC 5321 §4.1.1.
 *
 * <p>Verbs and faults are numbers here, the ordinals of their constants: to store a reference in an object that lives
 * long costs the garbage collector's barrier, which is as much as the rest of a short command.
 */
@SuppressWarnings("EnumOrdinal")
final class CommandGrammar {
    /** No fault. */
    static final int WELL_FORMED = -1;

    /** Octets of the name of a SASL mechanism. RFC 4422 §3.1. */
    private static final int MAX_MECHANISM = 20;

    static final int BARE_CONTROL = CommandError.BARE_CONTROL.ordinal();
    static final int MALFORMED_UTF8 = CommandError.MALFORMED_UTF8.ordinal();
    private static final int UNEXPECTED_ARGUMENT = CommandError.UNEXPECTED_ARGUMENT.ordinal();
    private static final int MISSING_ARGUMENT = CommandError.MISSING_ARGUMENT.ordinal();
    private static final int BAD_ARGUMENT = CommandError.BAD_ARGUMENT.ordinal();
    private static final int BAD_REVERSE_PATH = CommandError.BAD_REVERSE_PATH.ordinal();
    private static final int BAD_FORWARD_PATH = CommandError.BAD_FORWARD_PATH.ordinal();

    // The first four octets of each verb, the first one lowest.
    static final int MAIL = 'M' | 'A' << 8 | 'I' << 16 | 'L' << 24;
    static final int RCPT = 'R' | 'C' << 8 | 'P' << 16 | 'T' << 24;
    private static final int DATA = 'D' | 'A' << 8 | 'T' << 16 | 'A' << 24;
    private static final int BDAT = 'B' | 'D' << 8 | 'A' << 16 | 'T' << 24;
    private static final int RSET = 'R' | 'S' << 8 | 'E' << 16 | 'T' << 24;
    private static final int EHLO = 'E' | 'H' << 8 | 'L' << 16 | 'O' << 24;
    private static final int HELO = 'H' | 'E' << 8 | 'L' << 16 | 'O' << 24;
    private static final int LHLO = 'L' | 'H' << 8 | 'L' << 16 | 'O' << 24;
    static final int AUTH = 'A' | 'U' << 8 | 'T' << 16 | 'H' << 24;
    private static final int STAR = 'S' | 'T' << 8 | 'A' << 16 | 'R' << 24;
    private static final int QUIT = 'Q' | 'U' << 8 | 'I' << 16 | 'T' << 24;
    private static final int NOOP = 'N' | 'O' << 8 | 'O' << 16 | 'P' << 24;
    private static final int HELP = 'H' | 'E' << 8 | 'L' << 16 | 'P' << 24;
    private static final int VRFY = 'V' | 'R' << 8 | 'F' << 16 | 'Y' << 24;
    private static final int EXPN = 'E' | 'X' << 8 | 'P' << 16 | 'N' << 24;
    private static final int ETRN = 'E' | 'T' << 8 | 'R' << 16 | 'N' << 24;
    private static final int XCLI = 'X' | 'C' << 8 | 'L' << 16 | 'I' << 24;
    private static final int XFOR = 'X' | 'F' << 8 | 'O' << 16 | 'R' << 24;
    private static final long FROM = Words.upper(Words.of("FROM")) | (long) ':' << 32;
    private static final long FROM_MASK = Words.head(~Words.CASE, 4) | 0xffL << 32;
    private static final long TO = Words.upper(Words.of("TO")) | ':' << 16;
    private static final long TO_MASK = Words.head(~Words.CASE, 2) | 0xff << 16;
    private static final long LAST = Words.of("LAST");

    private final boolean spaceAfterColon;
    private final boolean missingBrackets;
    private final boolean unknownParameter;

    CommandGrammar(Set<Leniency> leniencies) {
        spaceAfterColon = leniencies.contains(Leniency.SPACE_AFTER_COLON);
        missingBrackets = leniencies.contains(Leniency.MISSING_BRACKETS);
        unknownParameter = leniencies.contains(Leniency.UNKNOWN_PARAMETER);
    }

    /**
     * Finds the verb and its argument in the command's line; the ordinal of what is wrong, or {@link #WELL_FORMED}. A
     * verb is told by its first four octets, in upper case, taken as one number.
     */
    int parts(Command command, Delimiters delimiters) {
        long word = Words.load(command.in, command.lineStart, command.lineEnd);
        return switch ((int) Words.upper(word)) {
            case MAIL -> isFour(command, word, Verb.MAIL) ? reversePath(command, delimiters) : unknown(command);
            case RCPT -> isFour(command, word, Verb.RCPT) ? forwardPath(command, delimiters) : unknown(command);
            case DATA -> isFour(command, word, Verb.DATA) ? nothing(command) : unknown(command);
            case BDAT -> isFour(command, word, Verb.BDAT) ? chunk(command) : unknown(command);
            case RSET -> isFour(command, word, Verb.RSET) ? nothing(command) : unknown(command);
            case EHLO -> isFour(command, word, Verb.EHLO) ? domain(command) : unknown(command);
            case HELO -> isFour(command, word, Verb.HELO) ? domain(command) : unknown(command);
            case LHLO -> isFour(command, word, Verb.LHLO) ? domain(command) : unknown(command);
            case AUTH -> isFour(command, word, Verb.AUTH) ? sasl(command) : unknown(command);
            case STAR -> isNamed(command, word, Verb.STARTTLS) ? nothing(command) : unknown(command);
            case QUIT -> isFour(command, word, Verb.QUIT) ? nothing(command) : unknown(command);
            case NOOP -> isFour(command, word, Verb.NOOP) ? WELL_FORMED : unknown(command);
            case HELP -> isFour(command, word, Verb.HELP) ? WELL_FORMED : unknown(command);
            case VRFY -> isFour(command, word, Verb.VRFY) ? text(command) : unknown(command);
            case EXPN -> isFour(command, word, Verb.EXPN) ? text(command) : unknown(command);
            case ETRN -> isFour(command, word, Verb.ETRN) ? text(command) : unknown(command);
            case XCLI -> isNamed(command, word, Verb.XCLIENT) ? text(command) : unknown(command);
            case XFOR -> isNamed(command, word, Verb.XFORWARD) ? text(command) : unknown(command);
            default -> unknown(command);
        };
    }

    /** Whether the name ends after its four octets, with a blank or the line; it is then the command's verb. */
    private static boolean isFour(Command command, long word, Verb verb) {
        int fifth = (int) (word >>> 32) & 0xff;
        if (fifth != ' ' && fifth != 0) {
            return false;
        }
        command.verb = verb.ordinal();
        command.argumentStart = Math.min(command.lineStart + 5, command.lineEnd);
        return true;
    }

    /** The same of a longer name, of eight octets at the most. */
    private static boolean isNamed(Command command, long word, Verb verb) {
        int length = verb.name().length();
        int after = command.lineStart + length;
        boolean ends = after == command.lineEnd || after < command.lineEnd && command.in.get(after) == ' ';
        if (!ends || Words.upper(Words.head(word, length)) != Words.of(verb.name())) {
            return false;
        }
        command.verb = verb.ordinal();
        command.argumentStart = Math.min(after + 1, command.lineEnd);
        return true;
    }

    /** Makes BDAT the verb of a line that can't be read, if the octets before {@code to} begin so. */
    static void unreadable(Command command, int to) {
        if ((int) Words.upper(Words.load(command.in, command.lineStart, to)) == BDAT) {
            command.verb = Verb.BDAT.ordinal();
            command.chunkOctets = -1;
            command.lastChunk = false;
        }
    }

    private static int unknown(Command command) {
        int at = command.lineStart;
        while (at < command.lineEnd && command.in.get(at) != ' ') {
            at++;
        }
        command.argumentStart = Math.min(at + 1, command.lineEnd);
        return WELL_FORMED;
    }

    private static int nothing(Command command) {
        return command.hasArgument() ? UNEXPECTED_ARGUMENT : WELL_FORMED;
    }

    private static int text(Command command) {
        return command.hasArgument() ? WELL_FORMED : MISSING_ARGUMENT;
    }

    /** RFC 5321 §4.1.4 wants mail taken whatever a host calls itself: any one word of printable octets will do. */
    private static int domain(Command command) {
        if (!command.hasArgument()) {
            return MISSING_ARGUMENT;
        }
        return isGraphic(command.in, command.argumentStart, command.lineEnd) ? WELL_FORMED : BAD_ARGUMENT;
    }

    private int reversePath(Command command, Delimiters delimiters) {
        int at = command.argumentStart;
        if ((Words.load(command.in, at, command.lineEnd) & FROM_MASK) != FROM) {
            command.path.utf8 = false;
            return BAD_ARGUMENT;
        }
        int end = path(command, at + 5, delimiters);
        // Postmaster without a domain is nobody to send a report to.
        return end < 0 || command.path.isPostmaster() ? BAD_REVERSE_PATH : parameters(command, end, delimiters);
    }

    private int forwardPath(Command command, Delimiters delimiters) {
        int at = command.argumentStart;
        if ((Words.load(command.in, at, command.lineEnd) & TO_MASK) != TO) {
            command.path.utf8 = false;
            return BAD_ARGUMENT;
        }
        int end = path(command, at + 3, delimiters);
        return end < 0 || command.path.isEmpty() ? BAD_FORWARD_PATH : parameters(command, end, delimiters);
    }

    /** The octet after the path, or -1. */
    private int path(Command command, int from, Delimiters delimiters) {
        int at = from;
        int to = command.lineEnd;
        while (spaceAfterColon && at < to && command.in.get(at) == ' ') {
            at++;
        }
        delimiters.walk(command.lineStart, at + 1);
        if (PathGrammar.path(command.in, at, to, delimiters, command.path)) {
            return command.path.end;
        }
        if (!missingBrackets) {
            return -1;
        }
        delimiters.walk(command.lineStart, at);
        if (!PathGrammar.bare(command.in, at, to, delimiters, command.path)) {
            return -1;
        }
        delimiters.walk(command.lineStart, command.path.end);
        return command.path.end;
    }

    private int parameters(Command command, int from, Delimiters delimiters) {
        return from == command.lineEnd
                ? WELL_FORMED
                : EsmtpGrammar.parameters(command, from, delimiters, unknownParameter);
    }

    private static int chunk(Command command) {
        ByteBuffer in = command.in;
        int at = command.argumentStart;
        int to = command.lineEnd;
        command.chunkOctets = -1;
        command.lastChunk = false;
        long octets = 0;
        int digits = at;
        while (at < to && in.get(at) >= '0' && in.get(at) <= '9') {
            int digit = in.get(at++) - '0';
            if (octets > (Long.MAX_VALUE - digit) / 10) {
                return BAD_ARGUMENT;
            }
            octets = octets * 10 + digit;
        }
        if (at == digits) {
            return BAD_ARGUMENT;
        }
        command.chunkOctets = octets;
        command.lastChunk = to - at == 5 && in.get(at) == ' ' && Words.upper(Words.load(in, at + 1, to)) == LAST;
        return at == to || command.lastChunk ? WELL_FORMED : BAD_ARGUMENT;
    }

    private static int sasl(Command command) {
        ByteBuffer in = command.in;
        int at = command.argumentStart;
        int to = command.lineEnd;
        command.initialResponseStart = -1;
        if (at == to) {
            return MISSING_ARGUMENT;
        }
        at = mechanismEnd(in, at, to);
        int length = at - command.argumentStart;
        if (length == 0 || length > MAX_MECHANISM) {
            return BAD_ARGUMENT;
        }
        if (at == to) {
            return WELL_FORMED;
        }
        command.initialResponseStart = at + 1;
        return in.get(at) == ' ' && isGraphic(in, at + 1, to) ? WELL_FORMED : BAD_ARGUMENT;
    }

    /** Whether the text names a mechanism. */
    static boolean isMechanism(String text) {
        byte[] octets = Octets.utf8(text);
        int length = octets.length;
        return length > 0 && length <= MAX_MECHANISM && mechanismEnd(ByteBuffer.wrap(octets), 0, length) == length;
    }

    /** Letters, digits, hyphens and underscores, no more than one too many. RFC 4422 §3.1. */
    private static int mechanismEnd(ByteBuffer in, int from, int to) {
        int at = from;
        int run = 8;
        while (run == 8 && at - from <= MAX_MECHANISM) {
            long word = Words.load(in, at, to);
            run = Words.run(Words.letters(word) | Words.digits(word) | Words.equal(word, '-') | Words.equal(word, '_'));
            at += run;
        }
        return at;
    }

    private static boolean isGraphic(ByteBuffer in, int from, int to) {
        int at = from;
        for (; at <= to - 8; at += 8) {
            if (Words.graphic(Words.whole(in, at)) != Words.TOPS) {
                return false;
            }
        }
        // Behind the end there are zeros.
        return at + Words.run(Words.graphic(Words.load(in, at, to))) == to;
    }
}
