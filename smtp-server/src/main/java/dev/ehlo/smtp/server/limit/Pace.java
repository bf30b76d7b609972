package dev.ehlo.smtp.server.limit;

import dev.ehlo.smtp.Rate;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * A {@link Rate} as a bucket of tokens that is one number for each bucket: the time at which it will be full again (the
 * generic cell rate algorithm, ITU-T I.371). Empty it is as far ahead as the rate's time is long; in the past, the bucket
 * says nothing that a new one would not. Immutable; to take and to give back are atomic.
 */
final class Pace {
    private final boolean unlimited;
    private final long tokenNanos;
    private final long emptyNanos;

    Pace(Rate rate) {
        this.unlimited = rate.isUnlimited();
        this.tokenNanos = Math.max(1, rate.within().toNanos() / rate.events());
        this.emptyNanos = tokenNanos * rate.events();
    }

    boolean isUnlimited() {
        return unlimited;
    }

    /** Takes a token; if there is none, how many nanoseconds there will be none. */
    <T> long take(AtomicLongFieldUpdater<T> bucket, T of, long now) {
        if (unlimited) {
            return 0;
        }
        while (true) {
            long seen = bucket.get(of);
            long full = (seen - now < 0 ? now : seen) + tokenNanos;
            long wait = full - now - emptyNanos;
            if (wait > 0) {
                return wait;
            }
            if (bucket.compareAndSet(of, seen, full)) {
                return 0;
            }
        }
    }

    /** Undoes one {@link #take}. */
    <T> void giveBack(AtomicLongFieldUpdater<T> bucket, T of) {
        if (!unlimited) {
            bucket.addAndGet(of, -tokenNanos);
        }
    }
}
