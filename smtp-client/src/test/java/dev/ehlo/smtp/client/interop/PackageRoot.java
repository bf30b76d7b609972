package dev.ehlo.smtp.client.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A root directory for a daemon whose paths and users are compiled in: its package, the libraries that it needs, and an
 * {@code /etc} where its users are. Nothing of this machine's is touched, and no user is made.
 */
final class PackageRoot {
    /** Where no distribution has users of its own. */
    private static final int FIRST_ID = 64_100;

    private static final Pattern LIBRARY = Pattern.compile("(/\\S+)");

    final Path directory;

    /** A copy of the unpacked package for these programs and users. */
    PackageRoot(Path directory, Path unpacked, String program, String... users) throws IOException {
        this.directory = Files.createDirectories(directory);
        copyTree(unpacked, directory);
        Process ldd = new ProcessBuilder("ldd", unpacked + program).start();
        Matcher library = LIBRARY.matcher(new String(ldd.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        while (library.find()) {
            Path copy = at(library.group(1));
            Files.createDirectories(parent(copy));
            Files.copy(Path.of(library.group(1)), copy, StandardCopyOption.REPLACE_EXISTING);
        }
        StringBuilder passwd = new StringBuilder("root:x:0:0::/:/bin/false\n");
        StringBuilder group = new StringBuilder("root:x:0:\nmail:x:8:\n");
        for (int i = 0; i < users.length; i++) {
            passwd.append("%s:x:%d:%2$d::/:/bin/false%n".formatted(users[i], FIRST_ID + i));
            group.append("%s:x:%d:%n".formatted(users[i], FIRST_ID + i));
        }
        write("/etc/passwd", passwd.toString());
        write("/etc/group", group.toString());
        write("/etc/hosts", "127.0.0.1 localhost\n");
        write("/dev/null", "");
        directory("/tmp");
        directory("/var/run");
    }

    Path at(String absolute) {
        return directory.resolve(absolute.substring(1));
    }

    void write(String absolute, String text) throws IOException {
        Files.createDirectories(parent(at(absolute)));
        Files.writeString(at(absolute), text);
        Files.setPosixFilePermissions(at(absolute), PosixFilePermissions.fromString("rw-r--r--"));
    }

    /** A directory that is root's. */
    Path directory(String absolute) throws IOException {
        return Files.createDirectories(at(absolute));
    }

    /** Gives a file or directory to the first user. */
    void give(Path file) throws IOException {
        Files.setAttribute(file, "unix:uid", FIRST_ID);
        Files.setAttribute(file, "unix:gid", FIRST_ID);
    }

    private static Path parent(Path file) {
        Path parent = file.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(file.toString());
        }
        return parent;
    }

    private static void copyTree(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                try {
                    Files.createDirectories(to.resolve(from.relativize(directory)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile() && !file.startsWith(from.resolve("usr/share"))) {
                    Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
