package dev.ehlo.smtp.queue.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A directory of the file system, locked against other processes from opening to closing. What it makes is for its
 * owner alone, as far as the file system knows owners.
 */
public final class DirectoryStorage implements Storage {
    private static final String LOCK = "lock";
    private static final FileAttribute<?>[] NONE = {};
    private static final FileAttribute<?>[] OWNERS_FOLDER = {
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
    };
    private static final FileAttribute<?>[] OWNERS_FILE = {
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
    };

    /** Those of this process: one that closes a lock file, by whichever channel, loses its lock of it. */
    private static final Set<Path> LOCKED = ConcurrentHashMap.newKeySet();

    private final Path directory;
    /** The directory, by the name that all its names lead to. */
    private final Path real;

    private final boolean posix;
    private final Syncs syncs;
    private final FileStore store;
    private final FileChannel lockFile;

    /**
     * Makes the directory if it is not there, and locks it.
     *
     * @param synced whether what is made durable outlives the system, and not only the process
     * @param folders those in which several threads create files: there and durable from the start, so that no file
     *     can be synced into a folder that is not
     * @throws IOException if it is in use by another process, or can't be used
     */
    public DirectoryStorage(Path directory, boolean synced, String... folders) throws IOException {
        this.directory = directory;
        syncs = new Syncs(synced);
        posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
        makeFolder(directory.toAbsolutePath());
        store = Files.getFileStore(directory);
        real = directory.toRealPath();
        lockFile = lock();
        try {
            for (String folder : folders) {
                makeFolder(directory.resolve(folder).toAbsolutePath());
            }
            // Also for those that were there: who made them may have been killed before it came to this.
            sync(directory);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private FileChannel lock() throws IOException {
        if (!LOCKED.add(real)) {
            throw new IOException("spool directory " + directory + " is in use by this process");
        }
        try {
            FileChannel file =
                    openForOwner(directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locked(file)) {
                file.close();
                throw new IOException("spool directory " + directory + " is in use by another process");
            }
            return file;
        } catch (IOException e) {
            LOCKED.remove(real);
            throw e;
        }
    }

    private FileChannel openForOwner(Path file, OpenOption... options) throws IOException {
        return FileChannel.open(file, Set.of(options), posix ? OWNERS_FILE : NONE);
    }

    private static boolean locked(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            // Another copy of this class has it: no less in use.
            return false;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** A folder that is not durable would take its files along, so each new one is synced into its parent. */
    private void makeFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Path parent = folder.getParent();
            if (parent != null) {
                makeFolder(parent);
            }
            Files.createDirectories(folder, posix ? OWNERS_FOLDER : NONE);
            if (parent != null) {
                sync(parent);
            }
        }
    }

    private void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            syncs.force(channel, true);
        }
    }

    @Override
    public void list(String folder, Consumer<String> name) throws IOException {
        Path path = directory.resolve(folder);
        if (Files.isDirectory(path)) {
            try (Stream<Path> files = Files.list(path)) {
                files.filter(Files::isRegularFile).forEach(file -> name.accept(String.valueOf(file.getFileName())));
            }
        }
    }

    @Override
    public long size(String path) throws IOException {
        try {
            return Files.size(directory.resolve(path));
        } catch (NoSuchFileException e) {
            return -1;
        }
    }

    @Override
    public StorageFile create(String path) throws IOException {
        Path file = directory.resolve(path).toAbsolutePath();
        Path folder = file.getParent();
        if (folder != null) {
            makeFolder(folder);
        }
        return new ChannelFile(
                openForOwner(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE),
                syncs);
    }

    @Override
    public StorageFile open(String path) throws IOException {
        return new ChannelFile(
                FileChannel.open(directory.resolve(path), StandardOpenOption.READ, StandardOpenOption.WRITE), syncs);
    }

    @Override
    public void delete(String path) throws IOException {
        Files.deleteIfExists(directory.resolve(path));
    }

    @Override
    public void move(String from, String to) throws IOException {
        Path target = directory.resolve(to).toAbsolutePath();
        Path folder = target.getParent();
        if (folder != null) {
            makeFolder(folder);
        }
        Files.move(directory.resolve(from), target);
    }

    @Override
    public void syncFolder(String folder) throws IOException {
        sync(directory.resolve(folder));
    }

    @Override
    public long usableOctets() throws IOException {
        return store.getUsableSpace();
    }

    @Override
    public long syncs() {
        return syncs.count();
    }

    @Override
    public void close() throws IOException {
        if (lockFile.isOpen()) {
            try {
                lockFile.close();
            } finally {
                LOCKED.remove(real);
            }
        }
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
