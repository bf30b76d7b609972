package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the memory spools of one store share: the messages, whose each is, and until when who owns them is taken to be
 * alive. Shared between threads, by one lock; owners are told while it is held.
 *
 * <pre>
 *   a lease   ALIVE ←─ renewed ─→ OUT (nothing to be loaded or kept by it; its messages may be adopted) ─ left → ENDED
 *   a message owned by one lease ─ that is out or ended, and another is renewed → owned by the other
 * </pre>
 */
final class MemoryStore {
    /** What all messages of the store of one process may take: a quarter of the heap. */
    static final long MOST_OCTETS = Runtime.getRuntime().maxMemory() / 4;

    /** What a message takes beside its content, about, and each of its recipients. */
    private static final long MESSAGE_OCTETS = 1024;

    private static final long RECIPIENT_OCTETS = 512;

    final QueueIds ids = new QueueIds();
    private final Clock clock;
    private final @Nullable Duration lease;
    private final long most;
    private final Map<QueueId, Kept> messages = new TreeMap<>();
    private long octets;

    /** A part in the store, from the start of a spool to its close. */
    static final class Lease {
        private final SpoolOwner owner;
        private Instant end;
        private boolean left;
        /** Adopted by others, and not told yet. */
        private final List<QueueId> lost = new ArrayList<>();

        private Lease(SpoolOwner owner, Instant end) {
            this.owner = owner;
            this.end = end;
        }

        private boolean isOut(Instant now) {
            return left || !now.isBefore(end);
        }
    }

    /** A message, and how it stands with the recipients not settled. */
    private static final class Kept {
        final QueueId id;
        final Instant arrival;
        final Envelope envelope;
        final MessageSource content;
        final Map<Integer, Deferral> pending = new TreeMap<>();
        Lease lease;

        Kept(QueueId id, Instant arrival, Envelope envelope, MessageSource content, Lease lease) {
            this.id = id;
            this.arrival = Instant.ofEpochMilli(arrival.toEpochMilli());
            this.envelope = envelope;
            this.content = content;
            this.lease = lease;
            for (int i = 0; i < envelope.recipients().size(); i++) {
                pending.put(i, new Deferral(0, this.arrival, false));
            }
        }

        List<PendingRecipient> pending() {
            List<PendingRecipient> list = new ArrayList<>();
            pending.forEach((index, deferral) -> list.add(new PendingRecipient(index, deferral)));
            return list;
        }

        SpooledMessage message() {
            return new SpooledMessage(id, arrival, envelope, pending(), content);
        }
    }

    /**
     * @param lease how long one who does not renew is alive; null for ever
     * @param most octets that all messages may take
     */
    MemoryStore(Clock clock, @Nullable Duration lease, long most) {
        this.clock = clock;
        this.lease = lease;
        this.most = most;
    }

    // Leases.

    synchronized Lease join(SpoolOwner owner) {
        Lease joined = new Lease(owner, end(clock.instant()));
        renew(joined);
        return joined;
    }

    /** Tells what was lost meanwhile, and adopts what the dead have left. */
    synchronized void renew(Lease mine) {
        Instant now = clock.instant();
        mine.end = end(now);
        mine.lost.forEach(mine.owner::lost);
        mine.lost.clear();
        for (Kept kept : messages.values()) {
            Lease other = kept.lease;
            if (other.end.isAfter(mine.end)) {
                // The clock was ahead when it was renewed: nobody may stay alive for ever by that.
                other.end = mine.end;
            }
            if (other != mine && other.isOut(now)) {
                if (!other.left) {
                    other.lost.add(kept.id);
                }
                kept.lease = mine;
                mine.owner.owns(kept.id, kept.pending(), MessageTraits.of(kept.envelope));
            }
        }
    }

    synchronized void leave(Lease mine) {
        mine.left = true;
        mine.lost.clear();
    }

    synchronized boolean isOut(Lease mine) {
        return mine.isOut(clock.instant());
    }

    private Instant end(Instant now) {
        return lease == null ? Instant.MAX : now.plus(lease);
    }

    // Room.

    static long overhead(Envelope envelope) {
        return MESSAGE_OCTETS + RECIPIENT_OCTETS * envelope.recipients().size();
    }

    /**
     * Sets room aside.
     *
     * @param expected what is known to come in all
     * @throws IOException if there is not so much; none is set aside
     */
    synchronized void take(long expected, long count) throws IOException {
        if (expected > most - octets) {
            throw new IOException("the messages in memory would be more than " + most + " octets");
        }
        octets += count;
    }

    synchronized void giveBack(long count) {
        octets -= count;
    }

    synchronized long octets() {
        return octets;
    }

    // Messages.

    /** A message, whose room was taken before. */
    synchronized SpooledMessage keep(Lease mine, QueueId id, Instant arrival, Envelope envelope, MessageSource content)
            throws IOException {
        if (isOut(mine)) {
            throw new IOException("the lease of the spool is out");
        }
        Kept kept = new Kept(id, arrival, envelope, content, mine);
        messages.put(id, kept);
        return kept.message();
    }

    synchronized SpooledMessage load(Lease mine, QueueId id) throws IOException {
        Kept kept = messages.get(id);
        if (kept == null || kept.lease != mine || isOut(mine)) {
            throw new IOException("message " + id + " is not this spool's, or no more");
        }
        return kept.message();
    }

    /** By whoever knows: the recipient has the message, or never will. */
    synchronized void settle(Lease mine, QueueId id, Iterable<Integer> recipients) {
        Kept kept = messages.get(id);
        if (kept == null) {
            return;
        }
        recipients.forEach(kept.pending::remove);
        if (kept.pending.isEmpty()) {
            messages.remove(id);
            octets -= kept.content.octets() + overhead(kept.envelope);
            if (kept.lease != mine && !kept.lease.left) {
                kept.lease.owner.lost(id);
            }
        }
    }

    /** By its owner alone: another's retry schedule is no longer what counts. */
    synchronized void defer(Lease mine, QueueId id, Iterable<Integer> recipients, Deferral deferral) {
        Kept kept = messages.get(id);
        if (kept != null && kept.lease == mine) {
            recipients.forEach(recipient -> kept.pending.computeIfPresent(recipient, (index, before) -> deferral));
        }
    }
}
