package dev.ehlo.smtp.benchmarks.soak;

import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;

/** Says EHLO and QUIT, and is gone; counted is the reply that ended it. */
final class Newcomer extends Dialogue {
    private final long due;
    private final Tally ends;
    private final Times times;
    private boolean counted;

    Newcomer(long due, Tally ends, Times times) {
        this.due = due;
        this.ends = ends;
        this.times = times;
    }

    @Override
    void begin(Connection connection) {
        say(connection, "QUIT");
    }

    @Override
    void replied(Connection connection, int code, String lastLine) {
        times.add(System.nanoTime() - due);
        refused(code);
    }

    @Override
    void refused(int code) {
        counted = true;
        ends.add(code);
    }

    @Override
    public void closed(Connection connection, CloseCause cause) {
        if (!counted) {
            ends.add(cause.kind().name());
        }
        super.closed(connection, cause);
    }
}
