package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.PathGrammar;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts command lines out of what has arrived and finds their parts. Resumable at any octet: on
 * {@link ParseResult#INCOMPLETE} nothing is consumed, and what was looked at is not looked at again. Allocates nothing.
 * One for each connection.
 *
 * <p>A line ends with CRLF and nothing else; a CR, LF or NUL elsewhere makes it {@link ParseResult#MALFORMED}, so that
 * no other server can see two commands where this one sees one. RFC 5321 §2.3.8, §4.1.1.
 */
public final class CommandParser {
    /**
     * Octets of a command line with its CRLF: the 512 of RFC 5321 §4.5.3.1.4 and room for what the registered
     * extensions add to MAIL and RCPT (RFC 1870, 3461, 4954, 6531, 6710, 8689).
     */
    public static final int MAX_COMMAND_LINE = 2048;
    /** Octets of a line of the AUTH dialogue with its CRLF. RFC 4954 §4. */
    public static final int MAX_AUTH_LINE = 12_288;

    private int maxLine = MAX_COMMAND_LINE;
    private int scanned;
    private boolean skipping;
    private boolean bareControl;

    /** A parser at the beginning of a line. */
    public CommandParser() {}

    /** Forgets a line begun; for the seam at STARTTLS. */
    public void reset() {
        scanned = 0;
        skipping = false;
        bareControl = false;
    }

    /** Parses one command line from the position on. */
    public ParseResult parse(ByteBuffer in, Command command) {
        maxLine = isAuth(in) ? MAX_AUTH_LINE : MAX_COMMAND_LINE;
        ParseResult result = line(in, command);
        return result == ParseResult.COMPLETE ? parts(command) : result;
    }

    /**
     * Takes one line from the position on without looking into it: an answer in the AUTH dialogue. Its text is the
     * command's line; the verb is {@link Verb#UNKNOWN}.
     */
    public ParseResult parseLine(ByteBuffer in, Command command) {
        maxLine = MAX_AUTH_LINE;
        return line(in, command);
    }

    /** AUTH may carry an initial response, which is as long as a line of the dialogue. RFC 4954 §4. */
    private static boolean isAuth(ByteBuffer in) {
        int at = in.position();
        return in.remaining() > 4
                && (in.get(at) | 0x20) == 'a'
                && (in.get(at + 1) | 0x20) == 'u'
                && (in.get(at + 2) | 0x20) == 't'
                && (in.get(at + 3) | 0x20) == 'h'
                && in.get(at + 4) == ' ';
    }

    private ParseResult line(ByteBuffer in, Command command) {
        int start = in.position();
        int limit = in.limit();
        int at = start + scanned;
        while (true) {
            while (at < limit && in.get(at) > '\r') {
                at++;
            }
            if (at == limit) {
                break;
            }
            int octet = in.get(at);
            if (octet == '\r') {
                if (at + 1 == limit) {
                    break;
                }
                if (in.get(at + 1) == '\n') {
                    return end(in, start, at, command);
                }
            }
            bareControl |= octet == '\r' || octet == '\n' || octet == 0;
            at++;
        }
        if (skipping) {
            in.position(at);
            return ParseResult.INCOMPLETE;
        }
        if (limit - start >= maxLine) {
            skipping = true;
            scanned = 0;
            in.position(at);
            return ParseResult.OVERLONG;
        }
        scanned = at - start;
        return ParseResult.INCOMPLETE;
    }

    private ParseResult end(ByteBuffer in, int start, int cr, Command command) {
        in.position(cr + 2);
        boolean bare = bareControl;
        boolean skipped = skipping;
        reset();
        if (skipped) {
            return line(in, command);
        }
        if (cr + 2 - start > maxLine) {
            return ParseResult.OVERLONG;
        }
        int end = cr;
        while (end > start && (in.get(end - 1) == ' ' || in.get(end - 1) == '\t')) {
            end--;
        }
        command.in = in;
        command.verb = Verb.UNKNOWN;
        command.lineStart = start;
        command.lineEnd = end;
        command.argumentStart = start;
        command.parameterCount = 0;
        command.error = bare ? CommandError.BARE_CONTROL : null;
        return bare ? ParseResult.MALFORMED : ParseResult.COMPLETE;
    }

    private static ParseResult parts(Command command) {
        ByteBuffer in = command.in;
        int space = command.lineStart;
        while (space < command.lineEnd && in.get(space) != ' ') {
            space++;
        }
        command.verb = verb(in, command.lineStart, space);
        command.argumentStart = Math.min(space + 1, command.lineEnd);
        command.error = argument(command);
        return command.error == null ? ParseResult.COMPLETE : ParseResult.MALFORMED;
    }

    /** The verb is told by its first four octets, in upper case, taken as one number. */
    private static Verb verb(ByteBuffer in, int from, int to) {
        int length = to - from;
        if (length < 4) {
            return Verb.UNKNOWN;
        }
        int word = 0;
        for (int i = 0; i < 4; i++) {
            word = word << 8 | in.get(from + i) & 0xdf;
        }
        Verb verb =
                switch (word) {
                    case 0x48454c4f -> Verb.HELO;
                    case 0x45484c4f -> Verb.EHLO;
                    case 0x4c484c4f -> Verb.LHLO;
                    case 0x4d41494c -> Verb.MAIL;
                    case 0x52435054 -> Verb.RCPT;
                    case 0x44415441 -> Verb.DATA;
                    case 0x42444154 -> Verb.BDAT;
                    case 0x52534554 -> Verb.RSET;
                    case 0x4e4f4f50 -> Verb.NOOP;
                    case 0x51554954 -> Verb.QUIT;
                    case 0x56524659 -> Verb.VRFY;
                    case 0x4558504e -> Verb.EXPN;
                    case 0x48454c50 -> Verb.HELP;
                    case 0x4554524e -> Verb.ETRN;
                    case 0x53544152 -> Verb.STARTTLS;
                    case 0x41555448 -> Verb.AUTH;
                    case 0x58434c49 -> Verb.XCLIENT;
                    case 0x58464f52 -> Verb.XFORWARD;
                    default -> Verb.UNKNOWN;
                };
        return isNamed(in, from, length, verb) ? verb : Verb.UNKNOWN;
    }

    private static boolean isNamed(ByteBuffer in, int from, int length, Verb verb) {
        String name = verb.name();
        if (length != name.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            int octet = in.get(from + i);
            if (octet != name.charAt(i) && octet != (name.charAt(i) | 0x20)) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable CommandError argument(Command command) {
        boolean present = command.hasArgument();
        switch (command.verb.argument) {
            case NONE:
                return present ? CommandError.UNEXPECTED_ARGUMENT : null;
            case OPTIONAL_TEXT:
                return null;
            case TEXT:
                return present ? null : CommandError.MISSING_ARGUMENT;
            case DOMAIN:
                return !present ? CommandError.MISSING_ARGUMENT : isToken(command) ? null : CommandError.BAD_ARGUMENT;
            case REVERSE_PATH:
                return path(command, "FROM:", CommandError.BAD_REVERSE_PATH);
            case FORWARD_PATH:
                return path(command, "TO:", CommandError.BAD_FORWARD_PATH);
            case CHUNK:
                return chunk(command);
            case SASL:
                return sasl(command);
            default:
                throw new AssertionError(command.verb);
        }
    }

    /** RFC 5321 §4.1.4 wants mail taken whatever a host calls itself: any one word of printable octets will do. */
    private static boolean isToken(Command command) {
        for (int at = command.argumentStart; at < command.lineEnd; at++) {
            int octet = command.in.get(at);
            if (octet >= 0 && octet <= ' ' || octet == 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable CommandError path(Command command, String prefix, CommandError bad) {
        ByteBuffer in = command.in;
        int at = command.argumentStart;
        int to = command.lineEnd;
        for (int i = 0; i < prefix.length(); i++, at++) {
            if (at >= to || Character.toUpperCase((char) (in.get(at) & 0x7f)) != prefix.charAt(i)) {
                return CommandError.BAD_ARGUMENT;
            }
        }
        if (!PathGrammar.path(in, at, to, command.path)) {
            return bad;
        }
        boolean empty = command.path.localEnd == command.path.localStart;
        boolean postmaster = !empty && command.path.domainEnd == command.path.domainStart;
        if (command.verb == Verb.RCPT ? empty : postmaster) {
            return bad;
        }
        return EsmtpGrammar.parameters(command, command.path.end);
    }

    private static @Nullable CommandError chunk(Command command) {
        ByteBuffer in = command.in;
        int at = command.argumentStart;
        int to = command.lineEnd;
        long octets = 0;
        int digits = at;
        while (at < to && in.get(at) >= '0' && in.get(at) <= '9') {
            int digit = in.get(at++) - '0';
            if (octets > (Long.MAX_VALUE - digit) / 10) {
                return CommandError.BAD_ARGUMENT;
            }
            octets = octets * 10 + digit;
        }
        boolean last = to - at == 5
                && in.get(at) == ' '
                && (in.get(at + 1) | 0x20) == 'l'
                && (in.get(at + 2) | 0x20) == 'a'
                && (in.get(at + 3) | 0x20) == 's'
                && (in.get(at + 4) | 0x20) == 't';
        if (at == digits || at != to && !last) {
            return CommandError.BAD_ARGUMENT;
        }
        command.chunkOctets = octets;
        command.lastChunk = last;
        return null;
    }

    private static @Nullable CommandError sasl(Command command) {
        int at = command.argumentStart;
        if (at == command.lineEnd) {
            return CommandError.MISSING_ARGUMENT;
        }
        while (at < command.lineEnd && command.in.get(at) != ' ') {
            at++;
        }
        command.initialResponseStart = at == command.lineEnd ? -1 : at + 1;
        for (int i = at + 1; i < command.lineEnd; i++) {
            if (command.in.get(i) == ' ') {
                return CommandError.BAD_ARGUMENT;
            }
        }
        return null;
    }
}
