package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.server.ScramCredential;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logins as they are on disk: lines {@code name:credential}, and {@code name:{CERTIFICATE-SHA-256}digits} below it
 * for each certificate, for their owner's eyes alone. A version that does not know a line passes it over, and writes
 * nothing before it is gone. Another process may change the file at any time, and that is seen at the next look. Used by
 * many threads.
 */
final class UsersFile {
    /** What a name may be; it names a directory, so it holds no separator and begins with no dot. */
    static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    private static final String CERTIFICATE = "{CERTIFICATE-SHA-256}";
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    /** Within the process; a lock of the file's keeps out other processes. */
    private static final ReentrantLock CHANGING = new ReentrantLock();

    private static final Logger LOG = LoggerFactory.getLogger(UsersFile.class);

    private final Path file;

    private volatile Snapshot snapshot = new Snapshot(null, -1, null, Map.of(), Map.of(), 0);

    /** The file as it was read last; {@code badLine} is the number of the first line that is no login, 0 without one. */
    private record Snapshot(
            @Nullable FileTime modified,
            long octets,
            @Nullable Object key,
            Map<String, Login> logins,
            Map<String, String> owners,
            int badLine) {}

    /** That file, which need not be there yet. */
    UsersFile(Path file) {
        this.file = file;
    }

    /** By name, in the order they were added. Unmodifiable. */
    Map<String, Login> logins() throws IOException {
        return snapshot().logins;
    }

    /** The name of the login whose certificate has that SHA-256, or null. */
    @Nullable
    String owner(String fingerprint) throws IOException {
        return snapshot().owners.get(fingerprint);
    }

    /** What is to become of the logins. */
    interface Change {
        void apply(Map<String, Login> logins) throws Failure;
    }

    /** One at a time reads, changes and replaces the file, so that no change is lost. */
    void change(Change change) throws IOException, Failure {
        CHANGING.lock();
        try {
            changeAlone(change);
        } finally {
            CHANGING.unlock();
        }
    }

    private void changeAlone(Change change) throws IOException, Failure {
        Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!lock.isValid()) {
                throw new IOException(lockFile + " cannot be locked");
            }
            Snapshot now = snapshot();
            if (now.badLine > 0) {
                // To write the file anew would be to delete what somebody wrote there by hand.
                throw new IOException("line " + now.badLine + " of " + file + " is no login: mend or remove it first");
            }
            Map<String, Login> logins = new LinkedHashMap<>(now.logins);
            change.apply(logins);
            write(logins);
        }
    }

    private void write(Map<String, Login> logins) throws IOException {
        StringBuilder lines = new StringBuilder();
        logins.forEach((name, login) -> {
            lines.append(name).append(':').append(login.credential().encode()).append('\n');
            for (String fingerprint : new TreeSet<>(login.certificates())) {
                lines.append(name)
                        .append(':')
                        .append(CERTIFICATE)
                        .append(fingerprint)
                        .append('\n');
            }
        });
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.deleteIfExists(next);
        Files.createFile(next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
            ByteBuffer octets = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.US_ASCII));
            while (octets.hasRemaining()) {
                channel.write(octets);
            }
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private Snapshot snapshot() throws IOException {
        BasicFileAttributes now;
        try {
            now = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            Snapshot none = new Snapshot(null, -1, null, Map.of(), Map.of(), 0);
            snapshot = none;
            return none;
        }
        Snapshot seen = snapshot;
        boolean same = now.lastModifiedTime().equals(seen.modified)
                && now.size() == seen.octets
                && now.fileKey() != null
                && now.fileKey().equals(seen.key);
        if (!same) {
            seen = read(now);
            snapshot = seen;
        }
        return seen;
    }

    private Snapshot read(BasicFileAttributes now) throws IOException {
        Map<String, Login> logins = new LinkedHashMap<>();
        Map<String, String> owners = new HashMap<>();
        int badLine = 0;
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            try {
                read(line, logins, owners);
            } catch (IllegalArgumentException e) {
                LOG.debug("line {} of {}", number, file, e);
                LOG.warn("line {} of {} is no login and is passed over", number, file);
                badLine = badLine == 0 ? number : badLine;
            }
        }
        return new Snapshot(
                now.lastModifiedTime(),
                now.size(),
                now.fileKey(),
                Collections.unmodifiableMap(logins),
                Collections.unmodifiableMap(owners),
                badLine);
    }

    private static void read(String line, Map<String, Login> logins, Map<String, String> owners) {
        int colon = line.indexOf(':');
        String name = line.substring(0, Math.max(colon, 0));
        String value = line.substring(colon + 1);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("no name of a login");
        }
        if (!value.startsWith(CERTIFICATE)) {
            if (logins.containsKey(name)) {
                throw new IllegalArgumentException("a login that is there already");
            }
            logins.put(name, new Login(ScramCredential.parse(name, value)));
            return;
        }
        String fingerprint = value.substring(CERTIFICATE.length());
        Login login = logins.get(name);
        if (login == null || !SHA_256.matcher(fingerprint).matches()) {
            throw new IllegalArgumentException("a certificate of nobody, or none");
        }
        if (owners.putIfAbsent(fingerprint, name) != null) {
            throw new IllegalArgumentException("a certificate that is there already");
        }
        logins.put(name, login.withCertificate(fingerprint));
    }
}
