package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Reply;

/**
 * Text with {@code *} for any characters and {@code ?} for any one, whatever the case of ASCII letters. All ways to
 * match are followed at once, as the bits of one number, so that no reply can make it go back: the time is a step for
 * each character. Immutable.
 */
final class ReplyPattern {
    /** Characters beside {@code *}: one bit for each, and one for the end. */
    static final int LONGEST = Long.SIZE - 1;
    /** Characters of a reply that are looked at. */
    static final int LONGEST_REPLY = 4096;

    private static final int ASCII = 128;

    private final String text;
    /** After how many characters of the pattern any number of others may stand. */
    private final long loops;
    /** Where each character stands, and where any one does. */
    private final long[] places = new long[ASCII];

    private final long anyOne;
    private final long end;

    /** @throws IllegalArgumentException if it is empty, too long or not of printable ASCII */
    ReplyPattern(String text) {
        this.text = text;
        long stars = 0;
        long any = 0;
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '*') {
                stars |= 1L << length;
                continue;
            }
            if (c < ' ' || c >= 0x7f || length == LONGEST) {
                throw malformed(text);
            }
            if (c == '?') {
                any |= 1L << length;
            } else {
                places[lower(c)] |= 1L << length;
            }
            length++;
        }
        if (text.isEmpty()) {
            throw malformed(text);
        }
        loops = stars;
        anyOne = any;
        end = 1L << length;
    }

    private static IllegalArgumentException malformed(String text) {
        return new IllegalArgumentException("not a pattern of 1 to " + LONGEST
                + " characters of printable ASCII, beside any *: " + QuotedText.ascii(text));
    }

    /** A reply as {@link Reply#toString} writes it, in one line with its codes, or what of it is looked at. */
    boolean matches(String reply) {
        long at = 1;
        int length = Math.min(reply.length(), LONGEST_REPLY);
        for (int i = 0; i < length && at != 0; i++) {
            char c = reply.charAt(i);
            long here = anyOne | (c < ASCII ? places[lower(c)] : 0);
            at = (at & here) << 1 | at & loops;
        }
        return (at & end) != 0;
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ReplyPattern that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
