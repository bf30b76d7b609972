package dev.ehlo.smtp.benchmarks.soak;

import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import java.util.concurrent.TimeUnit;

/** Begins a message and sends an octet of it each second; what the server ends it with is counted. */
final class SlowSender extends Dialogue {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final byte[] ENVELOPE =
            ascii("MAIL FROM:<slow@example.net>\r\nRCPT TO:<user@localhost>\r\nDATA\r\n");
    private static final byte[] CONTENT = ascii("Subject: so it goes on and on\r\n");

    private final Tally ends;
    private int sent;
    private boolean counted;

    SlowSender(Tally ends) {
        this.ends = ends;
    }

    @Override
    void begin(Connection connection) {
        say(connection, ENVELOPE);
    }

    @Override
    void replied(Connection connection, int code, String lastLine) {
        if (code == 354) {
            connection.deadline(PAUSE_NANOS);
        } else if (code >= 400) {
            refused(code);
            connection.close();
        }
    }

    @Override
    void refused(int code) {
        counted = true;
        ends.add(code);
    }

    @Override
    public void deadlineReached(Connection connection) {
        say(connection, new byte[] {CONTENT[sent++ % CONTENT.length]});
        connection.deadline(PAUSE_NANOS);
    }

    @Override
    public void closed(Connection connection, CloseCause cause) {
        if (!counted && cause.kind() != CloseCause.Kind.LOCAL) {
            ends.add(cause.kind().name());
        }
        super.closed(connection, cause);
    }
}
