package dev.ehlo.smtp.client;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Addresses to which no connection came to stand lately. They are tried behind others, and never left out, so that no
 * mail is refused because of what is remembered here. Thread-safe, and waits for nobody.
 */
final class FailedAddresses {
    /** Addresses remembered; beyond that, one is forgotten for each that comes. */
    static final int MAX = 4096;

    /** How long an address is put behind others after a first failure; twice as long after each further one. */
    static final long FIRST_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Failures in a row after which the time grows no more: 16 minutes. */
    static final int MAX_IN_A_ROW = 5;

    private final LongSupplier clock;
    private final ConcurrentMap<InetSocketAddress, Failure> failures = new ConcurrentHashMap<>();

    /** The last of some failures in a row. */
    private record Failure(int inARow, long at) {
        long nanos() {
            return FIRST_NANOS << inARow - 1;
        }

        boolean isRecent(long now) {
            return now - at < nanos();
        }

        /** A failure after that is the first again. */
        boolean isForgotten(long now) {
            return now - at >= 2 * nanos();
        }
    }

    /** With nothing remembered. */
    FailedAddresses(LongSupplier clock) {
        this.clock = clock;
    }

    void failed(InetSocketAddress address) {
        long now = clock.getAsLong();
        failures.compute(address, (same, last) -> {
            if (last == null || last.isForgotten(now)) {
                return new Failure(1, now);
            }
            // Several deliveries that hit on a dead host at the same time are one failure.
            int more = last.isRecent(now) ? 0 : 1;
            return new Failure(Math.min(last.inARow() + more, MAX_IN_A_ROW), now);
        });
        if (failures.size() > MAX) {
            makeRoom(address, now);
        }
    }

    private void makeRoom(InetSocketAddress newest, long now) {
        failures.values().removeIf(failure -> failure.isForgotten(now));
        Iterator<InetSocketAddress> any = failures.keySet().iterator();
        while (failures.size() > MAX && any.hasNext()) {
            if (!any.next().equals(newest)) {
                any.remove();
            }
        }
    }

    /** A connection to it stands. */
    void reached(InetSocketAddress address) {
        if (!failures.isEmpty()) {
            failures.remove(address);
        }
    }

    boolean isFailed(InetSocketAddress address) {
        Failure last = failures.isEmpty() ? null : failures.get(address);
        return last != null && last.isRecent(clock.getAsLong());
    }

    /** The same addresses, those that failed lately behind the others. */
    List<InetSocketAddress> atTheEnd(List<InetSocketAddress> addresses) {
        if (failures.isEmpty() || addresses.stream().noneMatch(this::isFailed)) {
            return addresses;
        }
        List<InetSocketAddress> good = new ArrayList<>();
        List<InetSocketAddress> bad = new ArrayList<>();
        for (InetSocketAddress each : addresses) {
            (isFailed(each) ? bad : good).add(each);
        }
        good.addAll(bad);
        return good;
    }

    /** How many are remembered. */
    int size() {
        return failures.size();
    }
}
