package dev.ehlo.smtp.queue;

/**
 * How many attempts may be in flight to one destination: one more for each window that was taken, and fewer when one was
 * refused. Belongs to the scheduler thread.
 *
 * <p>All that is in flight when it shrinks was begun in an earlier epoch, and can neither shrink it again nor make it
 * grow. The size that failed is remembered: below it the window grows soon, and is tried there again after
 * {@value #PATIENCE} windows only, so that it stays most of the time at what the destination takes.
 */
final class Window {
    /** Windows that have to be taken before a size is tried that failed. */
    static final int PATIENCE = 16;

    private static final int NONE = Integer.MAX_VALUE;

    private final int least;
    private final int most;
    private int size;
    /** What failed last; {@link #NONE} if nothing has, or it has been passed since. */
    private int mark = NONE;

    private int taken;
    private int epoch;

    Window(LanePolicy policy) {
        this.least = policy.least();
        this.most = policy.most();
        this.size = policy.first();
    }

    int size() {
        return size;
    }

    /** What an attempt that begins is to remember. */
    int epoch() {
        return epoch;
    }

    /** An attempt that began in that epoch was taken while more waited. */
    void grow(int began) {
        if (began != epoch || size == most) {
            return;
        }
        int needed = size == mark - 1 ? PATIENCE * size : size;
        if (++taken >= needed) {
            taken = 0;
            size++;
            mark = size > mark ? NONE : mark;
        }
    }

    /**
     * An attempt that began in that epoch was refused. Where a size failed a second time, that is what the destination
     * takes, and there is no need to go far below it.
     *
     * @return whether this was news
     */
    boolean shrink(int began) {
        if (began != epoch) {
            return false;
        }
        int next = size == mark ? size * 4 / 5 : size / 2;
        mark = size;
        size = Math.max(least, next);
        begin();
        return true;
    }

    /** With the least, and nothing known of what failed. */
    void restart() {
        size = least;
        mark = NONE;
        begin();
    }

    private void begin() {
        taken = 0;
        epoch++;
    }
}
