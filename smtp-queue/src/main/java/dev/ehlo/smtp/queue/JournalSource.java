package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.queue.journal.Frame;
import dev.ehlo.smtp.queue.journal.Storage;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ReadableByteChannel;

/** The content of one message in the journal, or in its own file. */
record JournalSource(Entry entry, Storage storage) implements MessageSource {
    /** Below the spool: where large content is. */
    static final String CONTENT = "content";

    static String contentFile(QueueId id) {
        return CONTENT + '/' + id;
    }

    @Override
    public long octets() {
        return entry.contentOctets;
    }

    @Override
    public ReadableByteChannel open() throws IOException {
        if (entry.large) {
            StorageFile file = storage.open(contentFile(entry.id));
            return new Region(file::read, file::close, 0, entry.contentOctets);
        }
        Entry.Place place = acquire();
        Segment segment = place.segment();
        return new Region(segment::read, segment::release, place.offset() + place.contentStart(), entry.contentOctets);
    }

    /** What the record says but for the content. */
    MessageRecord.Head head() throws IOException {
        Entry.Place place = acquire();
        try {
            ByteBuffer head = ByteBuffer.allocate(place.contentStart() - Frame.HEAD);
            while (head.hasRemaining()) {
                if (place.segment().read(head, place.offset() + Frame.HEAD + head.position()) < 0) {
                    throw new IOException("message " + entry.id + " in the spool is shorter than recorded");
                }
            }
            return MessageRecord.head(head.flip());
        } finally {
            place.segment().release();
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
        throw new IOException("message " + entry.id + " is no longer in the spool");
    }

    private interface Reading {
        int read(ByteBuffer into, long position) throws IOException;
    }

    private interface Closing {
        void close() throws IOException;
    }

    /** A part of a file as a channel. Used by one thread. */
    private static final class Region implements ReadableByteChannel {
        private final Reading file;
        private final Closing closing;
        private final long end;
        private long position;
        private boolean closed;

        Region(Reading file, Closing closing, long start, long octets) {
            this.file = file;
            this.closing = closing;
            this.position = start;
            this.end = start + octets;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
            if (position == end) {
                return -1;
            }
            int count = (int) Math.min(into.remaining(), end - position);
            ByteBuffer part = into.slice(into.position(), count);
            int read = file.read(part, position);
            if (read < 0) {
                throw new IOException("content in the spool is shorter than recorded");
            }
            position += read;
            into.position(into.position() + read);
            return read;
        }

        @Override
        public boolean isOpen() {
            return !closed;
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                closing.close();
            }
        }
    }
}
