package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.PathGrammar;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What a command line says: its verb, and the argument that this verb takes. Allocates nothing. RFC 5321 §4.1.1. */
final class CommandGrammar {
    /** Octets of the name of a SASL mechanism. RFC 4422 §3.1. */
    private static final int MAX_MECHANISM = 20;

    private CommandGrammar() {}

    /** Finds the verb and its argument in the command's line; null if they are well-formed. */
    static @Nullable CommandError parts(Command command) {
        ByteBuffer in = command.in;
        int space = command.lineStart;
        while (space < command.lineEnd && in.get(space) != ' ') {
            space++;
        }
        command.verb = verb(in, command.lineStart, space);
        command.argumentStart = Math.min(space + 1, command.lineEnd);
        return argument(command);
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
