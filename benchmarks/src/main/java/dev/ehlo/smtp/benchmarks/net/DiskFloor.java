package dev.ehlo.smtp.benchmarks.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * What the disk gives a group commit: records appended to a file in batches, each batch synced before the next is written.
 * {@code DiskFloor FILE RECORD_OCTETS BATCH RECORDS} makes the file and prints records a second.
 */
public final class DiskFloor {
    private DiskFloor() {}

    /** Prints the figure. */
    public static void main(String[] arguments) throws IOException {
        double rate = rate(
                Path.of(arguments[0]),
                Integer.parseInt(arguments[1]),
                Integer.parseInt(arguments[2]),
                Long.parseLong(arguments[3]));
        System.out.printf(Locale.ROOT, "%.0f%n", rate);
    }

    /** Records a second. */
    static double rate(Path path, int octets, int batch, long records) throws IOException {
        ByteBuffer out = ByteBuffer.allocateDirect(octets * batch);
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long begun = System.nanoTime();
            for (long left = records; left > 0; left -= batch) {
                out.clear().limit((int) Math.min(batch, left) * octets);
                while (out.hasRemaining()) {
                    file.write(out);
                }
                file.force(false);
            }
            return records * 1e9 / (System.nanoTime() - begun);
        }
    }
}
