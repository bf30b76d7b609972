package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.Delimiters;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.grammar.Words;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * Cuts command lines out of what has arrived and finds their parts. Resumable at any octet: on
 * {@link ParseResult#INCOMPLETE} nothing is consumed (but for the rest of an overlong line, which is skipped as it
 * comes), and what was looked at is not looked at again. Allocates nothing. One for each connection.
 *
 * <p>A line ends with CRLF and nothing else; a CR, LF or NUL elsewhere makes it {@link ParseResult#MALFORMED}, so that
 * no other server can see two commands where this one sees one. RFC 5321 §2.3.8, §4.1.1. So do octets above 127 that
 * are not UTF-8: what is copied out as text is what came. RFC 6531 §3.3.
 *
 * <p>Of a line that is {@link ParseResult#OVERLONG}, or malformed for its octets, the verb is told only if it is BDAT: a
 * chunk may follow of which nobody knows the end, and which must not be taken for commands.
 */
public final class CommandParser {
    /**
     * Octets of a command line with its CRLF: the 512 of RFC 5321 §4.5.3.1.4 and room for what the registered
     * extensions add to MAIL and RCPT (RFC 1870, 3461, 4954, 6531, 6710, 8689).
     */
    public static final int MAX_COMMAND_LINE = 2048;
    /** Octets of a line of the AUTH dialogue with its CRLF. RFC 4954 §4. */
    public static final int MAX_AUTH_LINE = 12_288;

    private static final int CRLF = '\r' | '\n' << 8;

    private final CommandGrammar grammar;
    private final Delimiters delimiters = new Delimiters(MAX_COMMAND_LINE);
    private int scanned;
    /** Whether the line holds what the index by words does not take: another control than its CRLF, or UTF-8. */
    private boolean byOctet;

    private boolean bareControl;
    private boolean wide;
    private boolean skipping;

    /** A parser at the beginning of a line, which takes what the grammar has and nothing else. */
    public CommandParser() {
        this(Set.of());
    }

    /** A parser at the beginning of a line, which takes these forms too. */
    public CommandParser(Set<Leniency> leniencies) {
        grammar = new CommandGrammar(leniencies);
    }

    /** Forgets a line begun; for the seam at STARTTLS. */
    public void reset() {
        scanned = 0;
        byOctet = false;
        bareControl = false;
        wide = false;
        skipping = false;
    }

    /** Parses one command line from the position on. */
    public ParseResult parse(ByteBuffer in, Command command) {
        ParseResult result = line(in, command, false);
        if (result != ParseResult.COMPLETE) {
            return result;
        }
        int fault = grammar.parts(command, delimiters);
        command.fault = fault;
        return fault == CommandGrammar.WELL_FORMED ? ParseResult.COMPLETE : ParseResult.MALFORMED;
    }

    /**
     * Takes one line from the position on without looking into it: an answer in the AUTH dialogue. Its text is the
     * command's line; the verb is {@link Verb#UNKNOWN}.
     */
    public ParseResult parseLine(ByteBuffer in, Command command) {
        return line(in, command, true);
    }

    private ParseResult line(ByteBuffer in, Command command, boolean answer) {
        int start = in.position();
        int limit = in.limit();
        if (byOctet) {
            return octets(in, start, start + scanned, command, answer);
        }
        int verb = (int) Words.upper(Words.load(in, start, limit));
        int at = verb == CommandGrammar.MAIL || verb == CommandGrammar.RCPT
                ? delimiters.words(in, start, start + scanned, limit)
                : delimiters.scan(in, start + scanned, limit);
        int place = at - start & 7;
        long last = delimiters.last(place);
        boolean ended =
                (last & 0xffff) == CRLF || place == 7 && at < limit - 1 && in.get(at) == '\r' && in.get(at + 1) == '\n';
        if (ended) {
            return end(in, start, at, command, answer);
        }
        if (at < limit - 1 || at < limit && in.get(at) != '\r') {
            byOctet = true;
            return octets(in, start, at, command, answer);
        }
        return more(in, start, at, command, answer);
    }

    private ParseResult octets(ByteBuffer in, int start, int from, Command command, boolean answer) {
        int limit = in.limit();
        int at = from;
        while (at < limit) {
            int octet = in.get(at);
            if (octet == '\r') {
                if (at + 1 == limit) {
                    break;
                }
                if (in.get(at + 1) == '\n') {
                    delimiters.octet(at - start, octet);
                    return end(in, start, at, command, answer);
                }
            }
            bareControl |= octet == '\r' || octet == '\n' || octet == 0;
            wide |= octet < 0;
            delimiters.octet(at++ - start, octet);
        }
        return more(in, start, at, command, answer);
    }

    private ParseResult more(ByteBuffer in, int start, int at, Command command, boolean answer) {
        // Without its end the line has one octet more than there are, at the least.
        boolean tooLong = !skipping && isOverlong(in, start, in.limit() - start + 1, answer);
        if (skipping || tooLong) {
            skipping = true;
            scanned = 0;
            in.position(at);
            return tooLong ? overlong(in, start, command) : ParseResult.INCOMPLETE;
        }
        // A word begun is looked at again.
        scanned = byOctet ? at - start : at - start & ~7;
        return ParseResult.INCOMPLETE;
    }

    private ParseResult end(ByteBuffer in, int start, int cr, Command command, boolean answer) {
        in.position(cr + 2);
        scanned = 0;
        if (byOctet || skipping) {
            return endRare(in, start, cr, command, answer);
        }
        if (cr + 2 - start > MAX_COMMAND_LINE && isOverlong(in, start, cr + 2 - start, answer)) {
            return overlong(in, start, command);
        }
        command.reset(in, start, trimmed(in, start, cr));
        return ParseResult.COMPLETE;
    }

    private ParseResult endRare(ByteBuffer in, int start, int cr, Command command, boolean answer) {
        boolean bare = bareControl;
        boolean utf8 = wide;
        boolean skipped = skipping;
        reset();
        if (skipped) {
            return line(in, command, answer);
        }
        if (isOverlong(in, start, cr + 2 - start, answer)) {
            return overlong(in, start, command);
        }
        int end = trimmed(in, start, cr);
        command.reset(in, start, end);
        if (bare) {
            command.fault = CommandGrammar.BARE_CONTROL;
        } else if (utf8 && !Octets.isUtf8(in, start, end)) {
            command.fault = CommandGrammar.MALFORMED_UTF8;
        }
        if (command.fault == CommandGrammar.WELL_FORMED) {
            return ParseResult.COMPLETE;
        }
        CommandGrammar.unreadable(command, end);
        return ParseResult.MALFORMED;
    }

    private static ParseResult overlong(ByteBuffer in, int start, Command command) {
        command.reset(in, start, start);
        CommandGrammar.unreadable(command, start + 4);
        return ParseResult.OVERLONG;
    }

    private static int trimmed(ByteBuffer in, int start, int cr) {
        int end = cr;
        while (end > start && (in.get(end - 1) == ' ' || in.get(end - 1) == '\t')) {
            end--;
        }
        return end;
    }

    private static boolean isOverlong(ByteBuffer in, int start, int octets, boolean answer) {
        return octets > MAX_COMMAND_LINE && (octets > MAX_AUTH_LINE || !answer && !isAuth(in, start));
    }

    /** AUTH may carry an initial response, which is as long as a line of the dialogue. RFC 4954 §4. */
    private static boolean isAuth(ByteBuffer in, int start) {
        return (int) Words.upper(Words.load(in, start, start + 4)) == CommandGrammar.AUTH && in.get(start + 4) == ' ';
    }
}
