package dev.ehlo.smtp.client;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What one loop has of one destination: its connections, and the deliveries that wait for one. {@link Pool}'s own. */
final class Lane {
    final Route route;
    /** Sessions with nothing under way; the one that was used last is the last. */
    final Chain<Place> idle = new Chain<>();
    /** Busy ones behind whose delivery another can begin. */
    final Chain<Place> open = new Chain<>();

    final WaitingList waits;

    private final int most;
    private int connections;
    private int made;
    private int serving;
    private int mostForNow;
    private long cautiousUntil;
    /** The idle session that has just shown that its connection stands; null once that is some time ago. */
    @Nullable
    Place fresh;

    /** Whether it stands among those that {@link Pool} has to look at. */
    boolean due;

    /**
     * With nothing in it.
     *
     * @param most connections of this loop; it may be none
     * @param left told when somebody left without a connection
     */
    Lane(Route route, int most, WaitingList.Terms terms, Consumer<Lane> left) {
        this.route = route;
        this.waits = new WaitingList(terms, () -> left.accept(this));
        this.most = most;
        this.mostForNow = most;
    }

    void add(Place place) {
        connections++;
        count(place.state, 1);
    }

    void move(Place place, Place.State next) {
        count(place.state, -1);
        place.state = next;
        count(next, 1);
    }

    void drop(Place place) {
        connections--;
        count(place.state, -1);
    }

    private void count(Place.State state, int by) {
        switch (state) {
            case MADE -> made += by;
            case SERVING -> serving += by;
            case REFUSED, LEAVING -> {}
        }
    }

    int serving() {
        return serving;
    }

    /** Those that serve, or may yet. */
    int standing() {
        return made + serving;
    }

    /** Makes no more connections than stand now, for a while. */
    void beCautious(long until) {
        mostForNow = Math.min(most, standing());
        cautiousUntil = until;
    }

    /** Whether another connection may be made. */
    boolean hasRoom(long now) {
        if (mostForNow < most && now - cautiousUntil >= 0) {
            mostForNow = most;
        }
        return connections < Math.max(mostForNow, Math.min(1, most));
    }

    /** Whether this loop can have connections of the destination at all. */
    boolean serves() {
        return most > 0;
    }

    boolean isUnused() {
        return waits.isEmpty() && connections == 0;
    }
}
