package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.LoopHealth;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An event loop over one selector, on its own thread or on that of a guest ({@link Helm}). Each turn: wait for sockets,
 * a deadline or a task; serve the sockets, the deadlines that are due, and the tasks that are there.
 *
 * <p>Whoever hands in a task wakes the loop only when it says it is asleep. It says so before it looks at the tasks for
 * the last time, so that no task is left waiting: it is either seen by that look, or its sender sees the loop asleep.
 */
final class SelectorLoop implements EventLoop {
    private static final Logger LOG = LoggerFactory.getLogger(SelectorLoop.class);

    /** Tasks run in one turn before the sockets are looked at again. */
    private static final int TASKS_PER_TURN = 1024;

    /** Deadlines looked at in one turn before the sockets are looked at again. */
    private static final int DEADLINES_PER_TURN = 1024;

    /** Rounds of last tasks when the loop ends: what a task sets off is still run, a task that sets itself off is not. */
    private static final int LAST_ROUNDS = 16;

    /** The longest delay: times that wrap around are told apart only within half the range of a long. */
    private static final long LONGEST_NANOS = Long.MAX_VALUE / 2;

    private final Selector selector;
    private final LongSupplier clock;
    private final Thread thread;
    private final BufferPool pool = new BufferPool();
    private final LoopMeter meter;
    private final TimerWheel deadlines;
    private final MpscUnboundedVarHandleArrayQueue<Runnable> tasks = new MpscUnboundedVarHandleArrayQueue<>(256);
    private final AtomicBoolean asleep = new AtomicBoolean();
    private final Helm helm;
    /** Made once, as they are needed in each turn. */
    private final Consumer<SelectionKey> serving = this::serve;

    private final Consumer<Timed> telling = this::tell;

    /** Whether whoever runs the loop here was interrupted. */
    private boolean interrupted;

    private volatile boolean stopping;
    /** Other threads' tasks are refused; the loop's own are run to the end. */
    private volatile boolean refusing;

    SelectorLoop(String name, LongSupplier clock, boolean daemon) throws IOException {
        this.selector = Selector.open();
        this.clock = clock;
        this.meter = new LoopMeter(clock);
        this.deadlines = new TimerWheel(meter.now());
        this.thread = new Thread(this::run, name);
        thread.setDaemon(daemon);
        this.helm = new Helm(thread);
    }

    void start() {
        thread.start();
    }

    /** Ends the loop after aborting what is on it. From any thread. */
    void stop() {
        stopping = true;
        selector.wakeup();
        helm.call();
    }

    /** Waits for the end of the loop; on the loop itself, does not. */
    void join() throws InterruptedException {
        if (!isInLoop()) {
            thread.join();
        }
    }

    /** Gives the selector back when the loop was never started. */
    void discard() throws IOException {
        selector.close();
    }

    @Override
    public void execute(Runnable task) {
        if (refusing && !isInLoop()) {
            throw new RejectedExecutionException(thread.getName() + " has ended");
        }
        tasks.offer(task);
        wake();
        if (helm.isFree()) {
            helm.call();
        }
    }

    @Override
    public boolean isInLoop() {
        return helm.isMine();
    }

    @Override
    public <T> @Nullable CompletableFuture<T> runHere(Supplier<CompletableFuture<T>> begin, BooleanSupplier others) {
        if (stopping || !helm.enter()) {
            return null;
        }
        interrupted = Thread.interrupted();
        try {
            CompletableFuture<T> begun = begin.get();
            CompletableFuture<T> unused = begun.whenComplete((done, error) -> {
                if (!isInLoop()) {
                    tasks.offer(SelectorLoop::nothing); // so that it is seen by whoever is just about to sleep
                    wake();
                }
            });
            while (!begun.isDone() && !stopping && !interrupted && !helm.isCalled()) {
                turn();
                noteInterrupt();
            }
            return begun;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            helm.leave();
            // What was handed in before nobody had it was handed to this thread.
            if (stopping || helm.isCalled() || !tasks.isEmpty() || others.getAsBoolean()) {
                helm.call();
            }
        }
    }

    @Override
    public void rest(BooleanSupplier others) {
        helm.rest(() -> stopping || !tasks.isEmpty() || others.getAsBoolean());
        wake();
    }

    @Override
    public void takeBack() {
        helm.claim();
    }

    private static void nothing() {}

    private void wake() {
        if (asleep.get() && asleep.compareAndSet(true, false)) {
            selector.wakeup();
        }
    }

    @Override
    public String toString() {
        return thread.getName();
    }

