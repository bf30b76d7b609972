package dev.ehlo.smtp.queue;

/**
 * The name of a message in the queue: 13 letters and digits, fit for replies, logs and file names. Later ones sort
 * after earlier ones, also over restarts.
 *
 * @param value milliseconds since 1970 shifted left by 20, plus a counter; not negative
 */
public record QueueId(long value) implements Comparable<QueueId> {
    static final int COUNTER_BITS = 20;

    private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
    private static final int BITS = 5;
    private static final int LENGTH = 13;

    /** @throws IllegalArgumentException if the value is negative */
    public QueueId {
        if (value < 0) {
            throw new IllegalArgumentException("not a queue id: " + value);
        }
    }

    /**
     * The id that the text says.
     *
     * @throws IllegalArgumentException if it says none
     */
    public static QueueId parse(String text) {
        long value = 0;
        for (int i = 0; i < text.length() && i < LENGTH; i++) {
            value = value << BITS | ALPHABET.indexOf(text.charAt(i));
        }
        if (value >= 0) {
            QueueId id = new QueueId(value);
            if (id.toString().equals(text)) {
                return id;
            }
        }
        throw new IllegalArgumentException("not a queue id of " + LENGTH + " letters and digits");
    }

    /** When it was given out, or later where ids ran ahead of the clock. */
    long millis() {
        return value >>> COUNTER_BITS;
    }

    @Override
    public int compareTo(QueueId other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        char[] text = new char[LENGTH];
        long rest = value;
        for (int i = LENGTH - 1; i >= 0; i--) {
            text[i] = ALPHABET.charAt((int) (rest & (1 << BITS) - 1));
            rest >>>= BITS;
        }
        return new String(text);
    }
}
