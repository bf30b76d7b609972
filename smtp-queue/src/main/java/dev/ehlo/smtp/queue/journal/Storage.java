package dev.ehlo.smtp.queue.journal;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The files of one spool, named by path below it with {@code /} between. It is a seam: tests put a layer here that
 * forgets what was not synced, tears writes and fails calls. Shared between threads.
 */
public interface Storage extends Closeable {
    /** Tells the names of the files in a folder, in any order; none if there is no such folder. */
    void list(String folder, Consumer<String> name) throws IOException;

    /** The names of the files in a folder that has few. */
    default List<String> list(String folder) throws IOException {
        List<String> names = new ArrayList<>();
        list(folder, names::add);
        return names;
    }

    /** How many octets a file has; -1 if it is not there. */
    long size(String path) throws IOException;

    /** A new empty file to write; the folder is made if it is not there. Fails if the file is there already. */
    StorageFile create(String path) throws IOException;

    /** A file that is there. */
    StorageFile open(String path) throws IOException;

    /** Deletes a file; does nothing if it is not there. */
    void delete(String path) throws IOException;

    /** Gives a file another name. */
    void move(String from, String to) throws IOException;

    /** Makes durable which files a folder has; {@code ""} is the spool itself. */
    void syncFolder(String folder) throws IOException;

    /** How many octets may still be written. */
    long usableOctets() throws IOException;

    /** How often something was made durable. */
    long syncs();
}
