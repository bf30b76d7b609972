package dev.ehlo.smtp.mta;

import java.io.PrintWriter;
import java.util.function.Consumer;

/** Tells what a check is at, on a terminal in one line that is written again and again; elsewhere nothing. Thread-safe. */
final class CheckProgress implements Consumer<String> {
    private static final int COLUMNS = 78;
    private static final String CLEAR = "\r\u001b[K";

    private final PrintWriter err;
    private final boolean isShown = Boolean.getBoolean("ehlo.progress");

    CheckProgress(PrintWriter err) {
        this.err = err;
    }

    @Override
    public synchronized void accept(String what) {
        if (isShown) {
            err.print(CLEAR + what.substring(0, Math.min(what.length(), COLUMNS)));
            err.flush();
        }
    }

    /** Nothing is left of it. */
    synchronized void end() {
        if (isShown) {
            err.print(CLEAR);
            err.flush();
        }
    }
}
