package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one loop, and the deliveries that wait for one. A delivery begins on an idle session, the one that
 * was used last, so that those which are not needed grow old; else on a new connection, if there is room for one; else
 * behind another that is at its end, on a session that allows that; else it waits, and the first that waits is the first
 * that goes on. Used on the loop's thread.
 *
 * <p>A server that turns a new connection away while others to it serve has said how many it wants: the delivery waits
 * for one of those, and no more are made for a while. Where none serves, it speaks for all who wait.
 */
final class Pool {
    /** How long no more connections are made than a server has left standing when it turned one away. */
    static final long CAUTION_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Makes connections. */
    @FunctionalInterface
    interface Opener {
        /** Makes one for that place, and begins the delivery on it. */
        void open(Place place, Hop hop, SessionHandler.Delivery delivery);
    }

    private final Shares shares;
    private final Opener opener;
    private final WaitingList.Terms terms;
    private final Map<Route, Lane> lanes = new HashMap<>();
    /** Lanes that had idle connections lately, of which one may have to go for another destination. */
    private final Set<Lane> idle = new LinkedHashSet<>();
    /** Lanes where somebody waits for nothing but room among all connections. */
    private final Set<Lane> crowded = new LinkedHashSet<>();

    private final ArrayDeque<Lane> due = new ArrayDeque<>();
    private boolean serving;
    private int connections;
    /** Of those, how many will soon be gone. */
    private int leaving;

    /** What is completed when all have gone; null until the client is closed. */
    private @Nullable CompletableFuture<Void> closing;

    private int awaited;

    /** With nothing in it. */
    Pool(Shares shares, Opener opener, WaitingList.Terms terms) {
        this.shares = shares;
        this.opener = opener;
        this.terms = terms;
    }

    /**
     * Begins the delivery, or lets it wait.
     *
     * @param again whether it was begun on a kept connection that is gone: then it goes by a new one, before all others
     * @param mayWait whether it may wait here, or behind another, and not only be begun at once
     * @return false if this loop has nothing for it
     */
    boolean deliver(Hop hop, SessionHandler.Delivery delivery, boolean again, boolean mayWait) {
        if (closing != null || delivery.report().isDone()) {
            Waiting.notSent(hop, delivery, "4.4.7", "given up before there was a connection with");
            return true;
        }
        Lane lane = lane(hop.route(delivery.plan().login()));
        if (!lane.serves()) {
            return false;
        }
        Place place = lane.waits.isEmpty() ? find(lane, again, mayWait) : null;
        if (place != null) {
            begin(place, hop, delivery);
            return true;
        }
        if (mayWait) {
            lane.waits.add(hop, delivery, again);
            serve(lane);
        }
        forgetIfUnused(lane);
        return mayWait;
    }

    private Lane lane(Route route) {
        Lane known = lanes.get(route);
        if (known != null) {
            return known;
        }
        Lane lane = new Lane(route, shares.ofDestination(route), terms, this::forgetIfUnused);
        if (lane.serves()) {
            lanes.put(route, lane);
        }
        return lane;
    }

    /**
     * Where a delivery can begin now, perhaps on a connection that is to be made; null if nowhere.
     *
     * @param behind whether behind another is better than nowhere
     */
    private @Nullable Place find(Lane lane, boolean again, boolean behind) {
        Place last = lane.idle.last();
        if (last != null && (!again || last.equals(lane.fresh))) {
            return last;
        }
        if (connections < shares.inAll() && lane.hasRoom(now())) {
            return new Place(lane);
        }
        Place busy = again || !behind ? null : lane.open.first();
        while (busy != null && !busy.takesAnother()) {
            lane.open.remove(busy);
            busy = lane.open.first();
        }
        return busy;
    }

    private void begin(Place place, Hop hop, SessionHandler.Delivery delivery) {
        PooledSession session = place.session;
        if (session == null) {
            open(place, hop, delivery);
        } else {
            unlist(place);
            session.begin(delivery);
        }
    }

    private void open(Place place, Hop hop, SessionHandler.Delivery delivery) {
        place.lane.add(place);
        connections++;
        SessionHandler.Delivery first = new SessionHandler.Delivery(
                delivery.plan(), delivery.report(), outcome -> ended(place, hop, delivery, outcome));
        try {
            opener.open(place, hop, first);
        } catch (RuntimeException e) {
            place.lane.drop(place);
            connections--;
            delivery.report().completeExceptionally(e);
        }
    }

    /** What the first delivery by a connection came to. */
    private void ended(Place place, Hop hop, SessionHandler.Delivery delivery, SessionOutcome outcome) {
        Lane lane = place.lane;
        if (!(outcome instanceof SessionOutcome.NotServed refused) || refused.status() == DeliveryStatus.FAILED) {
            if (place.state == Place.State.MADE) {
                leaving(place);
            }
            delivery.ended().accept(outcome);
            return;
        }
        lane.move(place, Place.State.REFUSED);
        boolean givenUp = closing != null || delivery.report().isDone();
        boolean othersServe = lane.serving() > 0 || refused.reply().code() == 421 && lane.standing() > 0;
        if (othersServe && !givenUp) {
            lane.beCautious(now() + CAUTION_NANOS);
            goElsewhere(lane, hop, delivery);
            return;
        }
        List<Waiting> others = givenUp || lane.standing() > 0 ? List.of() : lane.waits.takeAll();
        delivery.ended().accept(outcome);
        for (Waiting each : others) {
            each.delivery.ended().accept(outcome);
        }
    }

