package dev.ehlo.smtp.queue;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A notice of ours with less in it: the header of a message of eight bits in place of the message. For a host without
 * 8BITMIME, as message/rfc822 can't be encoded (RFC 2046 §5.2.1), and a sender is to hear of a failure nevertheless.
 */
final class AbridgedNotice {
    /** What there is around the message that is brought back: more than words and fields of a thousand recipients. */
    private static final int OTHER_OCTETS = 4 << 20;
    /** Of a notice that may be made anew. */
    static final int OCTETS = ReturnedContent.WHOLE_OCTETS + OTHER_OCTETS;

    private static final Pattern BOUNDARY = Pattern.compile("\r\n boundary=\"(=_[0-9a-f]{1,32})\"\r\n");
    private static final String EIGHT_BIT = "\r\nContent-Transfer-Encoding: 8bit";

    private AbridgedNotice() {}

    /** Null if it is no notice of this host as {@link StatusNotification} writes it, or has nothing of eight bits in it. */
    static byte @Nullable [] of(byte[] notice, String hostname) {
        String text = new String(notice, StandardCharsets.ISO_8859_1);
        int headerEnd = text.indexOf("\r\n\r\n");
        if (headerEnd < 0) {
            return null;
        }
        String header = text.substring(0, headerEnd + 2);
        Matcher found = BOUNDARY.matcher(header);
        if (!header.contains(StatusNotification.from(hostname) + "\r\n") || !found.find()) {
            return null;
        }
        String delimiter = "\r\n--" + found.group(1);
        String part = delimiter + "\r\nContent-Type: message/rfc822" + EIGHT_BIT + "\r\n\r\n";
        int start = text.indexOf(part, headerEnd);
        int end = text.lastIndexOf(delimiter + "--\r\n");
        if (start < 0 || end < start + part.length()) {
            return null;
        }
        byte[] whole = text.substring(start + part.length(), end).getBytes(StandardCharsets.ISO_8859_1);
        String less = header.replace(EIGHT_BIT, "")
                + text.substring(headerEnd + 2, start)
                + delimiter
                + "\r\nContent-Type: text/rfc822-headers; charset=us-ascii\r\n\r\n"
                + QuotedText.headerSection(whole, false)
                + text.substring(end);
        byte[] octets = less.getBytes(StandardCharsets.ISO_8859_1);
        return ReturnedContent.isAscii(octets, octets.length) ? octets : null;
    }
}
