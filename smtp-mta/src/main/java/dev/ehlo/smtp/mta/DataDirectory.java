package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;

/**
 * Where the server keeps what it keeps.
 *
 * @param path the directory, absolute
 */
record DataDirectory(Path path) {
    private static final int SECRET_OCTETS = 32;
    private static final Set<PosixFilePermission> OWNER_ALONE = PosixFilePermissions.fromString("rwx------");

    /**
     * The directory, made if it is not there. What is kept in it, keys and mail, is for its owner alone, whatever the
     * directory itself allows.
     *
     * @throws Failure if it can't be made or written
     */
    static DataDirectory at(Path path) throws Failure {
        Path absolute = path.toAbsolutePath().normalize();
        DataDirectory data = new DataDirectory(absolute);
        try {
            if (!Files.isDirectory(absolute)) {
                Files.createDirectories(absolute, PosixFilePermissions.asFileAttribute(OWNER_ALONE));
            }
            for (Path part : List.of(
                    data.mail(),
                    data.spool(),
                    data.certificate().getParent(),
                    data.control().getParent())) {
                Files.createDirectories(part);
                Files.setPosixFilePermissions(part, OWNER_ALONE);
            }
        } catch (FileAlreadyExistsException e) {
            throw new Failure("data directory " + absolute + " is in the way: a file, not a directory", e);
        } catch (IOException e) {
            throw new Failure("data directory " + absolute + " cannot be used: " + reason(e), e);
        }
        return data;
    }

    /** What an I/O error says, with the kind of error in front where the text alone would be a bare file name. */
    static String reason(IOException error) {
        String kind = error.getClass().getSimpleName().replace("Exception", "");
        return kind.equals("IO") ? String.valueOf(error.getMessage()) : kind + " " + error.getMessage();
    }

    Path users() {
        return path.resolve("users");
    }

    /**
     * By which logins that do not exist are told a salt of SCRAM, the same after a restart; drawn if it is not there.
     */
    byte[] loginSecret() throws IOException {
        Path file = path.resolve("login-secret");
        if (Files.exists(file)) {
            return Files.readAllBytes(file);
        }
        byte[] drawn = new byte[SECRET_OCTETS];
        new SecureRandom().nextBytes(drawn);
        Path next = file.resolveSibling("login-secret.next");
        Files.deleteIfExists(next);
        Files.createFile(next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(next, drawn);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        return drawn;
    }

    Path mail() {
        return path.resolve("mail");
    }

    /** Whom nothing is delivered to. */
    Path suppressed() {
        return path.resolve("suppressed");
    }

    /** Policies of MTA-STS of other domains. */
    Path mtaSts() {
        return path.resolve("mta-sts");
    }

    /** What is counted for reports on TLS. */
    Path tlsCounts() {
        return path.resolve("tls-counts.json");
    }

    Path spool() {
        return path.resolve("spool");
    }

    /** Where a running server is asked for something, see {@link ControlSocket}. */
    Path control() {
        return path.resolve("control").resolve("socket");
    }

    Path certificate() {
        return path.resolve("tls").resolve("cert.pem");
    }

    Path key() {
        return path.resolve("tls").resolve("key.pem");
    }
}
