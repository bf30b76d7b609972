package dev.ehlo.smtp.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * The lines of an AUTH dialogue, which are base64 of what the mechanism says. RFC 4954 §4.
 *
 * <p>One reading only: no white space, no other alphabet, padding as RFC 4648 §4 has it, and unused bits of zero
 * (§3.5). What comes out may be a password: it comes as octets, which whoever asked for them overwrites after use.
 */
public final class SaslLine {
    /** Octets of the longest message, which fills a line of {@link CommandParser#MAX_AUTH_LINE}. */
    public static final int MAX_MESSAGE = (CommandParser.MAX_AUTH_LINE - 2) / 4 * 3;

    /** What each octet of ASCII stands for, or -1. */
    private static final byte[] VALUES = values();

    private SaslLine() {}

    private static byte[] values() {
        byte[] values = new byte[128];
        Arrays.fill(values, (byte) -1);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (int i = 0; i < alphabet.length(); i++) {
            values[alphabet.charAt(i)] = (byte) i;
        }
        return values;
    }

    /** Whether the line, taken by {@link CommandParser#parseLine}, is the {@code *} that ends the dialogue. */
    public static boolean isCancel(Command line) {
        return line.length() == 1 && line.in.get(line.lineStart) == '*';
    }

    /** The message in a line taken by {@link CommandParser#parseLine}; empty if that is not base64. */
    public static Optional<byte[]> response(Command line) {
        return decode(line.in, line.lineStart, line.lineEnd);
    }

    /**
     * The message that came with an AUTH command, where {@code =} is one without octets; empty if it is not base64, or
     * none came ({@link Command#hasInitialResponse()}).
     */
    public static Optional<byte[]> initialResponse(Command auth) {
        int from = auth.initialResponseStart;
        if (!auth.hasInitialResponse()) {
            return Optional.empty();
        }
        boolean nothing = auth.lineEnd - from == 1 && auth.in.get(from) == '=';
        return decode(auth.in, nothing ? auth.lineEnd : from, auth.lineEnd);
    }

    /** The message that the octets {@code from} to {@code to} of the buffer are base64 of; empty if they are not. */
    public static Optional<byte[]> decode(ByteBuffer in, int from, int to) {
        int octets = decodedOctets(in, from, to);
        if (octets < 0) {
            return Optional.empty();
        }
        byte[] message = new byte[octets];
        return decode(in, from, to, message) < 0 ? Optional.empty() : Optional.of(message);
    }

    /**
     * Decodes the octets {@code from} to {@code to} of the buffer into the array, from its beginning. Allocates
     * nothing.
     *
     * @return the octets of the message; -1 if there is none, and then the array holds zeros
     * @throws IllegalArgumentException if the message has more octets than the array
     */
    public static int decode(ByteBuffer in, int from, int to, byte[] message) {
        int octets = decodedOctets(in, from, to);
        if (octets > message.length) {
            throw new IllegalArgumentException("no room for octets of a message: " + octets);
        }
        int written = 0;
        for (int at = from; written < octets; at += 4) {
            // What stands for the padding are zeros, and so must the bits be that would reach into it.
            int wanted = Math.min(3, octets - written);
            int bits = value(in.get(at)) << 18
                    | value(in.get(at + 1)) << 12
                    | (wanted > 1 ? value(in.get(at + 2)) << 6 : 0)
                    | (wanted > 2 ? value(in.get(at + 3)) : 0);
            if (bits < 0 || (bits & (1 << 8 * (3 - wanted)) - 1) != 0) {
                Arrays.fill(message, (byte) 0);
                return -1;
            }
            for (int i = 0; i < wanted; i++) {
                message[written++] = (byte) (bits >> 16 - 8 * i);
            }
        }
        if (octets < 0) {
            Arrays.fill(message, (byte) 0);
        }
        return octets;
    }

    /**
     * The message as a line without its end: a response, or the text of a 334.
     *
     * @throws IllegalArgumentException if it has more than {@link #MAX_MESSAGE} octets; none is told
     */
    public static String encode(byte[] message) {
        if (message.length > MAX_MESSAGE) {
            throw new IllegalArgumentException("too long for a line of AUTH, in octets: " + message.length);
        }
        return new String(Base64.getEncoder().encode(message), StandardCharsets.US_ASCII);
    }

    /**
     * The message as it stands behind AUTH and its mechanism: {@code =} if it has no octets.
     *
     * @throws IllegalArgumentException as {@link #encode}
     */
    public static String encodeInitial(byte[] message) {
        return message.length == 0 ? "=" : encode(message);
    }

    /** By length and padding; -1 if these are wrong already. */
    private static int decodedOctets(ByteBuffer in, int from, int to) {
        int length = to - from;
        if (length % 4 != 0 || length / 4 * 3 > MAX_MESSAGE) {
            return -1;
        }
        int padding = length == 0 || in.get(to - 1) != '=' ? 0 : in.get(to - 2) != '=' ? 1 : 2;
        return length / 4 * 3 - padding;
    }

    /** Negative, and so whatever it is combined with, if the octet stands for nothing. */
    private static int value(byte octet) {
        return octet < 0 ? -1 : VALUES[octet];
    }
}
