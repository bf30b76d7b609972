package dev.ehlo.smtp.tls.reactor;

/** A moment at which something is to be run; made once, and set as often as need be. Known to one {@link DeadlineHeap}. */
final class Deadline {
    static final int NOT_SET = -1;

    private final Runnable action;
    long at;
    int index = NOT_SET;

    Deadline(Runnable action) {
        this.action = action;
    }

    void reached() {
        action.run();
    }
}
