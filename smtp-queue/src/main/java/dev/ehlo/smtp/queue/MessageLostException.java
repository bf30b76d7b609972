package dev.ehlo.smtp.queue;

import java.io.IOException;

/**
 * A message can't be read back and never will be: its record was found damaged. What is left of it is kept for an
 * operator, and the spool has forgotten it.
 */
public final class MessageLostException extends IOException {
    private static final long serialVersionUID = 1;

    /** Of the message with this name. */
    public MessageLostException(QueueId id) {
        super("message " + id + " was found damaged in the spool");
    }
}
