package dev.ehlo.smtp.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the journal knows of one message. Belongs to the commit thread, but for its place and its size, which readers
 * of the content see.
 */
final class Entry {
    final QueueId id;
    final Instant arrival;
    final boolean large;
    final long contentOctets;
    final int recipients;
    /** The recipients not settled. */
    final BitSet open = new BitSet();
    /** Attempts and next time of those deferred; null until one is. */
    @Nullable
    Map<Integer, Deferral> deferrals;
    /** Null until the record is durable. */
    volatile @Nullable Place place;

    /** Where the record stands, and in it the content. */
    record Place(Segment segment, long offset, int octets, int contentStart) {}

    Entry(QueueId id, Instant arrival, int recipients, boolean large, long contentOctets) {
        this.id = id;
        this.arrival = arrival;
        this.large = large;
        this.contentOctets = contentOctets;
        this.recipients = recipients;
        open.set(0, recipients);
    }

    void defer(int recipient, Deferral deferral) {
        if (open.get(recipient)) {
            if (deferrals == null) {
                deferrals = new TreeMap<>();
            }
            deferrals.put(recipient, deferral);
        }
    }

    void settle(int recipient) {
        open.clear(recipient);
        if (deferrals != null) {
            deferrals.remove(recipient);
        }
    }

    List<PendingRecipient> pending() {
        List<PendingRecipient> pending = new ArrayList<>();
        Deferral fresh = new Deferral(0, arrival, false);
        for (int i = open.nextSetBit(0); i >= 0; i = open.nextSetBit(i + 1)) {
            Deferral deferral = deferrals == null ? fresh : deferrals.getOrDefault(i, fresh);
            pending.add(new PendingRecipient(i, deferral));
        }
        return pending;
    }
}
