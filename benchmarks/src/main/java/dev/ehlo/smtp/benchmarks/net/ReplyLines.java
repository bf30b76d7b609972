package dev.ehlo.smtp.benchmarks.net;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What the clients of the figures know of replies: where one ends, and whether it says yes. */
final class ReplyLines {
    private ReplyLines() {}

    /**
     * Consumes a line.
     *
     * @return the first digit of its code if it ends a reply, 0 if it does not, -1 if it is not whole
     * @throws IllegalStateException if it refuses anything, for then the figure would be of something else
     */
    static int next(ByteBuffer in) {
        for (int i = in.position(); i < in.limit(); i++) {
            if (in.get(i) == '\n') {
                int digit = in.get(in.position());
                boolean last = in.get(in.position() + 3) != '-';
                if (digit == '4' || digit == '5') {
                    throw new IllegalStateException("refused with " + (char) digit + "yz");
                }
                in.position(i + 1);
                return last ? digit : 0;
            }
        }
        return -1;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
