package dev.ehlo.smtp.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the journal knows of one message. Belongs to the commit thread, but for its place and its constants, which
 * readers of the content see. There may be millions: one with a recipient, deferred once, takes 136 octets.
 */
final class Entry {
    /** A mask has room for so many recipients; those of a message that has more are in a set. */
    private static final int MASKED = Long.SIZE;

    final long id;
    final long arrivalMillis;
    final long contentOctets;
    final int recipients;
    final boolean large;
    /** As {@link dev.ehlo.smtp.MessageSource#needsStuffing()}. */
    final boolean stuffing;
    /** Whether the record was not read since the start, only what an index file says of it. */
    volatile boolean unverified;
    /** Told to who owns it at a start, and of no use here. */
    long traits;
    /** The recipients not settled, if there are no more than a mask has room for. */
    private long openMask;

    private @Nullable BitSet openSet;
    /** Of each one deferred, in order: recipient and attempts in one, and when due. Null until one is. */
    private long @Nullable [] deferrals;
    /** Null until the record is durable. */
    volatile @Nullable Place place;

    /** Where the record stands, with what is known of its recipients behind it, and how long its head is. */
    record Place(Segment segment, long offset, int octets, int headOctets) {}

    Entry(long id, long arrivalMillis, int recipients, boolean large, boolean stuffing, long contentOctets) {
        this.id = id;
        this.arrivalMillis = arrivalMillis;
        this.recipients = recipients;
        this.large = large;
        this.stuffing = stuffing;
        this.contentOctets = contentOctets;
        if (recipients > MASKED) {
            openSet = new BitSet(recipients);
            openSet.set(0, recipients);
        } else {
            openMask = recipients == 0 ? 0 : -1L >>> MASKED - recipients;
        }
    }

    QueueId id() {
        return new QueueId(id);
    }

    Instant arrival() {
        return Instant.ofEpochMilli(arrivalMillis);
    }

    boolean isOpen(int recipient) {
        if (recipient < 0 || recipient >= recipients) {
            return false;
        }
        return openSet != null ? openSet.get(recipient) : (openMask & 1L << recipient) != 0;
    }

    boolean isSettled() {
        return openSet != null ? openSet.isEmpty() : openMask == 0;
    }

    void settle(int recipient) {
        if (!isOpen(recipient)) {
            return;
        }
        if (openSet != null) {
            openSet.clear(recipient);
        } else {
            openMask &= ~(1L << recipient);
        }
        int at = deferralOf(recipient);
        if (at >= 0) {
            deferrals = resized(at, -2);
        }
    }

    void defer(int recipient, Deferral deferral) {
        defer(recipient, MessageRecord.attempts(deferral), deferral.due().toEpochMilli());
    }

    /** @param attempts as {@link MessageRecord#attempts} packs them */
    void defer(int recipient, int attempts, long dueMillis) {
        if (!isOpen(recipient)) {
            return;
        }
        int at = deferralOf(recipient);
        if (at < 0) {
            at = -at - 1;
            deferrals = resized(at, 2);
        }
        long[] known = deferrals;
        if (known != null) {
            known[at] = (long) recipient << Integer.SIZE | Integer.toUnsignedLong(attempts);
            known[at + 1] = dueMillis;
        }
    }

    /** Room for two more at an index, or those two gone. */
    private long @Nullable [] resized(int at, int by) {
        long[] before = deferrals == null ? new long[0] : deferrals;
        if (before.length + by == 0) {
            return null;
        }
        long[] after = Arrays.copyOf(before, before.length + by);
        int from = at + Math.max(0, -by);
        System.arraycopy(before, from, after, at + Math.max(0, by), before.length - from);
        return after;
    }

    /** Where the deferral of a recipient is, or where it would be as {@code -index - 1}. */
    private int deferralOf(int recipient) {
        long[] known = deferrals;
        int low = 0;
        int high = known == null ? 0 : known.length / 2;
        while (known != null && low < high) {
            int middle = (low + high) >>> 1;
            int found = (int) (known[2 * middle] >>> Integer.SIZE);
            if (found == recipient) {
                return 2 * middle;
            } else if (found < recipient) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return -2 * low - 1;
    }

    /** The recipients not settled, in order. */
    List<PendingRecipient> pending() {
        if (recipients == 1 && openMask == 1) {
            return List.of(pending(0));
        }
        List<PendingRecipient> pending = new ArrayList<>();
        for (int i = nextOpen(0); i >= 0; i = nextOpen(i + 1)) {
            pending.add(pending(i));
        }
        return pending;
    }

    private PendingRecipient pending(int recipient) {
        long[] known = deferrals;
        int at = deferralOf(recipient);
        Deferral deferral = known == null || at < 0
                ? new Deferral(0, arrival(), false)
                : MessageRecord.deferral((int) known[at], known[at + 1]);
        return new PendingRecipient(recipient, deferral);
    }

    private int nextOpen(int from) {
        if (openSet != null) {
            return openSet.nextSetBit(from);
        }
        long rest = from < MASKED ? openMask >>> from : 0;
        return rest == 0 ? -1 : from + Long.numberOfTrailingZeros(rest);
    }
}
