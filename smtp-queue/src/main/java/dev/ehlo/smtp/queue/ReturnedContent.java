package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DsnReturn;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.grammar.Octets;
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

    /** @param international whether it goes by SMTPUTF8, so that a header in UTF-8 can stand as it is. RFC 6533 §4 */
    static ReturnedContent of(SpooledMessage message, Notice notice, boolean international) {
        EsmtpParameters parameters = message.envelope().parameters();
        boolean whole = notice == Notice.FAILURE
                && parameters.dsnReturn().filter(r -> r == DsnReturn.FULL).isPresent()
                // RFC 8689 §5: what was for protected ways alone is not sent back whole.
                && !parameters.has(EsmtpKeyword.REQUIRETLS)
                && !parameters.isBinary()
                && message.content().octets() <= WHOLE_OCTETS;
        byte[] content = read(message, whole ? WHOLE_OCTETS : HEADER_OCTETS);
        if (whole && content.length == message.content().octets() && isText(content)) {
            int header = headerOctets(content);
            boolean ascii = isAscii(content, header);
            // Where a host on the way has no 8BITMIME it goes as an AbridgedNotice.
            if (ascii || international && Octets.isUtf8(ByteBuffer.wrap(content), 0, header)) {
                return part(ascii ? "message/rfc822" : "message/global", content);
            }
        }
        return international ? globalHeader(content) : header(content);
    }

    private static ReturnedContent header(byte[] content) {
        byte[] header = QuotedText.headerSection(content, false).getBytes(StandardCharsets.US_ASCII);
        return part("text/rfc822-headers; charset=us-ascii", header);
    }

    private static ReturnedContent globalHeader(byte[] content) {
        byte[] header = QuotedText.headerSection(content, true).getBytes(StandardCharsets.ISO_8859_1);
        return !isAscii(header, header.length) && Octets.isUtf8(ByteBuffer.wrap(header), 0, header.length)
                ? part("message/global-headers", header)
                : header(content);
    }

    private static ReturnedContent part(String type, byte[] octets) {
        boolean eightBit = !isAscii(octets, octets.length);
        String field = "Content-Type: " + type;
        return new ReturnedContent(
                eightBit ? List.of(field, "Content-Transfer-Encoding: 8bit") : List.of(field), eightBit, octets);
    }

    static boolean isAscii(byte[] octets, int to) {
        for (int i = 0; i < to; i++) {
            if (octets[i] < 0) {
                return false;
            }
        }
        return true;
    }

    /** Up to the empty line. */
    private static int headerOctets(byte[] content) {
        int start = 0;
        for (int i = 1; i < content.length; i++) {
            if (content[i - 1] == '\r' && content[i] == '\n') {
                if (i == start + 1) {
                    return start;
                }
                start = i + 1;
            }
        }
        return content.length;
    }

    /** Whether there are lines alone, and none too long. */
    private static boolean isText(byte[] content) {
        int start = 0;
        for (int i = 0; i < content.length; i++) {
            byte octet = content[i];
            boolean lineEnd = octet == '\r' && i + 1 < content.length && content[i + 1] == '\n';
            if (i - start > LINE || octet == 0 || isNewline(octet) && !lineEnd) {
                return false;
            }
            if (lineEnd) {
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
    static byte[] read(SpooledMessage message, int most) {
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
