package dev.ehlo.smtp.tls.reactor;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which thread runs a loop's turns: its own; or a guest, which waits for what the loop does, and does it instead, so that
 * neither has to wake the other; or for a moment nobody, between one visit of a guest and the next. The loop's own thread
 * stands by meanwhile, and takes it back when nobody came for a while, or at once when it is called.
 *
 * <pre>
 *     OWN ── told to rest ──► NOBODY ── a guest enters ──► GUEST
 *      ▲                       │  ▲                         │
 *      └── called, or no visit ┘  └──────── leaves ─────────┘
 * </pre>
 *
 * What the turns touch is handed from one thread to the next by this. Thread-safe.
 */
final class Helm {
    /** How long nobody looks at the sockets, at least, before the loop's own thread does so again; twice that at most. */
    static final long STAND_BY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Thread own;
    private final AtomicReference<@Nullable Thread> holder;
    /** Told whether there is work, once the loop's own thread is to stand by; null if it is not. */
    private volatile @Nullable BooleanSupplier restDue;

    private volatile boolean called;
    /** Whether a guest was here since the loop's own thread looked last. */
    private volatile boolean visited;

    /** Held by the loop's own thread. */
    Helm(Thread own) {
        this.own = own;
        this.holder = new AtomicReference<>(own);
    }

    /** Whether the caller has it. */
    boolean isMine() {
        return Thread.currentThread().equals(holder.get());
    }

    boolean isFree() {
        return holder.get() == null;
    }

    /** Whether its own thread is to take it. */
    boolean isCalled() {
        return called;
    }

    /** The caller has it, as a guest, if it is free and the loop's own thread is not about to take it. */
    boolean enter() {
        if (called || !holder.compareAndSet(null, Thread.currentThread())) {
            return false;
        }
        visited = true;
        return true;
    }

    /** The guest lets it go. Whoever hands in a task now calls the loop's own thread. */
    void leave() {
        holder.set(null);
    }

    /** Has the loop's own thread take it, as soon as it is free. From any thread. */
    void call() {
        called = true;
        LockSupport.unpark(own);
    }

    /**
     * Has the loop's own thread take it unless it has it, and keep it if it is just about to let it go. From any
     * thread.
     */
    void claim() {
        called = true;
        if (!own.equals(holder.get())) {
            LockSupport.unpark(own);
        }
    }

    /** Has the loop's own thread stand by after its turn, unless there is work then. From any thread. */
    void rest(BooleanSupplier work) {
        restDue = work;
    }

    /** On the loop's own thread, which has it and returns with it: stands by, if that is due. */
    void rest() {
        BooleanSupplier work = restDue;
        if (work != null) {
            restDue = null;
            standBy(work);
        }
    }

    private void standBy(BooleanSupplier work) {
        if (work.getAsBoolean()) {
            return;
        }
        visited = true;
        holder.set(null);
        if (work.getAsBoolean()) { // that came before others knew that they had to call
            called = true;
        }
        while (!((called || !visited) && holder.compareAndSet(null, own))) {
            visited = holder.get() != null;
            LockSupport.parkNanos(this, STAND_BY_NANOS);
        }
        called = false;
    }
}
