package dev.ehlo.smtp.tls.reactor;

import java.io.IOException;

/** A file that is being sent fails, or is shorter than was promised; not the connection it is sent on. */
final class UnreadableFileException extends IOException {
    private static final long serialVersionUID = 1;

    UnreadableFileException(String message) {
        super(message);
    }

    UnreadableFileException(String message, IOException cause) {
        super(message, cause);
    }
}
