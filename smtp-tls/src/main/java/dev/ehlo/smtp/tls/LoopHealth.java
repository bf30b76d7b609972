package dev.ehlo.smtp.tls;

/**
 * How an event loop is doing, at one moment. The figures are read one by one while the loop goes on, so they need not
 * fit each other to the last unit.
 *
 * @param name the name of the loop's thread
 * @param iterations turns since the loop started
 * @param busyNanos time spent in what the turns had to do since the loop started, and not in waiting: what it grows by in
 *     a second, over a second, is the load of the loop
 * @param longestCallbackNanos the longest time that the loop spent on one event, task or deadline, while all its other
 *     connections waited; within the last minute or two, and with what it is busy with now, so that a loop that hangs
 *     shows
 * @param connections connections that are on the loop, from the first moment of connecting or accepting to the last
 * @param buffersLent buffers of 34 KiB that connections hold; an idle one holds none
 */
public record LoopHealth(
        String name, long iterations, long busyNanos, long longestCallbackNanos, int connections, int buffersLent) {}
