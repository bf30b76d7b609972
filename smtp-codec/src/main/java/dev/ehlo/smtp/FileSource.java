package dev.ehlo.smtp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The content of a whole file. */
record FileSource(Path path, long octets) implements MessageSource {
    @Override
    public ReadableByteChannel open() throws IOException {
        return new Region(FileChannel.open(path, StandardOpenOption.READ), octets);
    }

    private static final class Region implements FileRegion {
        private final FileChannel file;
        private final long end;
        private long position;

        Region(FileChannel file, long end) {
            this.file = file;
            this.end = end;
        }

        @Override
        public FileChannel file() {
            return file;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public long remaining() {
            return end - position;
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            if (!file.isOpen()) {
                throw new ClosedChannelException();
            }
            if (position == end) {
                return -1;
            }
            int limit = into.limit();
            into.limit((int) Math.min(limit, into.position() + end - position));
            try {
                int octets = file.read(into, position);
                position += Math.max(octets, 0);
                return octets;
            } finally {
                into.limit(limit);
            }
        }

        @Override
        public boolean isOpen() {
            return file.isOpen();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
