package dev.ehlo.smtp.mta;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Tells how far a load has come: on a terminal in one line that is written again and again, elsewhere in a line each. */
final class LoadProgress implements Runnable {
    private static final int REWRITTEN_SECONDS = 1;
    private static final int OTHERWISE_SECONDS = 10;

    private final LoadTally tally;
    private final long of;
    private final PrintWriter out;
    private final boolean rewritten;
    private long before;

    /** @param of messages there are to be; {@link Long#MAX_VALUE} if nobody knows */
    LoadProgress(LoadTally tally, long of, PrintWriter out, boolean rewritten) {
        this.tally = tally;
        this.of = of;
        this.out = out;
        this.rewritten = rewritten;
    }

    /** How often it is to be run. */
    long everyNanos() {
        return TimeUnit.SECONDS.toNanos(seconds());
    }

    private int seconds() {
        return rewritten ? REWRITTEN_SECONDS : OTHERWISE_SECONDS;
    }

    @Override
    public void run() {
        LoadTally.Counts counts = tally.counts();
        String line = String.format(
                Locale.ROOT,
                "%d%s messages, %d not relayed, %d/s",
                counts.messages(),
                of == Long.MAX_VALUE ? "" : " of " + of,
                counts.messages() - counts.relayed(),
                (counts.messages() - before) / seconds());
        before = counts.messages();
        if (rewritten) {
            out.printf("\r%-70s", line);
            out.flush();
        } else {
            out.println(line);
        }
    }

    /** What comes next begins a line. */
    void end() {
        if (rewritten && before > 0) {
            out.println();
        }
    }
}
