package dev.ehlo.smtp.mta;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Both sides of the crash test: what a server has acknowledged, and what came of it at the sink. Shared between threads.
 * A server process is named by its number, counted from 0.
 */
final class CrashLedger {
    /** Acknowledged messages that are on their way at a time. */
    private static final int MOST_OPEN = 200;

    /** Something that happened at the sink to a recipient: {@code message} tells reports from each other. */
    record Event(String recipient, String message, int process, long nanos) {}

    private static final class Entry {
        final CrashMail mail;
        final List<Event> arrivals = new ArrayList<>();
        final List<Event> refusals = new ArrayList<>();
        final Set<String> missing;
        boolean acknowledged;

        Entry(CrashMail mail) {
            this.mail = mail;
            this.missing = new HashSet<>(mail.recipients());
        }
    }

    private final List<Entry> entries = new ArrayList<>();
    private final Set<String> deferred = new HashSet<>();
    private final Map<Integer, Long> kills = new HashMap<>();
    private final List<String> violations = new ArrayList<>();
    private int open;
    private int left;

    /** Lets so many messages more be sent. */
    synchronized void beginLoad(int messages) {
        left = messages;
        notifyAll();
    }

    /** Lets no more be sent. */
    synchronized void endLoad() {
        left = 0;
        notifyAll();
    }

    synchronized boolean isLoading() {
        return left > 0;
    }

    /** The next message to send, when there is room for one; null if there is to be none. */
    synchronized CrashMail next() throws InterruptedException {
        while (left > 0 && open >= MOST_OPEN) {
            wait();
        }
        if (left == 0) {
            return null;
        }
        left--;
        Entry entry = new Entry(CrashMail.of(entries.size()));
        entries.add(entry);
        return entry.mail;
    }

    synchronized void acknowledged(CrashMail mail) {
        Entry entry = entries.get(mail.number());
        entry.acknowledged = true;
        if (!entry.missing.isEmpty()) {
            open++;
        }
    }

    /** Just before the signal, the first one if there are two. */
    synchronized void killed(int process) {
        kills.putIfAbsent(process, System.nanoTime());
    }

    /** Whether the recipient was not deferred before. */
    synchronized boolean defers(String recipient) {
        return deferred.add(recipient);
    }

    synchronized void refused(String recipient, int process) {
        Entry entry = entries.get(CrashMail.numberOf(recipient));
        entry.refusals.add(new Event(recipient, "", process, System.nanoTime()));
    }

    /** Just before the sink says 250, for a message, or for a report of which the recipient is told in it. */
    synchronized void arrived(String recipient, String message, int process) {
        Entry entry = entries.get(CrashMail.numberOf(recipient));
        entry.arrivals.add(new Event(recipient, message, process, System.nanoTime()));
        if (entry.missing.remove(recipient) && entry.missing.isEmpty() && entry.acknowledged) {
            open--;
            notifyAll();
        }
    }

    /** What must not be, whatever was killed. */
    synchronized void violation(String what) {
        violations.add(what);
    }

    /** Waits until all that was acknowledged has arrived, or the time has passed: the report tells. */
    synchronized void awaitArrivals(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (open > 0) {
            long nanos = deadline - System.nanoTime();
            if (nanos <= 0) {
                return;
            }
            TimeUnit.NANOSECONDS.timedWait(this, nanos);
        }
    }

    /** The balance, once nothing goes on any more. */
    synchronized CrashReport report(Duration window) {
        CrashReport report = new CrashReport(kills, window);
        violations.forEach(report::violation);
        for (Entry entry : entries) {
            report.message(entry.acknowledged, entry.acknowledged ? entry.missing : Set.of(), entry.mail.number());
            report.events(entry.arrivals, "arrived");
            report.events(entry.refusals, "refused");
        }
        return report;
    }
}
