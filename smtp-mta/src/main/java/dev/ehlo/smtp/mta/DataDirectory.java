package dev.ehlo.smtp.mta;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where the server keeps what it keeps.
 *
 * @param path the directory, absolute
 */
record DataDirectory(Path path) {
    /**
     * The directory, made if it is not there, for its owner alone: it holds keys and mail.
     *
     * @throws Failure if it can't be made or written
     */
    static DataDirectory at(Path path) throws Failure {
        Path absolute = path.toAbsolutePath().normalize();
        try {
            if (!Files.isDirectory(absolute)) {
                Files.createDirectories(
                        absolute, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
        } catch (FileAlreadyExistsException e) {
            throw new Failure("data directory " + absolute + " is in the way: a file, not a directory", e);
        } catch (IOException e) {
            throw new Failure("data directory " + absolute + " cannot be made: " + reason(e), e);
        }
        if (!Files.isWritable(absolute)) {
            throw new Failure("data directory " + absolute + " cannot be written");
        }
        return new DataDirectory(absolute);
    }

    /** What an I/O error says, with the kind of error in front where the text alone would be a bare file name. */
    static String reason(IOException error) {
        String kind = error.getClass().getSimpleName().replace("Exception", "");
        return kind.equals("IO") ? String.valueOf(error.getMessage()) : kind + " " + error.getMessage();
    }

    Path users() {
        return path.resolve("users");
    }

    Path mail() {
        return path.resolve("mail");
    }

    Path spool() {
        return path.resolve("spool");
    }

    Path certificate() {
        return path.resolve("tls").resolve("cert.pem");
    }

    Path key() {
        return path.resolve("tls").resolve("key.pem");
    }
}
