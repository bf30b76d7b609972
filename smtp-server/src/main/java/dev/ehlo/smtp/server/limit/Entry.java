package dev.ehlo.smtp.server.limit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What a {@link BoundedTable} keeps about one key. Whoever uses it holds it, so that it is not thrown out meanwhile, and
 * may do so for as long as a connection lasts. Thread-safe.
 */
abstract class Entry {
    /** Thrown out: nobody can hold it any more. */
    private static final int GONE = -1;

    private static final VarHandle HOLDERS;

    static {
        try {
            HOLDERS = MethodHandles.lookup().findVarHandle(Entry.class, "holders", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final long key;
    private volatile int holders;

    Entry(long key) {
        this.key = key;
    }

    /** From when on it says no more than a new one would, by the clock of the table. */
    abstract long forgottenAt();

    /** The later of two times, which may have overflown in between. */
    static long later(long one, long other) {
        return one - other < 0 ? other : one;
    }

    /** One holder more, unless it is gone. */
    final boolean hold() {
        for (int seen = holders; seen != GONE; seen = holders) {
            if (HOLDERS.compareAndSet(this, seen, seen + 1)) {
                return true;
            }
        }
        return false;
    }

    final void release() {
        HOLDERS.getAndAdd(this, -1);
    }

    final boolean isHeld() {
        return holders > 0;
    }

    /** Throws it out, if nobody holds it. */
    final boolean throwOut() {
        return HOLDERS.compareAndSet(this, 0, GONE);
    }
}
