package dev.ehlo.smtp.benchmarks.soak;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/** Things that are due at their times, whether or not what they began has ended. */
final class Pace {
    private Pace() {}

    /** Does it so often, on this thread; told is when each was due, as {@link System#nanoTime()}, which may be past. */
    static void run(double perSecond, long count, LongConsumer task) {
        run(perSecond, count, () -> false, task);
    }

    /** As {@link #run(double, long, LongConsumer)}, until told to stop. */
    static void run(double perSecond, long count, BooleanSupplier stop, LongConsumer task) {
        long start = System.nanoTime();
        for (long i = 0; i < count && !stop.getAsBoolean(); i++) {
            long due = start + (long) (i * 1e9 / perSecond);
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            task.accept(due);
        }
    }
}
