package dev.ehlo.smtp.benchmarks.soak;

import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;

/** The messages of a run, by number: what the server said 250 to, and what came to the next hop. Thread-safe. */
final class Ledger {
    private final BitSet acknowledged = new BitSet();
    private final BitSet arrived = new BitSet();
    private int numbers;
    private long twice;

    /** The number of a message that is about to be sent. */
    synchronized int next() {
        return numbers++;
    }

    synchronized void acknowledged(int number) {
        acknowledged.set(number);
    }

    synchronized void arrived(int number) {
        if (arrived.get(number)) {
            twice++;
        }
        arrived.set(number);
        notifyAll();
    }

    synchronized int acknowledged() {
        return acknowledged.cardinality();
    }

    synchronized long twice() {
        return twice;
    }

    /** Those that were acknowledged and have not arrived yet. */
    synchronized int missing() {
        BitSet missing = (BitSet) acknowledged.clone();
        missing.andNot(arrived);
        return missing.cardinality();
    }

    /** Waits until none is missing, or the time has passed; gives how many are. */
    synchronized int awaitArrivals(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        long left = patience.toNanos();
        while (missing() > 0 && left > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, left);
            left = deadline - System.nanoTime();
        }
        return missing();
    }
}
