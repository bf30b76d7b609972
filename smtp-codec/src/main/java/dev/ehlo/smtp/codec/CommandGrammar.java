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

    private static final Verb[] VERBS = Verb.values();
    private static final WordTable NAMES = WordTable.of(VERBS, Verb::name);
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

    /** Finds the verb and its argument in the command's line; the ordinal of what is wrong, or {@link #WELL_FORMED}. */
    int parts(Command command, Delimiters delimiters) {
        ByteBuffer in = command.in;
        int start = command.lineStart;
        int end = command.lineEnd;
        long word = Words.load(in, start, end);
        int letters = Words.run(Words.letters(word));
        int after = start + letters;
        if (after == end || in.get(after) == ' ') {
            int verb = NAMES.find(Words.head(word, letters));
            if (verb >= 0) {
                command.verb = verb;
                command.argumentStart = Math.min(after + 1, end);
                return argument(command, VERBS[verb].argument, delimiters);
            }
        }
        while (after < end && in.get(after) != ' ') {
            after++;
        }
        command.argumentStart = Math.min(after + 1, end);
        return WELL_FORMED;
    }

    private int argument(Command command, Verb.Argument argument, Delimiters delimiters) {
        boolean present = command.hasArgument();
        switch (argument) {
            case NONE:
                return present ? UNEXPECTED_ARGUMENT : WELL_FORMED;
            case OPTIONAL_TEXT:
                return WELL_FORMED;
            case TEXT:
                return present ? WELL_FORMED : MISSING_ARGUMENT;
            case DOMAIN:
                return !present
                        ? MISSING_ARGUMENT
                        : isGraphic(command.in, command.argumentStart, command.lineEnd) ? WELL_FORMED : BAD_ARGUMENT;
            case REVERSE_PATH:
                return reversePath(command, delimiters);
            case FORWARD_PATH:
                return forwardPath(command, delimiters);
            case CHUNK:
                return chunk(command);
            case SASL:
                return sasl(command);
            default:
                throw new AssertionError(argument);
        }
    }

    private int reversePath(Command command, Delimiters delimiters) {
        int at = command.argumentStart;
        if ((Words.load(command.in, at, command.lineEnd) & FROM_MASK) != FROM) {
            return BAD_ARGUMENT;
        }
        int end = path(command, at + 5, delimiters);
        // Postmaster without a domain is nobody to send a report to.
        return end < 0 || command.path.isPostmaster() ? BAD_REVERSE_PATH : parameters(command, end, delimiters);
    }

    private int forwardPath(Command command, Delimiters delimiters) {
        int at = command.argumentStart;
        if ((Words.load(command.in, at, command.lineEnd) & TO_MASK) != TO) {
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
            run = Words.run(Words.letters(word)
                    | Words.between(word, '0', '9')
                    | Words.equal(word, '-')
                    | Words.equal(word, '_'));
            at += run;
        }
        return at;
    }

    /** RFC 5321 §4.1.4 wants mail taken whatever a host calls itself: any one word of printable octets will do. */
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
