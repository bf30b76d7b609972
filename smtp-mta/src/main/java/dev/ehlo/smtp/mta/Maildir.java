package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.MessageSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One user's mail: a file a message, written in {@code tmp}, synced, and then moved to {@code new}, where a reader finds
 * it whole or not at all. Octets are kept as they came, CRLF included. Used by many threads and processes at once.
 */
final class Maildir {
    private static final int BLOCK_OCTETS = 64 * 1024;
    private static final AtomicLong SEQUENCE = new AtomicLong();
    /** Those known to survive a crash; one for each user who has got mail since the start. */
    private static final Set<Path> MADE = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final String host;
    private final Clock clock;

    /**
     * @param directory the user's own, made when the first message comes
     * @param host ends the files' names, so that several hosts may deliver into one Maildir
     */
    Maildir(Path directory, String host, Clock clock) {
        this.directory = directory;
        this.host = host;
        this.clock = clock;
    }

    /** Delivers the header, which ends with CRLF, and the content behind it; on return the message will survive a crash. */
    void deliver(String header, MessageSource content) throws IOException {
        if (!MADE.contains(directory) || !Files.isDirectory(directory.resolve("new"))) {
            make();
        }
        String name = uniqueName();
        Path draft = directory.resolve("tmp").resolve(name);
        try {
            write(draft, header, content);
            Files.move(draft, directory.resolve("new").resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(draft);
            throw e;
        }
        sync(directory.resolve("new"));
    }

    /** A directory that a crash forgets takes the messages in it along, so each is synced into the one above it. */
    private void make() throws IOException {
        for (String part : new String[] {"tmp", "new", "cur"}) {
            Files.createDirectories(directory.resolve(part));
        }
        sync(directory);
        sync(directory.resolve(".."));
        sync(directory.resolve("..").resolve(".."));
        MADE.add(directory);
    }

    private static void sync(Path entries) throws IOException {
        try (FileChannel channel = FileChannel.open(entries, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void write(Path file, String header, MessageSource content) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                ReadableByteChannel in = content.open()) {
            ByteBuffer block = ByteBuffer.allocate(Math.max(BLOCK_OCTETS, header.length() * 4));
            block.put(header.getBytes(StandardCharsets.UTF_8));
            long left = content.octets();
            do {
                int read = in.read(block);
                left -= Math.max(read, 0);
                if (read < 0 && left > 0) {
                    throw new IOException("content ends " + left + " octets early");
                }
                block.flip();
                while (block.hasRemaining()) {
                    out.write(block);
                }
                block.clear();
            } while (left > 0);
            out.force(true);
        }
    }

    private String uniqueName() {
        Instant now = clock.instant();
        return now.getEpochSecond() + ".M" + now.getNano() / 1000 + "P"
                + ProcessHandle.current().pid() + "Q" + SEQUENCE.incrementAndGet() + "." + host;
    }
}
