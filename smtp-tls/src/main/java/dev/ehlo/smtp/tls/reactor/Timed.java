package dev.ehlo.smtp.tls.reactor;

import org.jspecify.annotations.Nullable;

/**
 * What has one deadline, and is its own node in the {@link TimerWheel} of its loop, so that a deadline costs no object.
 * But for {@link #deadlineReached} everything here is the wheel's. Used on the loop's thread only.
 */
abstract class Timed {
    static final int NOT_SET = -1;

    /** When it is due. */
    long at;
    /** When it was due when it was put into its slot; it may have been moved on since. */
    long placedAt;
    /** Where it is in the wheel. */
    int slot = NOT_SET;

    @Nullable
    Timed previous;

    @Nullable
    Timed next;

    /** The deadline has come; it is not set any more, and may be set anew from here. */
    abstract void deadlineReached();
}
