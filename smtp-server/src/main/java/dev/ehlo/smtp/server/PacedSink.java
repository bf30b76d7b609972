package dev.ehlo.smtp.server;

import dev.ehlo.smtp.MessageSink;

/**
 * A sink that may fall behind, written to by a thread that must not wait for it: while it is full its client is not read
 * from, and so sends no more. What a {@link StagedHandler} or an {@linkplain SmtpServerBuilder#inlineHandler inline} one
 * returns where content goes on by a network or a slow disk.
 */
public interface PacedSink extends MessageSink {
    /**
     * Told once, before anything is written.
     *
     * @param room to be run, on any thread, each time that the sink is no longer full
     */
    void onRoom(Runnable room);

    /**
     * Whether nothing more is to be written for now; what is written all the same it has to take. Asked after writes,
     * and no more once it is completed or aborted.
     */
    boolean isFull();

    /** Nothing more has come for now: what was gathered, to be handed on in larger pieces, can go. */
    default void handOver() {}
}
