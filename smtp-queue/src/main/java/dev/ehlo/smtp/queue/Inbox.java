package dev.ehlo.smtp.queue;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.varhandle.MpscUnboundedVarHandleArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Hands elements from any thread to the one that owns this inbox, without a lock. What each producer offers stays in
 * order. Bounded by its producers: each has a few elements in it at most.
 */
final class Inbox<E> {
    private static final int CHUNK = 1024;
    private static final VarHandle SLEEPER;

    static {
        try {
            SLEEPER = MethodHandles.lookup().findVarHandle(Inbox.class, "sleeper", Thread.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final MpscUnboundedVarHandleArrayQueue<E> queue = new MpscUnboundedVarHandleArrayQueue<>(CHUNK);
    private volatile @Nullable Thread sleeper;
    private volatile boolean woken;

    /** Never blocks and never fails. */
    void offer(E element) {
        queue.offer(element);
        // Against the fence in await: either we see the sleeper, or it sees our element.
        VarHandle.fullFence();
        unpark();
    }

    /** Ends the sleep of the owner, or if it does not sleep, the next one: something beside the inbox has changed. */
    void wake() {
        woken = true;
        unpark();
    }

    /** Whoever takes the sleeper out wakes it, and nobody else has to: it looks into the queue before it sleeps again. */
    private void unpark() {
        if (sleeper != null) {
            Thread thread = (Thread) SLEEPER.getAndSet(this, null);
            if (thread != null) {
                LockSupport.unpark(thread);
            }
        }
    }

    /** The next element, or null. For the owner. */
    @Nullable
    E poll() {
        return queue.poll();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Returns when there is an element, when woken, after that time, or for no reason. For the owner. */
    void await(long nanos) {
        sleeper = Thread.currentThread();
        VarHandle.fullFence();
        if (queue.isEmpty() && !woken) {
            LockSupport.parkNanos(this, nanos);
        }
        woken = false;
        sleeper = null;
    }
}
