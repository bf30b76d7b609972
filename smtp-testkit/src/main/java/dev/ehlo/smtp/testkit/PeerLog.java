package dev.ehlo.smtp.testkit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What a scripted peer has seen: written by the threads of its connections, read and waited for by the test. */
final class PeerLog {
    /** One connection, guarded by the log. */
    static final class Entry {
        private final List<String> commands = new ArrayList<>();
        private final BooleanSupplier isTls;
        private boolean isEnded;
        private @Nullable Throwable failure;

        Entry(BooleanSupplier isTls) {
            this.isTls = isTls;
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final List<String> commands = new ArrayList<>();
    private final List<ReceivedMessage> messages = new ArrayList<>();
    private final List<AssertionError> deviations = new ArrayList<>();
    private int scriptsPlayed;

    synchronized Entry connection(BooleanSupplier isTls) {
        Entry entry = new Entry(isTls);
        entries.add(entry);
        notifyAll();
        return entry;
    }

    synchronized void command(Entry entry, String line) {
        entry.commands.add(line);
        commands.add(line);
        notifyAll();
    }

    synchronized void message(ReceivedMessage message) {
        messages.add(message);
        notifyAll();
    }

    synchronized void ended(Entry entry, @Nullable Throwable failure) {
        entry.isEnded = true;
        entry.failure = failure;
        notifyAll();
    }

    /** The client said or did what it must not. */
    synchronized void deviation(AssertionError error) {
        deviations.add(error);
        notifyAll();
    }

    synchronized void scriptPlayed() {
        scriptsPlayed++;
        notifyAll();
    }

    synchronized int scriptsPlayed() {
        return scriptsPlayed;
    }

    synchronized List<String> commands() {
        return List.copyOf(commands);
    }

    synchronized List<ReceivedMessage> messages() {
        return List.copyOf(messages);
    }

    synchronized List<ReceivedSession> sessions() {
        return entries.stream()
                .map(e -> new ReceivedSession(e.commands, e.isTls.getAsBoolean(), e.isEnded, e.failure))
                .toList();
    }

    /** @throws AssertionError the first deviation, with the others suppressed in it */
    synchronized void check() {
        if (!deviations.isEmpty()) {
            AssertionError first = deviations.get(0);
            AssertionError error = new AssertionError(first.getMessage(), first);
            deviations.subList(1, deviations.size()).forEach(error::addSuppressed);
            throw error;
        }
    }

    /** @throws AssertionError if a connection ended against the peer's will */
    synchronized void checkEnds() {
        for (Entry entry : entries) {
            if (entry.failure != null) {
                throw new AssertionError(String.valueOf(entry.failure.getMessage()), entry.failure);
            }
        }
    }

    /**
     * Waits until the condition, on what this log holds, is true.
     *
     * @throws AssertionError if a deviation comes first, or the patience ends
     */
    synchronized void await(String what, Duration patience, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            check();
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                String came = sessions() + " and the messages " + messages;
                throw new AssertionError("waited " + patience + " for " + what + "; there came "
                        + Escapes.escape(came.getBytes(StandardCharsets.UTF_8)));
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }
}
