package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.server.Authenticator;
import dev.ehlo.smtp.server.ScramCredential;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.security.SecureRandom;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logins, each of which is a mailbox too: a file of lines {@code name:credential}, for its owner's eyes alone.
 * Another process may change the file at any time ({@code ehlo user add} beside a running server); the change is seen
 * at the next look-up. Used by many threads.
 */
final class Users implements Authenticator {
    /** What a name may be; it names a directory, so it holds no separator and begins with no dot. */
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");

    /** To a recipient at a local domain who is nobody: at RCPT, and for one removed before delivery. */
    static final Reply NO_SUCH_USER = Reply.of(550, "5.1.1", "No such user here");

    private static final Logger LOG = LoggerFactory.getLogger(Users.class);

    private final Path file;
    private final Set<String> localDomains;
    private final SecureRandom random = new SecureRandom();
    /** Checked in place of a login that is not there, so that the answer takes as long. */
    private final ScramCredential nobody;

    private volatile Snapshot snapshot = new Snapshot(null, -1, null, Map.of(), 0);

    /** The file as it was read last; {@code badLine} is the number of the first line that is no login, 0 without one. */
    private record Snapshot(
            @Nullable FileTime modified,
            long octets,
            @Nullable Object key,
            Map<String, ScramCredential> logins,
            int badLine) {}

    /** The logins in the file, which need not be there yet; a login may be written {@code name@localdomain} too. */
    Users(Path file, Set<String> localDomains) {
        this.file = file;
        this.localDomains = localDomains;
        this.nobody = ScramCredential.empty("", random);
    }

    /** The names, in the order they were added. */
    Set<String> names() throws IOException {
        return logins().keySet();
    }

    /**
     * The user who gets the mail for that local part at a local domain, compared without regard to case. Postmaster
     * is always somebody: the user of that name, or else the first one made. RFC 5321 §4.5.1.
     */
    Optional<String> mailboxOf(String localPart) throws IOException {
        Map<String, ScramCredential> logins = logins();
        String name = Octets.lowerAscii(localPart);
        if (logins.containsKey(name)) {
            return Optional.of(name);
        }
        return name.equals("postmaster") ? logins.keySet().stream().findFirst() : Optional.empty();
    }

    @Override
    public Optional<String> authenticate(String login, String password) {
        String name = nameOf(login);
        ScramCredential known;
        try {
            known = logins().get(name);
        } catch (IOException e) {
            // Not a wrong password: a client told so would throw a good one away.
            throw new UncheckedIOException("logins cannot be read", e);
        }
        boolean matches = (known == null ? nobody : known).keyOf(password).isPresent();
        return matches && known != null ? Optional.of(name) : Optional.empty();
    }

    private String nameOf(String login) {
        int at = login.lastIndexOf('@');
        boolean local = at > 0 && localDomains.contains(DomainGrammar.toAscii(login.substring(at + 1)));
        return Octets.lowerAscii(local ? login.substring(0, at) : login);
    }

    /**
     * Adds a login, or gives one that is there a new password.
     *
     * @throws Failure if the name is none
     */
    void add(String name, String password) throws IOException, Failure {
        if (!NAME.matcher(name).matches()) {
            throw new Failure("a login is 1 to 64 of a-z 0-9 . _ - and begins with a letter or digit");
        }
        ScramCredential credential;
        try {
            credential = ScramCredential.of(name, password, random);
        } catch (IllegalArgumentException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
        change(logins -> logins.put(name, credential));
    }

    /** Removes a login, not its mail; false if there is none of that name. */
    boolean remove(String name) throws IOException {
        return change(logins -> logins.remove(name)) != null;
    }

    private interface Change {
        @Nullable
        ScramCredential apply(Map<String, ScramCredential> logins);
    }

    /** One process at a time reads, changes and replaces the file, so that no change is lost. */
    private @Nullable ScramCredential change(Change change) throws IOException {
        Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (!lock.isValid()) {
                throw new IOException(lockFile + " cannot be locked");
            }
            Map<String, ScramCredential> logins = new LinkedHashMap<>(logins());
            int bad = snapshot.badLine();
            if (bad > 0) {
                // To write the file anew would be to delete what somebody wrote there by hand.
                throw new IOException("line " + bad + " of " + file + " is no login: mend or remove it first");
            }
            ScramCredential before = change.apply(logins);
            write(logins);
            return before;
        }
    }

    private void write(Map<String, ScramCredential> logins) throws IOException {
        StringBuilder lines = new StringBuilder();
        logins.forEach((name, credential) ->
                lines.append(name).append(':').append(credential.encode()).append('\n'));
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

    private Map<String, ScramCredential> logins() throws IOException {
        BasicFileAttributes now;
        try {
            now = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            snapshot = new Snapshot(null, -1, null, Map.of(), 0);
            return Map.of();
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
        return seen.logins;
    }

    private Snapshot read(BasicFileAttributes now) throws IOException {
        Map<String, ScramCredential> logins = new LinkedHashMap<>();
        int badLine = 0;
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            int colon = line.indexOf(':');
            try {
                if (colon > 0 && NAME.matcher(line.substring(0, colon)).matches()) {
                    String name = line.substring(0, colon);
                    logins.put(name, ScramCredential.parse(name, line.substring(colon + 1)));
                    continue;
                }
            } catch (IllegalArgumentException e) {
                LOG.debug("line {} of {}", number, file, e);
            }
            LOG.warn("line {} of {} is no login and is passed over", number, file);
            badLine = badLine == 0 ? number : badLine;
        }
        return new Snapshot(
                now.lastModifiedTime(), now.size(), now.fileKey(), Collections.unmodifiableMap(logins), badLine);
    }
}
