package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.grammar.Octets;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The suppression list on disk, for its owner's eyes alone: changes are appended, each safe before the next, and now and
 * then all is written anew beside it and takes its place.
 *
 * <pre>
 *   ehlo suppressions 1
 *   add SINCE UNTIL TARGET REASON       times as in ISO 8601; "-" for no end
 *   remove TARGET
 * </pre>
 *
 * <p>Guarded by its one user.
 */
final class SuppressionFile implements AutoCloseable {
    /** More than the longest list has, with as many changes. */
    private static final long MOST_OCTETS = 256L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(SuppressionFile.class);
    /** Changes that a file may have, beside twice as many as it would have lines if it were written anew. */
    private static final int SPARE = 100;

    private static final String FIRST = "ehlo suppressions 1";
    private static final String NO_END = "-";
    private static final Set<OpenOption> ANEW =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);

    private final Path file;
    private @Nullable FileChannel channel;
    /** Lines that were written since the last one that all was written anew by. */
    private int changes;

    SuppressionFile(Path file) {
        this.file = file.toAbsolutePath();
    }

    /**
     * Reads what there is into the map; of a line that a crash has cut nothing was promised.
     *
     * @throws IOException if the file can't be read or is none of ours; nothing has changed then
     */
    void read(Map<String, Suppression> into) throws IOException {
        String text;
        try {
            if (Files.size(file) > MOST_OCTETS) {
                throw new IOException(file + ": too long for a list of suppressions");
            }
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return;
        }
        String[] lines = text.split("\n", -1);
        if (!lines[0].equals(FIRST)) {
            throw new IOException(file + ": not a list of suppressions of a version that this one knows");
        }
        for (int i = 1; i < lines.length - 1; i++) {
            try {
                apply(lines[i], into);
            } catch (IllegalArgumentException | DateTimeException e) {
                throw new IOException(file + ", line " + (i + 1) + ": " + Octets.printable(lines[i]), e);
            }
            changes++;
        }
        if (!lines[lines.length - 1].isEmpty()) {
            LOG.warn("{}: the last line is cut short, as by a crash, and left out", file);
        }
    }

    private static void apply(String line, Map<String, Suppression> into) {
        String[] words = line.split(" ", 5);
        if (words.length == 5 && words[0].equals("add")) {
            Instant until = words[2].equals(NO_END) ? null : Instant.parse(words[2]);
            into.put(words[3], new Suppression(words[3], words[4], Instant.parse(words[1]), until));
        } else if (words.length == 2 && words[0].equals("remove")) {
            into.remove(words[1]);
        } else {
            throw new IllegalArgumentException("neither added nor removed");
        }
    }

    private static String added(Suppression one) {
        Instant until = one.until();
        return "add " + one.since() + ' ' + (until == null ? NO_END : until) + ' ' + one.target() + ' ' + one.reason()
                + '\n';
    }

    void add(Collection<Suppression> more, Collection<Suppression> all) throws IOException {
        StringBuilder lines = new StringBuilder();
        more.forEach(one -> lines.append(added(one)));
        write(lines.toString(), more.size(), all);
    }

    void remove(String target, Collection<Suppression> all) throws IOException {
        write("remove " + target + '\n', 1, all);
    }

    /** @param all what the file is to say after that, which is written where it is time to, or nobody knows what it says */
    private void write(String lines, int count, Collection<Suppression> all) throws IOException {
        FileChannel open = channel;
        if (open == null || changes > 2 * all.size() + SPARE) {
            rewrite(all);
            return;
        }
        try {
            writeAll(open, lines);
            open.force(true);
            changes += count;
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Makes the file say that, whole or not at all. */
    private void rewrite(Collection<Suppression> all) throws IOException {
        close();
        Path next = file.resolveSibling(file.getFileName() + ".next");
        FileChannel open = FileChannel.open(next, ANEW, owners());
        try {
            StringBuilder text = new StringBuilder(FIRST).append('\n');
            for (Suppression one : all) {
                text.append(added(one));
            }
            writeAll(open, text.toString());
            open.force(true);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncFolder();
        } catch (IOException e) {
            open.close();
            throw e;
        }
        channel = open;
        changes = all.size();
    }

    private FileAttribute<?>[] owners() {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }

    private void syncFolder() throws IOException {
        Path folder = file.getParent();
        if (folder != null) {
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        }
    }

    private static void writeAll(FileChannel open, String text) throws IOException {
        ByteBuffer octets = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (octets.hasRemaining()) {
            open.write(octets);
        }
    }

    /** What is written next makes the file anew. */
    @Override
    public void close() throws IOException {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }
}
