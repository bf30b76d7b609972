package dev.ehlo.smtp.client;

import dev.ehlo.smtp.tls.reactor.LoopTimer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries that wait for a connection of one destination, on one loop: first those that were begun before and have
 * to go again, then the others, each in the order they came. Who waits too long, or is given up, is told and taken out.
 * Used on the loop's thread.
 */
final class WaitingList {
    /**
     * What the lists of a loop share.
     *
     * @param most deliveries in a list, but for those that go again, which were under way before
     * @param loop runs what another thread has to say
     */
    record Terms(
            long patienceNanos, int most, Executor loop, LongSupplier clock, Function<Runnable, LoopTimer> timers) {}

    private final Terms terms;
    private final Runnable left;
    private final Chain<Waiting> again = new Chain<>();
    private final Chain<Waiting> others = new Chain<>();
    /** Made when the first waits. Never set for later than the first has patience. */
    private @Nullable LoopTimer timer;

    /**
     * With nobody in it.
     *
     * @param left run when somebody left it without a connection
     */
    WaitingList(Terms terms, Runnable left) {
        this.terms = terms;
        this.left = left;
    }

    boolean isEmpty() {
        return again.isEmpty() && others.isEmpty();
    }

    int size() {
        return again.size() + others.size();
    }

    /** The first of those that go again, or of the others; null if there is none. */
    @Nullable
    Waiting first(boolean ofThoseAgain) {
        return (ofThoseAgain ? again : others).first();
    }

    /** Lets a delivery wait, or ends it if too many do. */
    void add(Hop hop, SessionHandler.Delivery delivery, boolean goesAgain) {
        if (!goesAgain && others.size() >= terms.most()) {
            Waiting.notSent(hop, delivery, "4.4.5", "too many deliveries wait for a connection with");
            return;
        }
        Waiting waiting = new Waiting(hop, delivery, goesAgain, terms.clock().getAsLong() + terms.patienceNanos());
        if (isEmpty()) {
            timer().set(terms.patienceNanos());
        }
        list(waiting).addLast(waiting);
        CompletableFuture<?> report = delivery.report();
        Then.then(report, report, (done, error) -> {
            if (!waiting.over) {
                terms.loop().execute(() -> givenUp(waiting));
            }
        });
    }

    /** Takes out the first of its kind, which begins now, or is known to be given up. */
    void take(Waiting first) {
        list(first).remove(first);
        first.over = true;
    }

    /** Takes out all, who are the caller's to tell. */
    List<Waiting> takeAll() {
        List<Waiting> all = new ArrayList<>(size());
        for (Chain<Waiting> each : List.of(again, others)) {
            for (Waiting next = each.first(); next != null; next = each.first()) {
                take(next);
                all.add(next);
            }
        }
        return all;
    }

    /** Nobody waits here any more, and nobody will. */
    void discard() {
        if (timer != null) {
            timer.clear();
        }
    }

    private Chain<Waiting> list(Waiting waiting) {
        return waiting.again ? again : others;
    }

    private void givenUp(Waiting waiting) {
        if (!waiting.over) {
            take(waiting);
            waiting.notSent("4.4.7", "given up while waiting for a connection with");
            left.run();
        }
    }

    private LoopTimer timer() {
        LoopTimer known = timer;
        if (known == null) {
            known = terms.timers().apply(this::expire);
            timer = known;
        }
        return known;
    }

    private void expire() {
        long now = terms.clock().getAsLong();
        long next = Math.min(expire(again, now), expire(others, now));
        if (next < Long.MAX_VALUE) {
            timer().set(next);
        }
        left.run();
    }

    /** How long the first may still wait; the largest number if there is none. */
    private long expire(Chain<Waiting> list, long now) {
        Waiting first = list.first();
        while (first != null && first.until - now <= 0) {
            take(first);
            first.notSent("4.4.5", "no connection became free in time with");
            first = list.first();
        }
        return first == null ? Long.MAX_VALUE : first.until - now;
    }
}
