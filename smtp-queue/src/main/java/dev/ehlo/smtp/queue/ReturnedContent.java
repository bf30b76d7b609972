package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DsnReturn;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.MessageSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What of a message a notification brings back: its header section, or all of it where a failure is told of, RET asks
 * for it and it is fit to stand in lines. RFC 3461 §4.3.
 *
 * @param fields of the part, without line ends
 * @param eightBit whether octets beyond ASCII are in it
 * @param octets what it holds
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ReturnedContent(List<String> fields, boolean eightBit, byte[] octets) {
    /** Octets of the header section that are sent back. */
    static final int HEADER_OCTETS = 32 << 10;
    /** Octets of the message at most, to be sent back whole: what one failure may cost of memory and of the line. */
    static final int WHOLE_OCTETS = 1 << 20;
    /** RFC 5322 §2.1.1. */
    private static final int LINE = 998;

    private static final Logger LOG = LoggerFactory.getLogger(ReturnedContent.class);

    static ReturnedContent of(SpooledMessage message, Notice notice) {
        EsmtpParameters parameters = message.envelope().parameters();
        boolean whole = notice == Notice.FAILURE
                && parameters.dsnReturn().filter(r -> r == DsnReturn.FULL).isPresent()
                // RFC 8689 §5: what was for protected ways alone is not sent back whole.
                && !parameters.has(EsmtpKeyword.REQUIRETLS)
                && !parameters.isBinary()
                && message.content().octets() <= WHOLE_OCTETS;
        byte[] content = read(message, whole ? WHOLE_OCTETS : HEADER_OCTETS);
        return whole && content.length == message.content().octets() && isText(content)
                ? whole(content)
                : header(content);
    }

    static ReturnedContent header(byte[] content) {
        byte[] header = QuotedText.headerSection(content).getBytes(StandardCharsets.US_ASCII);
        return new ReturnedContent(List.of("Content-Type: text/rfc822-headers; charset=us-ascii"), false, header);
    }

    private static ReturnedContent whole(byte[] content) {
        boolean eightBit = false;
        for (byte octet : content) {
            eightBit |= octet < 0;
        }
        String type = "Content-Type: message/rfc822";
        return new ReturnedContent(
                eightBit ? List.of(type, "Content-Transfer-Encoding: 8bit") : List.of(type), eightBit, content);
    }

    /** Whether there are lines alone, none too long, and the header is in ASCII: what any server takes as it is. */
    private static boolean isText(byte[] content) {
        boolean inHeader = true;
        int start = 0;
        for (int i = 0; i < content.length; i++) {
            byte octet = content[i];
            boolean lineEnd = octet == '\r' && i + 1 < content.length && content[i + 1] == '\n';
            if (i - start > LINE || octet == 0 || octet < 0 && inHeader || isNewline(octet) && !lineEnd) {
                return false;
            }
            if (lineEnd) {
                inHeader &= i > start;
                start = i + 2;
                i++;
            }
        }
        return content.length - start <= LINE;
    }

    private static boolean isNewline(byte octet) {
        return octet == '\r' || octet == '\n';
    }

    /** The first octets of the content; none if they can't be read, which is no reason not to tell the sender. */
    private static byte[] read(SpooledMessage message, int most) {
        MessageSource content = message.content();
        ByteBuffer octets = ByteBuffer.allocate((int) Math.min(most, content.octets()));
        try (ReadableByteChannel channel = content.open()) {
            while (octets.hasRemaining() && channel.read(octets) >= 0) {
                // goes on until full
            }
        } catch (IOException e) {
            LOG.warn("{}: content not readable for the notification", message.id(), e);
            return new byte[0];
        }
        byte[] read = new byte[octets.position()];
        octets.flip().get(read);
        return read;
    }
}
