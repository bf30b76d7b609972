package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.codec.MessageDate;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Random;

/** A message of a given size: a short header, then lines of letters, none of which begins with a dot. */
final class LoadMessage implements MessageSource {
    /** Octets of a line with its CRLF. RFC 5322 §2.1.1 would have no more than 78 without. */
    private static final int LINE_OCTETS = 74;

    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private final byte[] content;

    /**
     * A message with such a header.
     *
     * @param octets all of it
     * @param random what the letters are drawn from
     * @throws IllegalArgumentException if the header alone has more octets
     */
    LoadMessage(int octets, String from, String to, Instant date, Random random) {
        byte[] header = ("From: <" + from + ">\r\nTo: <" + to + ">\r\nDate: " + MessageDate.format(date, ZoneOffset.UTC)
                        + "\r\nSubject: load\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        int least = header.length + 2;
        if (octets < least) {
            throw new IllegalArgumentException("a message of " + octets + " octets: it takes " + least + " at least");
        }
        content = Arrays.copyOf(header, octets);
        for (int at = header.length; at < octets; ) {
            at = line(at, random);
        }
    }

    /** One more line, not so long that a single octet is left, and where the next one begins. */
    private int line(int from, Random random) {
        int left = content.length - from;
        int octets = left == LINE_OCTETS + 1 ? LINE_OCTETS - 1 : Math.min(left, LINE_OCTETS);
        int end = from + octets;
        for (int i = from; i < end - 2; i++) {
            content[i] = (byte) LETTERS.charAt(random.nextInt(LETTERS.length()));
        }
        content[end - 2] = '\r';
        content[end - 1] = '\n';
        return end;
    }

    @Override
    public long octets() {
        return content.length;
    }

    @Override
    public ReadableByteChannel open() throws IOException {
        return MessageSource.of(content).open();
    }

    @Override
    public boolean needsStuffing() {
        return false;
    }
}
