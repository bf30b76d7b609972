package dev.ehlo.smtp.testkit;

import static java.util.Objects.requireNonNull;

import dev.ehlo.smtp.Reply;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * What an accepting {@link ScriptedPeer} does in place of its usual answer. Immutable; by itself it happens each time
 * that it applies.
 */
public final class Fault {
    /** What kind of fault. */
    enum Kind {
        REPLY,
        HOLD,
        CLOSE,
        DROP,
        RESET
    }

    final Kind kind;
    final int times;
    private final @Nullable Reply reply;
    private final @Nullable CountDownLatch latch;

    private Fault(Kind kind, int times, @Nullable Reply reply, @Nullable CountDownLatch latch) {
        this.kind = kind;
        this.times = times;
        this.reply = reply;
        this.latch = latch;
    }

    /** Answers with this reply. After 421 the connection is closed. RFC 5321 §3.8. */
    public static Fault reply(Reply reply) {
        return new Fault(Kind.REPLY, Integer.MAX_VALUE, reply, null);
    }

    /** Waits until the latch is at zero before the answer; other faults and the usual answer come after. */
    public static Fault hold(CountDownLatch latch) {
        return new Fault(Kind.HOLD, Integer.MAX_VALUE, null, latch);
    }

    /** Closes in order, without an answer: close_notify under TLS, then FIN. */
    public static Fault close() {
        return new Fault(Kind.CLOSE, Integer.MAX_VALUE, null, null);
    }

    /** Ends the connection without an answer by FIN alone; under TLS that is a truncation. */
    public static Fault drop() {
        return new Fault(Kind.DROP, Integer.MAX_VALUE, null, null);
    }

    /** Ends the connection without an answer by RST. */
    public static Fault reset() {
        return new Fault(Kind.RESET, Integer.MAX_VALUE, null, null);
    }

    /**
     * This fault, but only so many times, counted over all connections.
     *
     * @throws IllegalArgumentException if {@code times} is below 1
     */
    public Fault times(int times) {
        if (times < 1) {
            throw new IllegalArgumentException("not a number of times: " + times);
        }
        return new Fault(kind, times, reply, latch);
    }

    /** This fault, but the first time only. */
    public Fault once() {
        return times(1);
    }

    /** The reply of REPLY. */
    Reply reply() {
        return requireNonNull(reply);
    }

    /** The latch of HOLD. */
    CountDownLatch latch() {
        return requireNonNull(latch);
    }
}
