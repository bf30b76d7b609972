package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.server.SessionLimits;
import dev.ehlo.smtp.server.session.ServerSession;
import dev.ehlo.smtp.tls.reactor.Connection;

/**
 * The time that a peer has for what is next: runs while it is the peer's turn, and is given anew only when it has got
 * somewhere, so that a drip does not count. RFC 5321 §4.5.3.2.7.
 */
final class PeerTime {
    private final SessionLimits limits;
    private boolean running;
    private long progressSeen;

    PeerTime(SessionLimits limits) {
        this.limits = limits;
    }

    /** It is the peer's turn. */
    void run(Connection on, ServerSession session) {
        long progress = session.progress();
        if (!running || progress != progressSeen) {
            running = true;
            progressSeen = progress;
            on.deadline((session.isReceivingContent() ? limits.contentTime() : limits.commandTime()).toNanos());
        }
    }

    /** What is waited for is not the peer's matter. */
    void stop(Connection on) {
        on.clearDeadline();
        running = false;
    }

    /** Whoever comes next begins with all of it. */
    void reset() {
        running = false;
    }
}
