package dev.ehlo.smtp.tls.reactor;

/** Something that an {@link EventLoop} does when a time has come. Used on the loop's thread only. */
public interface LoopTimer {
    /** Has it done once, after that time; a time that was set before counts no more. */
    void set(long delayNanos);

    /** Takes the time back, if one is set. */
    void clear();
}
