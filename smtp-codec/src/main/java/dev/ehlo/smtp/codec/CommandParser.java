package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.grammar.PathGrammar;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

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
    /** Octets of the name of a SASL mechanism. RFC 4422 §3.1. */
    private static final int MAX_MECHANISM = 20;

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
        return result == ParseResult.COMPLETE ? parts(command) : result;
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
        Verb verb = switch (word) {
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
                return !present
                        ? CommandError.MISSING_ARGUMENT
                        : isToken(command, command.argumentStart) ? null : CommandError.BAD_ARGUMENT;
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
    private static boolean isToken(Command command, int from) {
        for (int at = from; at < command.lineEnd; at++) {
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
            if (at >= to || EsmtpGrammar.upper(in.get(at)) != prefix.charAt(i)) {
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
        if (at == digits) {
            return CommandError.BAD_ARGUMENT;
        }
        command.chunkOctets = octets;
        command.lastChunk = to - at == 5
                && in.get(at) == ' '
                && (in.get(at + 1) | 0x20) == 'l'
                && (in.get(at + 2) | 0x20) == 'a'
                && (in.get(at + 3) | 0x20) == 's'
                && (in.get(at + 4) | 0x20) == 't';
        return at == to || command.lastChunk ? null : CommandError.BAD_ARGUMENT;
    }

    private static @Nullable CommandError sasl(Command command) {
        int at = command.argumentStart;
        if (at == command.lineEnd) {
            return CommandError.MISSING_ARGUMENT;
        }
        while (at < command.lineEnd && isMechanismOctet(command.in.get(at))) {
            at++;
        }
        int length = at - command.argumentStart;
        if (length == 0 || length > MAX_MECHANISM) {
            return CommandError.BAD_ARGUMENT;
        }
        if (at == command.lineEnd) {
            return null;
        }
        command.initialResponseStart = at + 1;
        return command.in.get(at) == ' ' && isToken(command, at + 1) ? null : CommandError.BAD_ARGUMENT;
    }

    private static boolean isMechanismOctet(int octet) {
        return octet >= '0' && octet <= '9'
                || octet >= 'A' && octet <= 'Z'
                || octet >= 'a' && octet <= 'z'
                || octet == '-'
                || octet == '_';
    }
}
