package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.Octets;
import java.nio.ByteBuffer;

/**
 * Cuts command lines out of what has arrived and finds their parts. Resumable at any octet: on
 * {@link ParseResult#INCOMPLETE} nothing is consumed (but for the rest of an overlong line, which is skipped as it
 * comes), and what was looked at is not looked at again. Allocates nothing. One for each connection.
 *
 * <p>A line ends with CRLF and nothing else; a CR, LF or NUL elsewhere makes it {@link ParseResult#MALFORMED}, so that
 * no other server can see two commands where this one sees one. RFC 5321 §2.3.8, §4.1.1. So do octets above 127 that
 * are not UTF-8: what is copied out as text is what came. RFC 6531 §3.3.
 */
public final class CommandParser {
    /**
     * Octets of a command line with its CRLF: the 512 of RFC 5321 §4.5.3.1.4 and room for what the registered
     * extensions add to MAIL and RCPT (RFC 1870, 3461, 4954, 6531, 6710, 8689).
     */
    public static final int MAX_COMMAND_LINE = 2048;
    /** Octets of a line of the AUTH dialogue with its CRLF. RFC 4954 §4. */
    public static final int MAX_AUTH_LINE = 12_288;

    private int scanned;
    private boolean skipping;
    private boolean bareControl;
    private boolean utf8;

    /** A parser at the beginning of a line. */
    public CommandParser() {}

    /** Forgets a line begun; for the seam at STARTTLS. */
    public void reset() {
        scanned = 0;
        skipping = false;
        bareControl = false;
        utf8 = false;
    }

    /** Parses one command line from the position on. */
    public ParseResult parse(ByteBuffer in, Command command) {
        ParseResult result = line(in, command, false);
        if (result != ParseResult.COMPLETE) {
            return result;
        }
        command.error = CommandGrammar.parts(command);
        return command.error == null ? ParseResult.COMPLETE : ParseResult.MALFORMED;
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
        int at = Newlines.nextControl(in, start + scanned, limit);
        for (; at < limit; at = Newlines.nextControl(in, at + 1, limit)) {
            int octet = in.get(at);
            if (octet == '\r') {
                if (at + 1 == limit) {
                    break;
                }
                if (in.get(at + 1) == '\n') {
                    return end(in, start, at, command, answer);
                }
            }
            bareControl |= octet == '\r' || octet == '\n' || octet == 0;
            utf8 |= octet < 0;
        }
        if (skipping) {
            in.position(at);
            return ParseResult.INCOMPLETE;
        }
        // Without its end the line has one octet more than there are, at the least.
        if (isOverlong(in, start, limit - start + 1, answer)) {
            skipping = true;
            scanned = 0;
            in.position(at);
            return ParseResult.OVERLONG;
        }
        scanned = at - start;
        return ParseResult.INCOMPLETE;
    }

    private ParseResult end(ByteBuffer in, int start, int cr, Command command, boolean answer) {
        in.position(cr + 2);
        boolean bare = bareControl;
        boolean wide = utf8;
        boolean skipped = skipping;
        reset();
        if (skipped) {
            return line(in, command, answer);
        }
        if (isOverlong(in, start, cr + 2 - start, answer)) {
            return ParseResult.OVERLONG;
        }
        int end = cr;
        while (end > start && (in.get(end - 1) == ' ' || in.get(end - 1) == '\t')) {
            end--;
        }
        command.reset(in, start, end);
        command.error = bare
                ? CommandError.BARE_CONTROL
                : wide && !Octets.isUtf8(in, start, end) ? CommandError.MALFORMED_UTF8 : null;
        return command.error == null ? ParseResult.COMPLETE : ParseResult.MALFORMED;
    }

    private static boolean isOverlong(ByteBuffer in, int start, int octets, boolean answer) {
        return octets > MAX_COMMAND_LINE && (octets > MAX_AUTH_LINE || !answer && !isAuth(in, start));
    }

    /** AUTH may carry an initial response, which is as long as a line of the dialogue. RFC 4954 §4. */
    private static boolean isAuth(ByteBuffer in, int start) {
        return (in.get(start) | 0x20) == 'a'
                && (in.get(start + 1) | 0x20) == 'u'
                && (in.get(start + 2) | 0x20) == 't'
                && (in.get(start + 3) | 0x20) == 'h'
                && in.get(start + 4) == ' ';
    }
}
