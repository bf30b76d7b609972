package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Delivers one message again and again, with so many on the way at once. Without a rate each that ends begins the next,
 * on the thread it ended on; with one, messages are due at their times whether or not earlier ones have ended, and how
 * long one took counts from when it was due. Thread-safe; holds nothing for a message that has ended.
 */
final class LoadRun {
    /** What was begun before {@link #stop} may end until then. */
    static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** How often it is looked whether a message that is due by a rate has found room, and others have to be waited for. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** How soon it is seen that the grace is over. */
    private static final long STOPPED_LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final DeliveryAgent agent;
    private final Envelope envelope;
    private final MessageSource content;
    private final Plan plan;
    private final LoadTally tally;
    private final LongSupplier clock;

    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private final CountDownLatch done = new CountDownLatch(1);
    private final long start;
    private volatile long lastEnd;
    private volatile boolean stopped;
    private volatile long stopTime;
    private volatile @Nullable Throwable defect;

    /**
     * How much, and how fast.
     *
     * @param atOnce messages on the way
     * @param messages at most
     * @param nanos after which none is begun; {@link Long#MAX_VALUE} for no end
     * @param perSecond messages; 0 for as many as it gets
     */
    record Plan(int atOnce, long messages, long nanos, double perSecond) {}

    /**
     * A run that has not begun yet, but whose time has.
     *
     * @param clock as {@link System#nanoTime()}
     */
    LoadRun(
            DeliveryAgent agent,
            Envelope envelope,
            MessageSource content,
            Plan plan,
            LoadTally tally,
            LongSupplier clock) {
        this.agent = agent;
        this.envelope = envelope;
        this.content = content;
        this.plan = plan;
        this.tally = tally;
        this.clock = clock;
        this.start = clock.getAsLong();
        this.lastEnd = start;
    }

    /**
     * Begins what is due and has room. A delivery may end before {@code deliver} has returned, and on any thread: one
     * thread at a time begins messages, and does what the others came for as well.
     */
    void advance() {
        if (calls.getAndIncrement() != 0) {
            return;
        }
        int seen;
        do {
            seen = calls.get();
            beginDue();
        } while (!calls.compareAndSet(seen, 0));
    }

    private void beginDue() {
        long elapsed = elapsed();
        while (!isAllBegun(elapsed) && hasRoom() && dueAt(begun.get()) <= elapsed) {
            long due = plan.perSecond() == 0 ? clock.getAsLong() : start + dueAt(begun.get());
            begun.incrementAndGet();
            begin(due);
            elapsed = elapsed();
        }
        if (isAllBegun(elapsed) && ended.get() == begun.get()) {
            done.countDown();
        }
    }

    private void begin(long due) {
        try {
            CompletionStage<DeliveryReport> end = agent.deliver(envelope, content);
            end.whenComplete((report, error) -> ended(due, report, error));
        } catch (RuntimeException e) {
            ended(due, null, e);
        }
    }

    private void ended(long due, @Nullable DeliveryReport report, @Nullable Throwable error) {
        long now = clock.getAsLong();
        if (report != null) {
            tally.add(now - due, report);
        } else {
            defect = error;
            stop();
        }
        lastEnd = now;
        ended.incrementAndGet();
        advance();
    }

    private long elapsed() {
        return clock.getAsLong() - start;
    }

    private boolean isAllBegun(long elapsed) {
        return stopped || begun.get() == plan.messages() || elapsed >= plan.nanos();
    }

    private boolean hasRoom() {
        return begun.get() - ended.get() < plan.atOnce();
    }

    /** Nanoseconds after the start. */
    private long dueAt(long message) {
        return plan.perSecond() == 0 ? 0 : (long) (message * 1e9 / plan.perSecond());
    }

    /**
     * Runs until all has ended, or {@link #GRACE_NANOS} after it was stopped.
     *
     * @param progress is run each time so long has gone by
     * @throws IllegalStateException if a delivery failed by a defect
     */
    void run(Runnable progress, long everyNanos) throws InterruptedException {
        advance();
        long next = everyNanos;
        while (!done.await(untilNext(next), TimeUnit.NANOSECONDS) && !isGraceOver()) {
            advance();
            if (elapsed() >= next) {
                progress.run();
                next = elapsed() + everyNanos;
            }
        }
        Throwable failed = defect;
        if (failed != null) {
            throw new IllegalStateException("a delivery failed by a defect", failed);
        }
    }

    /** Nanoseconds until there may be something to do. */
    long untilNext(long progress) {
        long elapsed = elapsed();
        long next = Math.min(progress, plan.nanos() > elapsed ? plan.nanos() : Long.MAX_VALUE);
        if (plan.perSecond() > 0 && !isAllBegun(elapsed)) {
            next = Math.min(next, Math.max(dueAt(begun.get()), hasRoom() ? 0 : elapsed + LOOK_NANOS));
        }
        return Math.min(next - elapsed, STOPPED_LOOK_NANOS);
    }

    private boolean isGraceOver() {
        return stopped && clock.getAsLong() - stopTime >= GRACE_NANOS;
    }

    /** Begins no more; what is on the way may end. */
    void stop() {
        if (!stopped) {
            stopTime = clock.getAsLong();
            stopped = true;
        }
        advance();
    }

    boolean isStopped() {
        return stopped;
    }

    /** From the start until the last message ended. */
    long nanos() {
        return lastEnd - start;
    }

    /** Messages that were due within the time there was and have not begun; none without a rate. */
    long behind() {
        if (plan.perSecond() == 0) {
            return 0;
        }
        long until = Math.min(stopped ? stopTime - start : Long.MAX_VALUE, plan.nanos());
        double due = until == Long.MAX_VALUE ? plan.messages() : until / 1e9 * plan.perSecond();
        return Math.max(0, Math.min(plan.messages(), (long) due) - begun.get());
    }
}
