package dev.ehlo.smtp.tls.reactor;

/**
 * Runs one task on its loop's thread, once for each time that it is set. Used on the loop's thread only; when the loop
 * ends, what is set is not run any more.
 */
public interface Timer {
    /** Runs the task after that time, which takes the place of a time set before. */
    void set(long delayNanos);

    /** Takes the time back, if one is set. */
    void clear();
}
