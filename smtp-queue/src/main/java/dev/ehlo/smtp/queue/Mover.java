package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.SegmentScan;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the journal's size in proportion to what is alive in it: once less than half is, the survivors of the oldest
 * segment are written again, a few with each batch, until it holds nothing alive. Belongs to the commit thread.
 */
final class Mover {
    private static final Logger LOG = LoggerFactory.getLogger(Mover.class);
    /** Octets moved with one batch, at least one record. */
    private static final long STEP_OCTETS = 1 << 20;

    private final Journal journal;
    private @Nullable Segment source;
    private @Nullable SegmentScan scan;

    Mover(Journal journal) {
        this.journal = journal;
    }

    /** What to move now. */
    List<Commit> next() {
        Segment oldest = journal.oldest();
        if (oldest != source) {
            if (!isWorthIt(oldest)) {
                return List.of();
            }
            source = oldest;
            scan = null;
        } else if (scan == null) {
            return List.of();
        }
        try {
            SegmentScan from = scan == null ? new SegmentScan(oldest.file(), oldest.name.mark(), 0) : scan;
            scan = from;
            return survivors(oldest, from);
        } catch (ClosedChannelException e) {
            // A reader was interrupted, which closes the handle for all: from the beginning, with another.
            startOver();
        } catch (IOException e) {
            // No fault of what is written, nor one that to resume would mend.
            LOG.error("journal segment {} can't be read; it stays", oldest, e);
            scan = null;
        }
        return List.of();
    }

    /** What was to be moved was not; what was moved before stays so. */
    void startOver() {
        source = null;
        scan = null;
    }

    private boolean isWorthIt(Segment oldest) {
        long octets = 0;
        long alive = 0;
        for (Segment segment : journal.segments()) {
            octets += segment.octets;
            alive += segment.alive;
        }
        return oldest != journal.active() && octets > 2 * alive + journal.limits.slack();
    }

    private List<Commit> survivors(Segment segment, SegmentScan from) throws IOException {
        List<Commit> moves = new ArrayList<>();
        long octets = 0;
        while (octets < STEP_OCTETS) {
            switch (from.next()) {
                case RECORD -> {
                    if (MessageRecord.isMessage(from.type())) {
                        Entry entry = journal.find(from.payload().getLong(Integer.BYTES));
                        if (entry != null && isAt(entry, segment, from.offset())) {
                            byte[] payload = new byte[from.payload().remaining()];
                            from.payload().get(payload);
                            moves.add(new Move(entry, from.type(), payload));
                            octets += payload.length;
                        }
                    }
                }
                case END -> {
                    scan = null;
                    return moves;
                }
                case DAMAGED, TORN ->
                    LOG.error("journal segment {} has become damaged at {}; it stays", segment, from.offset());
            }
        }
        return moves;
    }

    private static boolean isAt(Entry entry, Segment segment, long offset) {
        Entry.Place place = entry.place;
        return place != null && place.segment() == segment && place.offset() == offset;
    }

    /** The message as it stands, and behind it what is known of its recipients. */
    private static final class Move implements Commit {
        private final Entry entry;
        private final byte type;
        private final byte[] payload;

        Move(Entry entry, byte type, byte[] payload) {
            this.entry = entry;
            this.type = type;
            this.payload = payload;
        }

        @Override
        public void write(Journal journal, RecordOutput out) throws IOException {
            journal.frame(type, payload, out);
            QueueId id = entry.id();
            List<Integer> settled = IntStream.range(0, entry.recipients)
                    .filter(i -> !entry.isOpen(i))
                    .boxed()
                    .toList();
            if (!settled.isEmpty()) {
                byte[] record = MessageRecord.settled(id, settled, MessageRecord.SETTLED_EARLIER);
                journal.frame(MessageRecord.SETTLED, record, out);
            }
            Map<Deferral, List<Integer>> deferred = new LinkedHashMap<>();
            Deferral never = new Deferral(0, entry.arrival(), false);
            for (PendingRecipient pending : entry.pending()) {
                if (!pending.deferral().equals(never)) {
                    deferred.computeIfAbsent(pending.deferral(), d -> new ArrayList<>())
                            .add(pending.index());
                }
            }
            for (Map.Entry<Deferral, List<Integer>> one : deferred.entrySet()) {
                byte[] record = MessageRecord.deferred(id, one.getValue(), one.getKey());
                journal.frame(MessageRecord.DEFERRED, record, out);
            }
        }

        @Override
        public void apply(Journal journal, Segment segment, long offset, int octets) {
            Entry.Place before = entry.place;
            if (before != null) {
                entry.unverified = false;
                journal.place(entry, new Entry.Place(segment, offset, octets, before.headOctets()));
            }
        }

        @Override
        public void done() {}

        @Override
        public void failed(IOException cause) {}
    }
}
