package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.FileRegion;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.queue.journal.Frame;
import dev.ehlo.smtp.queue.journal.Storage;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** The content of one message in the journal, or in its own file. */
record JournalSource(Entry entry, Storage storage) implements MessageSource {
    /** Below the spool: where large content is. */
    static final String CONTENT = "content";

    /** A record is not what was written. */
    static final class DamagedException extends IOException {
        private static final long serialVersionUID = 1;

        DamagedException(String message) {
            super(message);
        }
    }

    static String contentFile(QueueId id) {
        return CONTENT + '/' + id;
    }

    @Override
    public long octets() {
        return entry.contentOctets;
    }

    @Override
    public boolean needsStuffing() {
        return entry.stuffing;
    }

    @Override
    public ReadableByteChannel open() throws IOException {
        if (entry.large) {
            StorageFile file = storage.open(contentFile(entry.id()));
            return FileRegion.of(file.channel(), 0, entry.contentOctets, file);
        }
        Entry.Place place = acquire();
        Segment segment = place.segment();
        try {
            long start = place.offset() + Frame.HEAD + place.headOctets();
            return FileRegion.of(segment.file().channel(), start, entry.contentOctets, segment::release);
        } catch (IOException e) {
            segment.release();
            throw e;
        }
    }

    /**
     * What the record says but for the content. A record that was not read since the start is read whole.
     *
     * @throws DamagedException if it is not sound
     */
    MessageRecord.Head head() throws IOException {
        Entry.Place place = acquire();
        try {
            boolean whole = entry.unverified;
            ByteBuffer octets = whole ? ByteBuffer.allocate(place.octets()) : ByteBuffer.allocate(place.headOctets());
            long start = place.offset() + (whole ? 0 : Frame.HEAD);
            while (octets.hasRemaining()) {
                if (place.segment().read(octets, start + octets.position()) < 0) {
                    throw new DamagedException("message " + entry.id() + " is shorter than recorded");
                }
            }
            octets.flip();
            if (whole) {
                if (!Frame.isSound(octets, place.segment().name.mark())) {
                    throw new DamagedException("message " + entry.id() + " is no sound record");
                }
                octets.position(Frame.HEAD);
            }
            MessageRecord.Head head = MessageRecord.head(octets);
            if (!head.id().equals(entry.id())) {
                throw new DamagedException("message " + entry.id() + " has the record of another");
            }
            entry.unverified = false;
            return head;
        } catch (IllegalArgumentException e) {
            throw new DamagedException("message " + entry.id() + " has no sound head: " + e.getMessage());
        } finally {
            place.segment().release();
        }
    }

    /** Keeps what is damaged, and answers with the name. */
    String setAside() throws IOException {
        Quarantine quarantine = new Quarantine(storage);
        if (entry.large) {
            quarantine.move(contentFile(entry.id()), entry.id().toString());
        }
        Entry.Place place = acquire();
        Segment segment = place.segment();
        try {
            return quarantine.copy(segment.name, segment.file(), place.offset(), place.offset() + place.octets());
        } finally {
            segment.release();
        }
    }

    /** Where the record stands; its segment stays until it is released. */
    private Entry.Place acquire() throws IOException {
        Entry.Place place = entry.place;
        while (place != null) {
            if (place.segment().acquire()) {
                return place;
            }
            Entry.Place now = entry.place;
            place = place.equals(now) ? null : now;
        }
        throw new IOException("message " + entry.id() + " is no longer in the spool");
    }
}
