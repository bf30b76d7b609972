package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.Records;
import dev.ehlo.smtp.queue.journal.SegmentIndex;
import dev.ehlo.smtp.queue.journal.SegmentName;
import dev.ehlo.smtp.queue.journal.SegmentScan;
import dev.ehlo.smtp.queue.journal.Storage;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the segments, or what index files say of them, from the oldest to the newest and brings the index to where it
 * was. Damage goes to the folder {@code corrupt} and is reported, and the scan goes on. A torn tail goes there too,
 * before it is cut: most likely nothing in it was acknowledged, but a record with a damaged length looks the same.
 * Used by one thread, once.
 */
final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final Journal journal;
    private final Storage storage;
    private final QueueIds ids;
    private final Quarantine quarantine;
    private final ByteBuffer outline = ByteBuffer.allocate(MessageRecord.OUTLINE);
    private boolean damage;
    private int indexed;
    /** Whether the segment being read has nothing but its beginning. */
    private boolean empty;

    Recovery(Journal journal, QueueIds ids) {
        this.journal = journal;
        this.storage = journal.storage;
        this.ids = ids;
        this.quarantine = new Quarantine(storage);
    }

    void run() throws IOException {
        Set<String> files = new HashSet<>(storage.list(""));
        List<SegmentName> names = files.stream()
                .map(SegmentName::parse)
                .flatMap(Optional::stream)
                .sorted()
                .toList();
        deleteOrphans(files);
        for (SegmentName name : names) {
            load(name, files.contains(name.index()));
        }
        journal.deleteSettledContent();
        checkContent();
        quarantine.report();
        if (journal.entries().size() > 0) {
            LOG.info(
                    "spool {} recovered: {} messages in {} segments, {} of them by their index",
                    storage,
                    journal.entries().size(),
                    names.size(),
                    indexed);
        }
    }

    /** Tells of what has recipients to settle, oldest first. */
    void handOver(SpoolOwner owner) {
        for (long id : journal.entries().ids()) {
            Entry entry = journal.find(id);
            if (entry != null) {
                owner.owns(entry.id(), entry.pending(), new MessageTraits(entry.traits));
            }
        }
    }

    /** Of segments that are gone, and of indexes that were not finished. */
    private void deleteOrphans(Set<String> files) {
        for (String file : files) {
            if (SegmentName.isTemporary(file)
                    || SegmentName.ofIndex(file)
                            .filter(segment -> !files.contains(segment.toString()))
                            .isPresent()) {
                try {
                    storage.delete(file);
                } catch (IOException e) {
                    LOG.warn("{} is of no use, and could not be deleted", file, e);
                }
            }
        }
    }

    private void load(SegmentName name, boolean hasIndex) throws IOException {
        journal.passed(name);
        empty = true;
        long octets = Math.max(0, storage.size(name.toString()));
        Segment segment = new Segment(name, storage, octets);
        Optional<SegmentIndex> index = hasIndex ? index(name, octets) : Optional.empty();
        if (index.isPresent()) {
            replay(segment, index.get());
        } else {
            scan(segment);
        }
        if (empty) {
            // As a start without mail leaves it; no other record in it, so that its place in the order does not matter.
            segment.drop();
        } else {
            journal.add(segment);
        }
    }

    private Optional<SegmentIndex> index(SegmentName name, long octets) {
        try {
            Optional<SegmentIndex> index = SegmentIndex.read(storage, name, octets);
            if (index.isEmpty()) {
                LOG.warn("index of segment {} is not sound; the segment is read instead", name);
                storage.delete(name.index());
            }
            return index;
        } catch (IOException e) {
            LOG.warn("index of segment {} is of no use; the segment is read instead", name, e);
            return Optional.empty();
        }
    }

    private void replay(Segment segment, SegmentIndex index) {
        indexed++;
        segment.hasIndex();
        while (index.next()) {
            record(segment, index, index.payload(), true);
        }
    }

    private void scan(Segment segment) throws IOException {
        try (StorageFile file = storage.open(segment.name.toString())) {
            SegmentScan scan = new SegmentScan(file, segment.name.mark(), 0);
            for (SegmentScan.Found found = scan.next(); found != SegmentScan.Found.END; found = scan.next()) {
                switch (found) {
                    case RECORD -> record(segment, file, scan);
                    case DAMAGED -> damaged(segment, file, scan, "no record");
                    case TORN -> torn(segment, file, scan);
                    case END -> throw new IllegalStateException("loop ends before");
                }
            }
            // What a killed process had written may be in memory only, and older segments go for what is moved to it.
            file.force();
        }
    }

    private void record(Segment segment, StorageFile file, SegmentScan scan) {
        String wrong = "record of an unknown type";
        try {
            ByteBuffer said = MessageRecord.outline(scan.type(), scan.payload(), outline);
            if (record(segment, scan, said, false)) {
                return;
            }
        } catch (RuntimeException e) {
            wrong = e.toString();
        }
        damaged(segment, file, scan, wrong);
    }

    /** False if it is of no type that is known. */
    private boolean record(Segment segment, Records at, ByteBuffer said, boolean unverified) {
        byte type = at.type();
        empty &= type == MessageRecord.START;
        if (MessageRecord.isMessage(type)) {
            message(segment, at, said, unverified);
            return true;
        }
        switch (type) {
            case MessageRecord.SETTLED, MessageRecord.DEFERRED -> journal.progress(type, said);
            case MessageRecord.START -> ids.passed(said.getLong());
            default -> {
                return false;
            }
        }
        return true;
    }

    private void message(Segment segment, Records at, ByteBuffer outline, boolean unverified) {
        QueueId id = new QueueId(outline.getLong());
        long arrival = outline.getLong();
        int recipients = outline.getInt();
        int head = outline.getInt();
        long octets = outline.getLong();
        long traits = outline.getLong();
        ids.passed(id.value());
        Entry known = journal.find(id.value());
        // A message that was moved: what is known of its recipients stays.
        Entry entry = known != null
                ? known
                : new Entry(
                        id.value(),
                        arrival,
                        recipients,
                        MessageRecord.isLarge(at.type()),
                        MessageRecord.needsStuffing(at.type()),
                        octets);
        entry.unverified = unverified;
        entry.traits = traits;
        journal.place(entry, new Entry.Place(segment, at.offset(), (int) (at.end() - at.offset()), head));
        if (entry.isSettled()) {
            journal.remove(entry);
        }
    }

    private void damaged(Segment segment, StorageFile file, SegmentScan scan, String why) {
        damage = true;
        empty = false;
        segment.indexable = false;
        String kept = keep(segment, file, scan);
        LOG.error(
                "segment {}: {} octets at {} are no sound record ({}); {}",
                segment,
                scan.end() - scan.offset(),
                scan.offset(),
                why,
                kept == null ? "not copied, and the segment stays until a start can" : "kept in " + kept);
        if (kept == null) {
            segment.alive += scan.end() - scan.offset();
        }
    }

    private void torn(Segment segment, StorageFile file, SegmentScan scan) throws IOException {
        damage = true;
        segment.octets = scan.offset();
        String kept = keep(segment, file, scan);
        if (kept == null) {
            empty = false;
            segment.indexable = false;
            segment.alive += scan.end() - scan.offset();
            LOG.error(
                    "segment {}: an unfinished write at {}, left there as it can't be copied", segment, scan.offset());
        } else {
            LOG.error(
                    "segment {}: an unfinished write at {}, cut off; {} octets kept in {}",
                    segment,
                    scan.offset(),
                    scan.end() - scan.offset(),
                    kept);
            file.truncate(scan.offset());
            file.force();
        }
    }

    /** Null if it can't be, as where the disk is full: what is sound can be delivered nevertheless. */
    private @Nullable String keep(Segment segment, StorageFile file, SegmentScan scan) {
        try {
            return quarantine.copy(segment.name, file, scan.offset(), scan.end());
        } catch (IOException e) {
            LOG.warn("spool {}: what is damaged could not be copied", storage, e);
            return null;
        }
    }

    /** Deletes content that no message has; where records were damaged, it may be one of theirs, and is kept. */
    private void checkContent() throws IOException {
        List<Entry> large = new ArrayList<>();
        journal.entries().forEach(entry -> {
            if (entry.large) {
                large.add(entry);
            }
        });
        for (Entry entry : large) {
            if (storage.size(JournalSource.contentFile(entry.id())) != entry.contentOctets) {
                damage = true;
                withoutContent(entry);
            }
        }
        List<String> orphans = new ArrayList<>();
        storage.list(JournalSource.CONTENT, name -> {
            if (!isWanted(name)) {
                orphans.add(name);
            }
        });
        for (String name : orphans) {
            if (damage) {
                quarantine.move(JournalSource.CONTENT + '/' + name, name);
            } else {
                storage.delete(JournalSource.CONTENT + '/' + name);
            }
        }
    }

    /** Its record tells at least from whom and to whom it was. */
    private void withoutContent(Entry entry) {
        Entry.Place place = entry.place;
        String kept = null;
        try {
            kept = new JournalSource(entry, storage).setAside();
        } catch (IOException e) {
            LOG.warn("spool {}: what is left of message {} could not be set aside", storage, entry.id(), e);
        }
        LOG.error(
                "content of message {} is missing or too short, so that it can't be delivered; {}",
                entry.id(),
                kept == null
                        ? "its record stays in its segment until a start can copy it"
                        : "its record kept in " + kept);
        journal.remove(entry);
        if (kept == null && place != null) {
            place.segment().alive += place.octets();
        }
    }

    private boolean isWanted(String name) {
        try {
            Entry entry = journal.find(QueueId.parse(name).value());
            return entry != null && entry.large;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
