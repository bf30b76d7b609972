package dev.ehlo.smtp.tls.reactor;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines of one loop, earliest first: a binary heap in which each deadline knows its place, so that setting one
 * anew or taking it back allocates nothing. Times are of {@link System#nanoTime()} and may wrap around. Used on the
 * loop's thread only.
 */
final class DeadlineHeap {
    private @Nullable Deadline[] heap = new Deadline[64];
    private int size;

    /** Sets the deadline, or moves it. */
    void set(Deadline deadline, long at) {
        deadline.at = at;
        if (deadline.index == Deadline.NOT_SET) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, 2 * size);
            }
            place(deadline, size++);
        }
        siftDown(deadline, siftUp(deadline));
    }

    /** Takes the deadline back, if it is set. */
    void clear(Deadline deadline) {
        int index = deadline.index;
        if (index == Deadline.NOT_SET) {
            return;
        }
        deadline.index = Deadline.NOT_SET;
        Deadline last = at(--size);
        heap[size] = null;
        if (last != deadline) {
            place(last, index);
            siftDown(last, siftUp(last));
        }
    }

    /** Takes out the earliest one if it is due at that time; null if none is. */
    @Nullable
    Deadline pollDue(long now) {
        if (size == 0 || at(0).at - now > 0) {
            return null;
        }
        Deadline due = at(0);
        clear(due);
        return due;
    }

    /** Nanoseconds until the earliest one, 0 if it is due, {@link Long#MAX_VALUE} if there is none. */
    long nanosToNext(long now) {
        return size == 0 ? Long.MAX_VALUE : Math.max(0, at(0).at - now);
    }

    private int siftUp(Deadline deadline) {
        int index = deadline.index;
        while (index > 0) {
            int parent = (index - 1) >>> 1;
            if (deadline.at - at(parent).at >= 0) {
                break;
            }
            place(at(parent), index);
            index = parent;
        }
        place(deadline, index);
        return index;
    }

    private void siftDown(Deadline deadline, int from) {
        int index = from;
        for (int child = 2 * index + 1; child < size; child = 2 * index + 1) {
            if (child + 1 < size && at(child + 1).at - at(child).at < 0) {
                child++;
            }
            if (at(child).at - deadline.at >= 0) {
                break;
            }
            place(at(child), index);
            index = child;
        }
        place(deadline, index);
    }

    private void place(Deadline deadline, int index) {
        heap[index] = deadline;
        deadline.index = index;
    }

    private Deadline at(int index) {
        return Objects.requireNonNull(heap[index]);
    }
}
