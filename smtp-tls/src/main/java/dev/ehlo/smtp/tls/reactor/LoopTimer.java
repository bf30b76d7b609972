package dev.ehlo.smtp.tls.reactor;

/** A {@link Timer} on the wheel of its loop. */
final class LoopTimer extends Timed implements Timer {
    private final SelectorLoop loop;
    private final Runnable task;

    LoopTimer(SelectorLoop loop, Runnable task) {
        this.loop = loop;
        this.task = task;
    }

    @Override
    public void set(long delayNanos) {
        loop.deadline(this, delayNanos);
    }

    @Override
    public void clear() {
        loop.clearDeadline(this);
    }

    @Override
    void deadlineReached() {
        task.run();
    }
}
