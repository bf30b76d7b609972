package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.grammar.Octets;
import java.nio.ByteBuffer;

/**
 * Commands to octets. Each method puts one whole line or throws and puts nothing: an argument that could end the line
 * early is the caller's mistake, never the server's problem.
 */
public final class CommandEncoder {
    private CommandEncoder() {}

    /**
     * A verb and, unless it is empty, its argument: {@code EHLO client.example}, {@code QUIT}.
     *
     * @throws IllegalArgumentException if the line would hold a control character of ASCII, or the verb is UNKNOWN
     * @throws java.nio.BufferOverflowException if there is no room
     */
    public static void command(ByteBuffer out, Verb verb, String argument) {
        if (verb == Verb.UNKNOWN) {
            throw new IllegalArgumentException("no verb");
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
