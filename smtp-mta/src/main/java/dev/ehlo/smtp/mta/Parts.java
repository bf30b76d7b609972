package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** What was begun one on the other, and is closed in the reverse order. Used by one thread at a time. */
final class Parts implements AutoCloseable {
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    void push(AutoCloseable part) {
        parts.push(part);
    }

    /** Closes each of them once, whatever becomes of the others. */
    @Override
    public void close() throws IOException {
        IOException failure = null;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) { // the others are to be closed all the same
                if (failure == null) {
                    failure = new IOException("could not be closed", e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
