package dev.ehlo.smtp.benchmarks.net;

import static dev.ehlo.smtp.benchmarks.net.ReplyLines.ascii;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.queue.Spool;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Fills a spool with messages that nobody has tried to deliver yet, as a server accepts them, synced and all: each of
 * half a KiB to one recipient of its own, at one of a thousand domains. {@code SpoolFill DIRECTORY MESSAGES} prints how
 * many a second it took.
 */
public final class SpoolFill {
    private static final int UNDER_WAY = 4096;
    private static final int DOMAINS = 1000;
    private static final String CONTENT = "From: a@example.org\r\nSubject: backlog\r\n\r\n"
            + "Seventy letters and a line end make up the line that this load is of.\r\n".repeat(6);

    private SpoolFill() {}

    /** Fills, and prints the figure. */
    public static void main(String[] arguments) throws Exception {
        long messages = Long.parseLong(arguments[1]);
        Semaphore free = new Semaphore(UNDER_WAY);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        byte[] content = ascii(CONTENT);
        long begun = System.nanoTime();
        try (MailQueue queue = MailQueue.builder()
                .spool(Spool.directory(Path.of(arguments[0])))
                .agent((envelope, source) -> new CompletableFuture<>())
                .start()) {
            for (long i = 0; i < messages && failure.get() == null; i++) {
                free.acquire();
                MessageSink sink =
                        queue.open(Envelope.from("a@example.org").to("b" + i + "@d" + i % DOMAINS + ".example.net"));
                sink.write(ByteBuffer.wrap(content));
                sink.complete().whenComplete((reply, thrown) -> {
                    if (thrown != null) {
                        failure.set(thrown);
                    } else if (!reply.isPositive()) {
                        failure.set(new IllegalStateException("refused with " + reply));
                    }
                    free.release();
                });
            }
            free.acquire(UNDER_WAY);
        }
        if (failure.get() != null) {
            throw new IllegalStateException("not all were taken", failure.get());
        }
        System.out.printf(Locale.ROOT, "%.0f%n", messages * 1e9 / (System.nanoTime() - begun));
    }
}
