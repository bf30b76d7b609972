package dev.ehlo.smtp.client;

import org.jspecify.annotations.Nullable;

/**
 * One connection among those of its destination, from before it is made until it is gone. {@link Pool}'s own.
 *
 *     MADE ─ the session takes another delivery → SERVING ─ takes no more → LEAVING → gone
 *       └─ the server does not serve us → REFUSED → gone
 */
final class Place extends Chain.Link<Place> {
    /** How far it is. */
    enum State {
        MADE,
        SERVING,
        REFUSED,
        LEAVING
    }

    final Lane lane;
    State state = State.MADE;
    /** That of the connection now; null until it can take another delivery. */
    @Nullable
    PooledSession session;
    /** Whether the end of the client waits for it. */
    boolean awaited;

    Place(Lane lane) {
        this.lane = lane;
    }

    boolean takesAnother() {
        return session != null && session.takesAnother();
    }

    void quit() {
        if (session != null) {
            session.quit();
        }
    }
}