    @Override
    public long nanoTime() {
        return clock.getAsLong();
    }

    @Override
    public LoopTimer timer(Runnable due) {
        return new Alarm(due);
    }

    private final class Alarm extends Timed implements LoopTimer {
        private final Runnable due;

        Alarm(Runnable due) {
            this.due = due;
        }

        @Override
        public void set(long delayNanos) {
            deadline(this, delayNanos);
        }

        @Override
        public void clear() {
            clearDeadline(this);
        }

        @Override
        void deadlineReached() {
            due.run();
        }
    }

    Selector selector() {
        return selector;
    }

    BufferPool pool() {
        return pool;
    }

    boolean isStopping() {
        return stopping;
    }

    /** Counts what is on the loop; told of connections on the loop's thread. */
    LoopMeter meter() {
        return meter;
    }

    /** How it is doing. From any thread. */
    LoopHealth health() {
        return meter.health(thread.getName());
    }

    void deadline(Timed timed, long delayNanos) {
        assert isInLoop();
        deadlines.set(timed, nanoTime() + Math.max(0, Math.min(delayNanos, LONGEST_NANOS)));
    }

    void clearDeadline(Timed timed) {
        assert isInLoop();
        deadlines.clear(timed);
    }

    private void run() {
        try {
            while (!stopping) {
                turn();
                helm.rest();
            }
        } finally {
            end();
        }
    }

    private void turn() {
        try {
            select();
            noteInterrupt(); // or a file would be closed that a deadline or a task looks into
            if (!meter.isWorking()) {
                meter.begin();
            }
            deadlines.advance(meter.now(), DEADLINES_PER_TURN, telling);
            runTasks(TASKS_PER_TURN);
        } catch (IOException e) {
            LOG.error("{}: the selector failed", thread.getName(), e);
        } catch (Throwable e) { // the loop outlives whatever is on it
            LOG.error("{}: a turn failed", thread.getName(), Escaped.error(e));
        }
        meter.end(pool.lent());
    }

    private void select() throws IOException {
        asleep.set(true);
        long nanos = tasks.isEmpty() ? deadlines.nanosToNext(meter.now()) : 0;
        if (nanos == 0) {
            selector.selectNow(serving);
        } else if (nanos == Long.MAX_VALUE) {
            selector.select(serving);
        } else {
            selector.select(serving, Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999)));
        }
        asleep.set(false);
    }

    private void serve(SelectionKey key) {
        noteInterrupt(); // or a file would be closed that the connection sends from
        if (!meter.isWorking()) {
            asleep.lazySet(false);
            meter.begin();
        }
        try {
            if (key.isValid()) {
                ((Selectable) key.attachment()).ready(key.readyOps());
            }
        } catch (Throwable e) { // a defect of one connection is not the others'
            LOG.error("{}: a connection failed", thread.getName(), Escaped.error(e));
        }
        meter.lap();
    }

    private void noteInterrupt() {
        if (Thread.interrupted()) {
            interrupted = true;
        }
    }

    private void tell(Timed due) {
        try {
            due.deadlineReached();
        } catch (Throwable e) { // a defect of one connection is not the others'
            LOG.error("{}: a deadline failed", thread.getName(), Escaped.error(e));
        }
        meter.lap();
    }

    private void runTasks(int most) {
        Runnable task;
        // In this order: a task that is there was handed in after what was called for it.
        for (int run = 0; run < most && !tasks.isEmpty() && !isToBeLeft() && (task = tasks.poll()) != null; run++) {
            guard(task);
            meter.lap();
        }
    }

    /** Whether this is a guest, and the own thread is to go on. */
    private boolean isToBeLeft() {
        return helm.isCalled() && !Thread.currentThread().equals(thread);
    }

    private void guard(Runnable work) {
        try {
            work.run();
        } catch (Throwable e) { // a defect of one task is not the others'
            LOG.error("{}: a task failed", thread.getName(), Escaped.error(e));
        }
    }

    private void end() {
        runLastTasks();
        refusing = true;
        runLastTasks(); // what came until then
        try {
            selector.close();
        } catch (IOException e) {
            LOG.warn("{}: the selector did not close", thread.getName(), e);
        }
    }

    private void runLastTasks() {
        int there = 1;
        for (int round = 0; round < LAST_ROUNDS && there > 0; round++) {
            List.copyOf(selector.keys()).forEach(key -> guard(((Selectable) key.attachment())::stop));
            there = tasks.size(); // however many: each connection has one, that tells its end
            runTasks(there);
        }
    }
}
