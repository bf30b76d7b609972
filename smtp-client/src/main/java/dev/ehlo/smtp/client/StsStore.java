package dev.ehlo.smtp.client;

import dev.ehlo.smtp.tls.reactor.Escaped;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Policies on disk, a file for each domain, replaced as a whole; what is there is the memory of a domain's promise, which
 * a restart must not lose. Used by one thread, which may block. RFC 8461 §3.3, §5.1.
 */
final class StsStore {
    /** Domains kept; policies of others are in memory alone. */
    static final int MAX_FILES = 20_000;

    private static final Logger LOG = LoggerFactory.getLogger(StsStore.class);

    private final Path directory;
    private int files = -1;

    /**
     * A policy with when it was fetched.
     *
     * @param id what DNS called it then
     */
    record Kept(String id, Instant fetched, StsPolicy policy) {
        boolean isGood(Instant now) {
            return now.isBefore(fetched.plus(policy.maxAge()));
        }
    }

    StsStore(Path directory) {
        this.directory = directory;
    }

    /** That of the domain, a name in A-labels; null if there is none, or it is not good any more. */
    @Nullable
    Kept read(String domain, Instant now) {
        try {
            return parse(directory.resolve(domain)).filter(k -> k.isGood(now)).orElse(null);
        } catch (NoSuchFileException none) {
            return null;
        } catch (IOException e) {
            LOG.warn("a policy of MTA-STS can't be read in {}", directory, Escaped.error(e));
            return null;
        }
    }

    void write(String domain, Kept kept, Instant now) {
        try {
            Files.createDirectories(directory);
            if (files < 0 || files >= MAX_FILES) {
                files = sweep(now);
            }
            Path file = directory.resolve(domain);
            boolean isNew = !Files.exists(file);
            if (isNew && files >= MAX_FILES) {
                return;
            }
            // A name that no domain has, as none begins so.
            Path beside = directory.resolve("-new");
            String text = kept.id + ' ' + kept.fetched.getEpochSecond() + "\r\n" + kept.policy.text();
            try (FileChannel channel = FileChannel.open(
                    beside,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                ByteBuffer octets = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (octets.hasRemaining()) {
                    channel.write(octets);
                }
                channel.force(true);
            }
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel folder = FileChannel.open(directory, StandardOpenOption.READ)) {
                folder.force(true);
            }
            files += isNew ? 1 : 0;
        } catch (IOException e) {
            LOG.warn("a policy of MTA-STS can't be kept in {}", directory, Escaped.error(e));
        }
    }

    /** Deletes what is not good any more, and says how many are. */
    private int sweep(Instant now) throws IOException {
        int good = 0;
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            for (Path each : all) {
                Optional<Kept> policy = Files.isRegularFile(each) ? parse(each) : Optional.empty();
                if (policy.filter(k -> !k.isGood(now)).isPresent()) {
                    Files.delete(each);
                } else if (policy.isPresent()) {
                    good++;
                }
            }
        }
        return good;
    }

    private static Optional<Kept> parse(Path file) throws IOException {
        if (Files.size(file) > 2 * StsPolicy.MAX_OCTETS) {
            return Optional.empty();
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        int end = text.indexOf("\r\n");
        String[] head = text.substring(0, Math.max(0, end)).split(" ", -1);
        if (head.length != 2 || !head[1].matches("[0-9]{1,12}")) {
            return Optional.empty();
        }
        Instant fetched = Instant.ofEpochSecond(Long.parseLong(head[1]));
        return StsPolicy.parse(text.substring(end + 2)).map(policy -> new Kept(head[0], fetched, policy));
    }
}
