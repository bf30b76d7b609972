package dev.ehlo.smtp.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of one loop that wait for another transaction. The one that was used last is used next, so that those
 * which are not needed grow idle. Used on the loop's thread.
 */
final class Pool {
    private final int perRoute;
    private final int inAll;
    private final Map<Route, Deque<SessionHandler>> byRoute = new HashMap<>();
    /** The one that waits longest first. */
    private final Set<SessionHandler> waiting = new LinkedHashSet<>();

    /** What is completed when all have gone; null as long as sessions are kept. */
    private @Nullable CompletableFuture<Void> closing;

    private int leaving;

    /**
     * With nothing kept.
     *
     * @param loops how many share the number of those in all
     */
    Pool(ConnectionReuse reuse, int loops) {
        this.perRoute = reuse.perDestination();
        this.inAll = (reuse.inAll() + loops - 1) / loops;
    }

    /** One that waits, and is the caller's from now on; null if there is none. */
    @Nullable
    SessionHandler take(Route route) {
        Deque<SessionHandler> sessions = byRoute.get(route);
        if (sessions == null) {
            return null;
        }
        SessionHandler last = sessions.getLast();
        remove(last);
        return last;
    }

    /** Keeps a session that can begin another delivery, and lets go of another where that makes too many. */
    void ready(SessionHandler session) {
        if (closing != null) {
            session.quit();
            return;
        }
        Deque<SessionHandler> sessions = byRoute.computeIfAbsent(session.route(), route -> new ArrayDeque<>());
        sessions.addLast(session);
        waiting.add(session);
        if (sessions.size() > perRoute) {
            letGo(sessions.getFirst());
        } else if (waiting.size() > inAll) {
            letGo(waiting.iterator().next());
        }
    }

    private void letGo(SessionHandler session) {
        remove(session);
        session.quit();
    }

    /** Takes a session out that waits no more; does nothing if it did not. */
    void remove(SessionHandler session) {
        if (waiting.remove(session)) {
            Deque<SessionHandler> sessions = byRoute.get(session.route());
            if (sessions != null) {
                sessions.remove(session);
                if (sessions.isEmpty()) {
                    byRoute.remove(session.route());
                }
            }
        }
    }

    /** The connection of a session has closed. */
    void closed(SessionHandler session) {
        remove(session);
        if (session.isLeaving() && --leaving == 0 && closing != null) {
            closing.complete(null);
        }
    }

    /** Lets go of all, and keeps none from now on; {@code gone} is completed when their connections have closed. */
    void close(CompletableFuture<Void> gone) {
        closing = gone;
        List<SessionHandler> all = new ArrayList<>(waiting);
        leaving = all.size();
        if (all.isEmpty()) {
            gone.complete(null);
        }
        for (SessionHandler each : all) {
            remove(each);
            each.leave();
        }
    }
}
