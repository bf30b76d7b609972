package dev.ehlo.smtp.tls.reactor;

import org.jspecify.annotations.Nullable;

/**
 * Makes what a peer may have had a hand in fit for a log: no control character of it reaches the log as such, and none
 * that it has written out itself is taken for one.
 */
public final class Escaped {
    /** Causes that are followed; a chain of them can be of any length, or a circle. */
    private static final int CAUSES = 8;

    private Escaped() {}

    /** The text with everything but printable ASCII written as {@code \\uXXXX}, and a backslash as two. */
    public static String text(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                escaped.append("\\\\");
            } else if (c >= ' ' && c < 0x7F) {
                escaped.append(c);
            } else {
                escaped.append(String.format("\\u%04X", (int) c));
            }
        }
        return escaped.toString();
    }

    /** A likeness of the error for the log: its class, its message escaped, its stack and its causes. */
    public static Throwable error(Throwable error) {
        return error(error, CAUSES);
    }

    private static Throwable error(Throwable error, int causes) {
        Throwable cause = error.getCause();
        Likeness likeness = new Likeness(
                text(String.valueOf(error)), cause == null || causes == 0 ? null : error(cause, causes - 1));
        likeness.setStackTrace(error.getStackTrace());
        return likeness;
    }

    private static final class Likeness extends Exception {
        private static final long serialVersionUID = 1;

        Likeness(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