    /** By a session that became idle meanwhile, or as the first that does. */
    private void goElsewhere(Lane lane, Hop hop, SessionHandler.Delivery delivery) {
        Place free = lane.idle.last();
        if (free != null) {
            begin(free, hop, delivery);
            return;
        }
        lane.waits.add(hop, delivery, true);
        serve(lane);
    }

    /** The session takes another delivery from now on; it may be begun from inside. */
    void ready(PooledSession session) {
        Place place = session.place();
        Lane lane = place.lane;
        place.session = session;
        if (place.state == Place.State.MADE) {
            lane.move(place, Place.State.SERVING);
        }
        unlist(place);
        if (closing != null) {
            if (session.isIdle()) {
                leave(place);
            }
            return;
        }
        if (session.isIdle()) {
            lane.idle.addLast(place);
            lane.fresh = lane.waits.isEmpty() ? null : place;
            idle.add(lane);
        } else {
            lane.open.addLast(place);
        }
        serve(lane);
    }

    /** The session takes no other from now on. Does nothing if that is known. */
    void remove(PooledSession session) {
        Place place = session.place();
        unlist(place);
        if (place.state == Place.State.SERVING) {
            leaving(place);
        }
    }

    /** The connection of a session is gone. */
    void closed(PooledSession session) {
        Place place = session.place();
        unlist(place);
        place.lane.drop(place);
        connections--;
        if (place.state == Place.State.LEAVING) {
            leaving--;
        }
        if (place.awaited && --awaited == 0 && closing != null) {
            closing.complete(null);
        }
        serve(place.lane);
        forgetIfUnused(place.lane);
    }

    private static void unlist(Place place) {
        if (!place.lane.idle.remove(place)) {
            place.lane.open.remove(place);
        }
    }

    private void leaving(Place place) {
        place.lane.move(place, Place.State.LEAVING);
        leaving++;
    }

    private void leave(Place place) {
        unlist(place);
        leaving(place);
        place.quit();
    }

    /** Lets go of connections that their destinations do not need, unless enough are on their way out. */
    private void makeRoom() {
        Iterator<Lane> lately = idle.iterator();
        while (leaving < crowded.size() && lately.hasNext()) {
            Place oldest = lately.next().idle.first();
            if (oldest == null) {
                lately.remove();
            } else {
                leave(oldest);
            }
        }
    }

    /** Has those who wait go on as far as they can; called from inside, leaves that to whoever is at it. */
    private void serve(Lane changed) {
        enqueue(changed);
        crowded.forEach(this::enqueue);
        if (serving) {
            return;
        }
        serving = true;
        try {
            for (Lane next = due.poll(); next != null; next = due.poll()) {
                next.due = false;
                goOn(next);
                forgetIfUnused(next);
            }
        } finally {
            serving = false;
        }
    }

    private void enqueue(Lane lane) {
        if (!lane.due && !lane.waits.isEmpty()) {
            lane.due = true;
            due.add(lane);
        }
    }

    private void goOn(Lane lane) {
        boolean more = true;
        while (more) {
            more = goOn(lane, true) || goOn(lane, false);
        }
        lane.fresh = null;
        if (!lane.waits.isEmpty() && connections >= shares.inAll() && lane.hasRoom(now())) {
            crowded.add(lane);
            makeRoom();
        } else {
            crowded.remove(lane);
        }
    }

    private boolean goOn(Lane lane, boolean again) {
        Waiting first = lane.waits.first(again);
        Place place = first == null ? null : find(lane, again, true);
        if (first == null || place == null) {
            return false;
        }
        lane.waits.take(first);
        if (first.delivery.report().isDone()) {
            first.notSent("4.4.7", "given up while waiting for a connection with");
        } else {
            begin(place, first.hop, first.delivery);
        }
        return true;
    }

    private long now() {
        return terms.clock().getAsLong();
    }

    private void forgetIfUnused(Lane lane) {
        if (lane.isUnused() && lanes.remove(lane.route, lane)) {
            crowded.remove(lane);
            idle.remove(lane);
            lane.waits.discard();
        }
    }

    /** Whether there is no connection, and nobody waits for one. */
    boolean isEmpty() {
        return lanes.isEmpty();
    }

    /** Tells those who wait, lets go of all that are idle, and keeps none from now on. */
    void close(CompletableFuture<Void> gone) {
        closing = gone;
        List<Place> last = new ArrayList<>();
        List<Waiting> waiting = new ArrayList<>();
        for (Lane lane : lanes.values()) {
            waiting.addAll(lane.waits.takeAll());
            for (Place next = lane.idle.first(); next != null; next = lane.idle.first()) {
                unlist(next);
                next.awaited = true;
                last.add(next);
            }
        }
        awaited = last.size();
        if (last.isEmpty()) {
            gone.complete(null);
        }
        last.forEach(this::leave);
        waiting.forEach(each -> each.notSent("4.4.2", "given up before there was a connection with"));
    }
}
