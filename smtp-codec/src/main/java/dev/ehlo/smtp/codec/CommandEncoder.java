package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.grammar.Octets;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Commands to octets. Each method puts one whole line or throws and puts nothing: an argument that could end the line
 * early is the caller's mistake, never the server's problem.
 */
public final class CommandEncoder {
    /** Octets of a command line with its CRLF where no extension adds to them. RFC 5321 §4.5.3.1.4. */
    public static final int MAX_LINE = 512;

    private CommandEncoder() {}

    /**
     * A verb and, unless it is empty, its argument: {@code EHLO client.example}, {@code QUIT}.
     *
     * @throws IllegalArgumentException if the line would hold a control character of ASCII, the verb does not take that
     *     argument, needs one, or is MAIL, RCPT, BDAT or AUTH, which have methods of their own
     * @throws java.nio.BufferOverflowException if there is no room
     */
    public static void command(ByteBuffer out, Verb verb, String argument) {
        boolean fits = switch (verb) {
            case DATA, RSET, QUIT, STARTTLS -> argument.isEmpty();
            case NOOP, HELP -> true;
            case EHLO, HELO, LHLO -> !argument.isEmpty() && argument.indexOf(' ') < 0;
            case VRFY, EXPN, ETRN, XCLIENT, XFORWARD -> !argument.isEmpty();
            case MAIL, RCPT, BDAT, AUTH, UNKNOWN -> false;
        };
        if (!fits) {
            throw new IllegalArgumentException("not a command: " + verb + ' ' + Octets.printable(argument));
        }
        line(out, argument.isEmpty() ? verb.name() : verb.name() + ' ' + argument);
    }

    /**
     * {@code MAIL FROM:<a@b> SIZE=1}, with these parameters in place of the envelope's own.
     *
     * @throws java.nio.BufferOverflowException if there is no room
     */
    public static void mail(ByteBuffer out, Envelope envelope, EsmtpParameters parameters) {
        line(out, "MAIL FROM:<" + envelope.reversePath() + '>' + tail(parameters));
    }

    /**
     * {@code RCPT TO:<a@b>}, with these parameters in place of the recipient's own.
     *
     * @throws java.nio.BufferOverflowException if there is no room
     */
    public static void rcpt(ByteBuffer out, Recipient recipient, EsmtpParameters parameters) {
        line(out, "RCPT TO:<" + recipient + '>' + tail(parameters));
    }

    /**
     * {@code BDAT 1000 LAST}, with the chunk to follow at once. RFC 3030 §2.
     *
     * @throws IllegalArgumentException if the octets are negative
     * @throws java.nio.BufferOverflowException if there is no room
     */
    public static void bdat(ByteBuffer out, long octets, boolean last) {
        if (octets < 0) {
            throw new IllegalArgumentException("octets of a chunk: " + octets);
        }
        line(out, "BDAT " + octets + (last ? " LAST" : ""));
    }

    /**
     * {@code AUTH PLAIN}, with the initial response of the mechanism if there is one, which may have no octets. RFC 4954
     * §4. One that makes the line longer than {@link #MAX_LINE} has to wait for the server's challenge.
     *
     * @throws IllegalArgumentException if the mechanism is not named as RFC 4422 §3.1 has it, or the line gets too long;
     *     the response is not told
     * @throws java.nio.BufferOverflowException if there is no room
     */
    public static void auth(ByteBuffer out, String mechanism, byte @Nullable [] initialResponse) {
        if (!CommandGrammar.isMechanism(mechanism)) {
            throw new IllegalArgumentException("not a SASL mechanism: " + Octets.printable(mechanism));
        }
        String line =
                "AUTH " + mechanism + (initialResponse == null ? "" : ' ' + SaslLine.encodeInitial(initialResponse));
        if (line.length() > MAX_LINE - 2) {
            throw new IllegalArgumentException("AUTH command of " + line.length() + " octets");
        }
        line(out, line);
    }

    /**
     * {@code XCLIENT NAME=…} or {@code XFORWARD NAME=…}.
     *
     * @throws java.nio.BufferOverflowException if there is no room
     */
    public static void client(ByteBuffer out, ClientAttributes attributes) {
        command(out, attributes.verb(), attributes.toString());
    }

    /**
     * A line as it is: an answer in the AUTH dialogue.
     *
     * @throws IllegalArgumentException if it holds a control character of ASCII
     * @throws java.nio.BufferOverflowException if there is no room
     */
    public static void line(ByteBuffer out, String line) {
        if (!Octets.isOneLine(line)) {
            throw new IllegalArgumentException("control character in a command: " + Octets.printable(line));
        }
        out.put(Octets.utf8(line + "\r\n"));
    }

    private static String tail(EsmtpParameters parameters) {
        return parameters.list().isEmpty() ? "" : " " + parameters;
    }
}
