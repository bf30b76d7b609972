package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.grammar.Octets;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mailboxes and domains that a queue never delivers to: their recipients fail before an attempt, and the sender is told.
 * Kept in a file, which one process uses at a time. Shared between threads.
 *
 * <pre>{@code
 * Suppressions never = Suppressions.open(Path.of("suppressed"));
 * never.add("bob@example.net", "has asked us to stop", null);
 * MailQueue queue = MailQueue.builder().suppressions(never)…start();
 * }</pre>
 *
 * <p>Whoever opens it closes it, after the queue.
 */
public final class Suppressions implements AutoCloseable {
    /** Mailboxes and domains in one list. */
    public static final int MOST = 100_000;

    private static final Logger LOG = LoggerFactory.getLogger(Suppressions.class);
    private static final int CLOSE_SECONDS = 10;

    private final Clock clock;
    private final int most;
    /** Locked by whoever writes it. */
    private final SuppressionFile file;
    /** Read by anyone; locked by whoever adds to it, and for no longer than that takes. */
    private final Map<String, Suppression> all = new ConcurrentHashMap<>();
    /** What the scheduler thread has found out, and is not written yet. Guarded by itself. */
    private final List<Suppression> learnt = new ArrayList<>();
    /** Whether somebody is about to make room. */
    private final AtomicBoolean clearing = new AtomicBoolean();
    /** Writes that, since the scheduler must not wait for a disk. */
    private final ThreadPoolExecutor writer =
            new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread thread = new Thread(task, "suppressions");
                thread.setDaemon(true);
                return thread;
            });

    private Suppressions(Path path, Clock clock, int most) throws IOException {
        this.clock = clock;
        this.most = most;
        this.file = new SuppressionFile(path);
        writer.allowCoreThreadTimeOut(true);
        file.read(all);
        all.values().removeIf(each -> !each.isInForce(clock.millis()));
    }

    /**
     * The list in that file, which is made when there is something to say.
     *
     * @throws IOException if the file can't be read, or is no such list; it is left as it is
     */
    public static Suppressions open(Path file) throws IOException {
        return open(file, Clock.systemUTC(), MOST);
    }

    static Suppressions open(Path file, Clock clock, int most) throws IOException {
        return new Suppressions(file, clock, most);
    }

    /**
     * Suppresses a mailbox or a domain, in place of what was said of it before. Safe on the disk when this returns.
     *
     * @param target as {@link Suppression#target(String)} takes it
     * @param lasting how long; null for ever
     * @throws IllegalArgumentException if that is no target, no reason, or no time to come
     * @throws IllegalStateException if {@value #MOST} are suppressed already
     * @throws IOException if it can't be written, and so does not count
     */
    public Suppression add(String target, String reason, @Nullable Duration lasting) throws IOException {
        if (lasting != null && (lasting.isNegative() || lasting.isZero())) {
            throw new IllegalArgumentException("not a time to come: " + lasting);
        }
        Suppression one = suppression(Suppression.target(target), reason, lasting);
        synchronized (file) {
            Suppression before = put(one);
            try {
                file.add(List.of(one), all.values());
            } catch (IOException e) {
                restore(one, before);
                throw e;
            }
        }
        LOG.info("suppressed: {} until {} ({})", Octets.printable(one.target()), one.until(), one.reason());
        return one;
    }

    private Suppression suppression(String target, String reason, @Nullable Duration lasting) {
        Instant now = clock.instant();
        return new Suppression(target, reason, now, lasting == null ? null : now.plus(lasting));
    }

    /** Answers with what was said before, if anything was. Waits for no disk. */
    private @Nullable Suppression put(Suppression one) {
        synchronized (all) {
            if (isFullFor(one)) {
                dropEnded();
                if (isFullFor(one)) {
                    throw new IllegalStateException("there are " + most + " suppressions already");
                }
            }
            return all.put(one.target(), one);
        }
    }

    private boolean isFullFor(Suppression one) {
        return all.size() >= most && !all.containsKey(one.target());
    }

    private void dropEnded() {
        long now = clock.millis();
        all.values().removeIf(each -> !each.isInForce(now));
        clearing.set(false);
    }

    private void restore(Suppression one, @Nullable Suppression before) {
        if (before == null) {
            all.remove(one.target(), one);
        } else {
            all.replace(one.target(), one, before);
        }
    }

    /**
     * Suppresses no longer; safe on the disk when this returns.
     *
     * @return whether it was suppressed
     * @throws IllegalArgumentException if that is no target
     * @throws IOException if it can't be written, and so stays suppressed
     */
    public boolean remove(String target) throws IOException {
        String key = Suppression.target(target);
        Suppression before;
        synchronized (file) {
            before = all.remove(key);
            if (before == null) {
                return false;
            }
            try {
                file.remove(key, all.values());
            } catch (IOException e) {
                all.putIfAbsent(key, before);
                throw e;
            }
        }
        LOG.info("suppressed no longer: {}", Octets.printable(key));
        return before.isInForce(clock.millis());
    }

    /** All that are in force now, in the order of their targets. */
    public List<Suppression> list() {
        long now = clock.millis();
        return all.values().stream()
                .filter(each -> each.isInForce(now))
                .sorted(Comparator.comparing(Suppression::target))
                .toList();
    }

    /** What keeps mail from the mailbox now, if anything does: itself, or its domain. */
    public Optional<Suppression> find(Mailbox mailbox) {
        return Optional.ofNullable(find(mailbox, clock.millis()));
    }

    /** Null if nothing does; {@link Mailbox#POSTMASTER} is nowhere, and never suppressed. */
    @Nullable
    Suppression find(Mailbox mailbox, long nowMillis) {
        if (all.isEmpty() || mailbox.domain().isEmpty()) {
            return null;
        }
        Suppression one = all.get(Suppression.target(mailbox));
        if (one != null && one.isInForce(nowMillis)) {
            return one;
        }
        Suppression domain = all.get(mailbox.destination());
        return domain != null && domain.isInForce(nowMillis) ? domain : null;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    /**
     * Suppresses a mailbox at once, and brings it to the disk later: waits for nothing. What finds no room is logged; then
     * room is made by another thread, as that means to go through all, and the mailbox is learnt when it fails again.
     */
    void learn(Mailbox mailbox, String reason, Duration lasting) {
        Suppression one = suppression(Suppression.target(mailbox), reason, lasting);
        boolean full;
        synchronized (all) {
            full = isFullFor(one);
            if (!full) {
                all.put(one.target(), one);
            }
        }
        if (full) {
            LOG.warn("not suppressed: {}, as there are {} suppressions already", QuotedText.ascii(one.target()), most);
            if (clearing.compareAndSet(false, true)) {
                writer.execute(this::dropEnded);
            }
            return;
        }
        LOG.info("suppressed: {} until {} ({})", QuotedText.ascii(one.target()), one.until(), reason);
        synchronized (learnt) {
            learnt.add(one);
            if (learnt.size() > 1) {
                return; // goes with the one before, which waits for the writer
            }
        }
        writer.execute(this::writeLearnt);
    }

    /** But for those of which something else was said meanwhile. */
    private void writeLearnt() {
        synchronized (file) {
            List<Suppression> news;
            synchronized (learnt) {
                news = learnt.stream()
                        .filter(one -> one.equals(all.get(one.target())))
                        .toList();
                learnt.clear();
            }
            try {
                file.add(news, all.values());
            } catch (IOException e) {
                LOG.error("not safe until the next change, and forgotten by a crash before: {}", news, e);
            }
        }
    }

    /**
     * Waits for what is being written, and lets the file go.
     *
     * @throws IOException if it could not be written, or closed
     */
    @Override
    public void close() throws IOException {
        writer.shutdown();
        boolean interrupted = false;
        boolean written = false;
        try {
            written = writer.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        synchronized (file) {
            file.close();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!written) {
            throw new IOException("suppressions not written in time");
        }
    }
}
