package dev.ehlo.smtp.queue.journal;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a segment file.
 *
 * @param sequence later segments have greater ones
 * @param mark the start mark of its records, see {@link Frame}
 */
public record SegmentName(long sequence, long mark) implements Comparable<SegmentName> {
    private static final String SUFFIX = ".log";
    private static final String INDEX = ".idx";
    private static final String TEMPORARY = ".tmp";
    private static final Pattern STEM = Pattern.compile("[0-9a-f]{16}-[0-9a-f]{16}");
    private static final int DIGITS = 16;

    /** The name in this file name, if it is one. */
    public static Optional<SegmentName> parse(String file) {
        return parse(file, SUFFIX);
    }

    /** The name of the segment whose index this file name is, if it is one. */
    public static Optional<SegmentName> ofIndex(String file) {
        return parse(file, INDEX);
    }

    /** Whether this is the name of an index that was not finished. */
    public static boolean isTemporary(String file) {
        return parse(file, TEMPORARY).isPresent();
    }

    private static Optional<SegmentName> parse(String file, String suffix) {
        int stem = file.length() - suffix.length();
        if (!file.endsWith(suffix) || !STEM.matcher(file.substring(0, stem)).matches()) {
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

    /** What the names of files that belong to the segment begin with. */
    public String stem() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(sequence) + '-' + hex.toHexDigits(mark);
    }

    /** The file name of its index. */
    public String index() {
        return stem() + INDEX;
    }

    /** The file name of its index until it is whole. */
    public String temporary() {
        return stem() + TEMPORARY;
    }

    /** The file name. */
    @Override
    public String toString() {
        return stem() + SUFFIX;
    }
}
