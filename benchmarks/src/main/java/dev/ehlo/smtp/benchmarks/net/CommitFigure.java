package dev.ehlo.smtp.benchmarks.net;

import static dev.ehlo.smtp.benchmarks.net.ReplyLines.ascii;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.queue.PendingRecipient;
import dev.ehlo.smtp.queue.QueueId;
import dev.ehlo.smtp.queue.Spool;
import dev.ehlo.smtp.queue.SpoolCounts;
import dev.ehlo.smtp.queue.SpoolOwner;
import dev.ehlo.smtp.queue.SpoolWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What group commit makes of the disk: messages a second into a spool, without a network before it, beside what the disk
 * gives when a bare loop appends the same octets and syncs them in batches as large as the spool's were, in turns.
 * {@code CommitFigure DIRECTORY RUNS MESSAGES OCTETS} prints rows of a Markdown table, for 20 and for 200 messages that
 * wait at a time.
 */
public final class CommitFigure {
    private static final int[] UNDER_WAY = {20, 200};
    private static final Envelope ENVELOPE = Envelope.from("a@example.org").to("b@example.net");
    /** Frame, head and envelope, by and large. */
    private static final int RECORD_OCTETS = 100;

    private static final SpoolOwner NOBODY = new SpoolOwner() {
        @Override
        public void owns(QueueId id, List<PendingRecipient> pending) {}

        @Override
        public void lost(QueueId id) {}
    };

    private final Path directory;
    private final int messages;
    private final byte[] content;
    private double batch;

    private CommitFigure(Path directory, int messages, int octets) {
        this.directory = directory;
        this.messages = messages;
        this.content = ascii("x".repeat(octets - 2) + "\r\n");
    }

    /** Prints the rows. */
    public static void main(String[] arguments) throws Exception {
        int runs = Integer.parseInt(arguments[1]);
        CommitFigure figure =
                new CommitFigure(Path.of(arguments[0]), Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
        for (int underWay : UNDER_WAY) {
            figure.print(underWay, runs);
        }
    }

    private void print(int underWay, int runs) throws Exception {
        double[] spool = new double[runs];
        double[] disk = new double[runs];
        double[] batches = new double[runs];
        for (int run = -2; run < runs; run++) { // two to warm up
            double rate = commit(directory.resolve(underWay + "." + run), underWay);
            double floor = DiskFloor.rate(
                    directory.resolve(underWay + "." + run + ".floor"),
                    content.length + RECORD_OCTETS,
                    (int) Math.max(1, Math.round(batch)),
                    messages);
            if (run >= 0) {
                spool[run] = rate;
                disk[run] = floor;
                batches[run] = batch;
            }
        }
        System.out.printf(
                Locale.ROOT,
                "| %d at a time | %s | %s | %s | %s |%n",
                underWay,
                Measured.shown(spool, ""),
                Measured.shown(disk, ""),
                Measured.shown(batches, ""),
                Measured.shown(Measured.ratios(spool, disk), ""));
    }

    /** Messages a second, and how many shared a sync. */
    private double commit(Path into, int underWay) throws Exception {
        Semaphore free = new Semaphore(underWay);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        try (Spool spool = Spool.directory(into)) {
            spool.start(NOBODY);
            SpoolCounts before = spool.counts();
            long begun = System.nanoTime();
            for (int i = 0; i < messages; i++) {
                free.acquire();
                put(spool).complete().whenComplete((message, thrown) -> {
                    failure.compareAndSet(null, thrown);
                    free.release();
                });
            }
            free.acquire(underWay);
            long nanos = System.nanoTime() - begun;
            if (failure.get() != null) {
                throw new IllegalStateException("not all were taken", failure.get());
            }
            batch = (double) messages / (spool.counts().syncs() - before.syncs());
            return messages * 1e9 / nanos;
        }
    }

    private SpoolWriter put(Spool spool) throws IOException {
        SpoolWriter writer = spool.open(ENVELOPE, Instant.now());
        writer.write(ByteBuffer.wrap(content));
        return writer;
    }
}
