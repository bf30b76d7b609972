package dev.ehlo.smtp.queue.journal;

import java.util.HexFormat;
import java.util.Optional;

/**
 * The name of a segment file.
 *
 * @param sequence later segments have greater ones
 * @param mark the start mark of its records, see {@link Frame}
 */
public record SegmentName(long sequence, long mark) implements Comparable<SegmentName> {
    private static final String SUFFIX = ".log";
    private static final int DIGITS = 16;

    /** The name in this file name, if it is one. */
    public static Optional<SegmentName> parse(String file) {
        if (!file.matches("[0-9a-f]{16}-[0-9a-f]{16}\\.log")) {
            return Optional.empty();
        }
        return Optional.of(new SegmentName(
                HexFormat.fromHexDigitsToLong(file, 0, DIGITS),
                HexFormat.fromHexDigitsToLong(file, DIGITS + 1, 2 * DIGITS + 1)));
    }

    @Override
    public int compareTo(SegmentName other) {
        return Long.compare(sequence, other.sequence);
    }

    /** The file name. */
    @Override
    public String toString() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(sequence) + '-' + hex.toHexDigits(mark) + SUFFIX;
    }
}
