package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.Frame;
import dev.ehlo.smtp.queue.journal.SegmentName;
import dev.ehlo.smtp.queue.journal.SegmentScan;
import dev.ehlo.smtp.queue.journal.Storage;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the segments from the oldest to the newest and brings the index to where it was. Damage goes to the
 * folder {@code corrupt} and is reported, and the scan goes on. A torn tail goes there too, before it is cut: most
 * likely nothing in it was acknowledged, but a record with a damaged length looks the same.
 * Used by one thread, once.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
    private static final String CORRUPT = "corrupt";
    private static final int COPY_OCTETS = 1 << 20;

    private final Journal journal;
    private final Storage storage;
    private final QueueIds ids;
    /** Messages whose content file is not there or has another size. */
    private final Set<Long> missing = new HashSet<>();

    private @Nullable Map<String, Long> contentSizes;
    private boolean damage;
    /** Whether the segment being read has nothing but its beginning. */
    private boolean empty;

    Recovery(Journal journal, QueueIds ids) {
        this.journal = journal;
        this.storage = journal.storage;
        this.ids = ids;
    }

    void run() throws IOException {
        List<SegmentName> names = storage.list("").stream()
                .map(SegmentName::parse)
                .flatMap(Optional::stream)
                .sorted()
                .toList();
        for (SegmentName name : names) {
            load(name);
        }
        journal.deleteSettledContent();
        checkContent();
        if (!journal.entries().isEmpty()) {
            LOG.info(
                    "spool {} recovered: {} messages in {} segments",
                    storage,
                    journal.entries().size(),
                    names.size());
        }
    }

    /** Tells of what has recipients to settle, oldest first. */
    void handOver(SpoolOwner owner) {
        List<Entry> all = new ArrayList<>(journal.entries());
        all.sort(Comparator.comparing(entry -> entry.id));
        all.forEach(entry -> owner.owns(entry.id, entry.pending()));
    }

    private void load(SegmentName name) throws IOException {
        journal.passed(name);
        empty = true;
        Segment segment = scan(name);
        if (empty) {
            // As a start without mail leaves it; no other record in it, so that its place in the order does not matter.
            segment.drop();
        } else {
            journal.add(segment);
        }
    }

    private Segment scan(SegmentName name) throws IOException {
        try (StorageFile file = storage.open(name.toString())) {
            Segment segment = new Segment(name, storage, file.size());
            SegmentScan scan = new SegmentScan(file, name.mark(), 0);
            for (SegmentScan.Found found = scan.next(); found != SegmentScan.Found.END; found = scan.next()) {
                switch (found) {
                    case RECORD -> record(segment, file, scan);
                    case DAMAGED -> {
                        empty = false;
                        quarantine(segment, file, scan, "no record");
                    }
                    case TORN -> {
                        quarantine(segment, file, scan, "an unfinished write, cut off");
                        file.truncate(scan.offset());
                        file.force();
                        segment.octets = scan.offset();
                    }
                    case END -> throw new IllegalStateException("loop ends before");
                }
            }
            return segment;
        }
    }

    private void record(Segment segment, StorageFile file, SegmentScan scan) throws IOException {
        ByteBuffer payload = scan.payload();
        try {
            empty &= scan.type() == MessageRecord.START;
            switch (scan.type()) {
                case MessageRecord.SMALL, MessageRecord.LARGE -> message(segment, scan);
                case MessageRecord.SETTLED, MessageRecord.DEFERRED -> journal.progress(scan.type(), payload);
                case MessageRecord.START -> ids.passed(payload.getLong());
                default -> quarantine(segment, file, scan, "record of an unknown type");
            }
        } catch (RuntimeException e) {
            empty = false;
            quarantine(segment, file, scan, e.toString());
        }
    }

    private void message(Segment segment, SegmentScan scan) throws IOException {
        ByteBuffer payload = scan.payload();
        MessageRecord.Head head = MessageRecord.head(payload);
        boolean large = scan.type() == MessageRecord.LARGE;
        long octets = large ? payload.getLong() : payload.remaining();
        ids.passed(head.id().value());
        if (large && !hasContent(head.id(), octets)) {
            // Settled ones whose content is deleted already are the rule; of others their content is lost.
            missing.add(head.id().value());
        }
        Entry known = journal.find(head.id().value());
        // A message that was moved: what is known of its recipients stays.
        Entry entry = known != null
                ? known
                : new Entry(
                        head.id(), head.arrival(), head.envelope().recipients().size(), large, octets);
        int length = (int) (scan.end() - scan.offset());
        journal.place(entry, new Entry.Place(segment, scan.offset(), length, Frame.HEAD + head.octets()));
        if (entry.open.isEmpty()) {
            journal.remove(entry);
        }
    }

    private boolean hasContent(QueueId id, long octets) throws IOException {
        return contentSizes().getOrDefault(id.toString(), -1L) == octets;
    }

    private Map<String, Long> contentSizes() throws IOException {
        Map<String, Long> found = contentSizes;
        if (found == null) {
            found = new HashMap<>();
            for (String name : storage.list(JournalSource.CONTENT)) {
                try (StorageFile content = storage.open(JournalSource.CONTENT + '/' + name)) {
                    found.put(name, content.size());
                }
            }
            contentSizes = found;
        }
        return found;
    }

    /** Deletes content that no message has; where records were damaged, it may be one of theirs, and is kept. */
    private void checkContent() throws IOException {
        Set<String> wanted = new HashSet<>();
        for (Entry entry : List.copyOf(journal.entries())) {
            if (missing.contains(entry.id.value())) {
                damage = true;
                LOG.error("content of message {} is missing or too short; it can't be delivered", entry.id);
                journal.remove(entry);
            } else if (entry.large) {
                wanted.add(entry.id.toString());
            }
        }
        for (String name : storage.list(JournalSource.CONTENT)) {
            if (!wanted.contains(name)) {
                if (damage) {
                    storage.move(JournalSource.CONTENT + '/' + name, CORRUPT + '/' + name);
                } else {
                    storage.delete(JournalSource.CONTENT + '/' + name);
                }
            }
        }
    }

    private void quarantine(Segment segment, StorageFile file, SegmentScan scan, String why) throws IOException {
        damage = true;
        String name = segment.name.toString().replace(".log", "") + '-' + scan.offset();
        LOG.error(
                "segment {}: {} octets at {} are no sound record ({}); kept in {}/{}",
                segment,
                scan.end() - scan.offset(),
                scan.offset(),
                why,
                CORRUPT,
                name);
        // An earlier start may have been ended in the middle of it.
        storage.delete(CORRUPT + '/' + name);
        try (StorageFile copy = storage.create(CORRUPT + '/' + name)) {
            ByteBuffer octets = ByteBuffer.allocate(COPY_OCTETS);
            for (long at = scan.offset(); at < scan.end(); at += octets.limit()) {
                octets.clear().limit((int) Math.min(COPY_OCTETS, scan.end() - at));
                while (octets.hasRemaining()) {
                    if (file.read(octets, at + octets.position()) < 0) {
                        throw new IOException("segment became shorter while it was read");
                    }
                }
                octets.flip();
                copy.append(List.of(octets.duplicate()));
            }
            copy.force();
        }
        storage.syncFolder(CORRUPT);
    }
}
