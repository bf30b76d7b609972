package dev.ehlo.smtp.queue;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes the journal. Who waits alone is synced at once; who comes meanwhile waits for the next
 * sync, together with all the others.
 *
 * <pre>
 *      ┌──── no room for progress → FULL ─ close ──┐
 *      │←─────────── written ────────┘             │
 *   RUNNING ─ failed sync, or cut → AT_FAULT ──────┤
 *      ↑                               │ resume    │
 *      ├── on a new segment ───────────┘           │
 *      └───────────── close ───────────────────────┴→ ENDED
 * </pre>
 *
 * <p>A disk that is full costs the messages of a batch, which are refused. What became of delivered ones has to be
 * recorded nevertheless: it is tried again until there is room, and nothing is accepted or attempted meanwhile.
 *
 * <p>After a failed sync nobody knows what the disk has, and a second sync may answer well without having written: so
 * nothing is acknowledged any more, until an operator resumes: on a new segment, once the old one ends for certain with
 * what was acknowledged. RFC 5321 §4.2.5, §6.1.
 */
final class Committer {
    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
    /** How many are written in one go, so that the first does not wait for ever longer batches. */
    private static final int BATCH = 1024;
    /** Octets after which a batch is full. */
    private static final long BATCH_OCTETS = 8 << 20;

    private static final String NO_ROOM = "no room on the disk of the spool";
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(60);
    /** How long until it is tried again to write where the disk was full. */
    private static final long FULL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Journal journal;
    private final SecureRandom random = new SecureRandom();
    private final Inbox<Commit> inbox = new Inbox<>();
    private final Thread thread = new Thread(this::run, "spool-commit");
    private volatile @Nullable IOException fault;
    private volatile int faults;
    private volatile boolean full;
    /** Each is told once until it is over: clients can cause it over and over. */
    private boolean toldOfNoRoom;

    private boolean toldOfNoSegment;
    private volatile boolean closing;
    private volatile boolean ended;
    private @Nullable Resumption resuming;

    /** An operator's wish to go on, in its turn: whoever came before has been failed by then. */
    private static final class Resumption implements Commit {
        final CompletableFuture<Void> future = new CompletableFuture<>();

        @Override
        public void done() {
            future.complete(null);
        }

        @Override
        public void failed(IOException cause) {
            future.completeExceptionally(cause);
        }
    }

    Committer(Journal journal) {
        this.journal = journal;
    }

    void start() {
        thread.start();
    }

    /** From any thread. Each commit is done or failed, whatever happens. */
    void submit(Commit commit) {
        inbox.offer(commit);
        if (ended) {
            refuseRest();
        }
    }

    Optional<String> fault() {
        IOException cause = fault;
        if (cause != null) {
            return Optional.ofNullable(cause.getMessage());
        } else if (ended) {
            return Optional.of("spool is closed");
        }
        return full ? Optional.of(NO_ROOM) : Optional.empty();
    }

    /** For a failure elsewhere that means the same. */
    synchronized void poison(Throwable cause) {
        faults++;
        if (fault == null) {
            fault = new IOException("spool at fault: " + cause, cause);
            LOG.error("spool at fault: no mail is accepted or delivered until it is resumed or started again", cause);
        }
    }

    /** How many faults there were. What was half done when one came must not be acknowledged after it. */
    int faults() {
        return faults;
    }

    /** Goes on after a fault; the future fails if it is there still. From any thread. */
    CompletableFuture<Void> resume() {
        Resumption resumption = new Resumption();
        submit(resumption);
        return resumption.future;
    }

    /** Waits until everything submitted so far is done or failed. */
    void close() {
        closing = true;
        inbox.wake();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        List<Commit> batch = new ArrayList<>();
        try {
            while (true) {
                take(batch);
                if (!batch.isEmpty()) {
                    commit(batch);
                }
                if (resuming != null) {
                    goOn(resuming);
                    resuming = null;
                }
                if (inbox.isEmpty() || full) {
                    if (closing) {
                        break;
                    }
                    inbox.await(full ? FULL_NANOS : IDLE_NANOS);
                }
            }
        } catch (Throwable e) {
            poison(e);
        } finally {
            // Whatever ends this thread, nobody waits for an answer from it any more.
            ended = true;
            if (resuming != null) {
                refuse(resuming);
            }
            batch.forEach(Committer::refuse);
            refuseRest();
        }
    }

    private void take(List<Commit> batch) {
        long octets = 0;
        int most = batch.size() + BATCH;
        while (batch.size() < most && octets < BATCH_OCTETS) {
            Commit commit = inbox.poll();
            if (commit == null) {
                return;
            }
            if (commit instanceof Resumption resumption) {
                resuming = resumption;
                return;
            }
            batch.add(commit);
            octets += commit.octets();
        }
    }

    /** Leaves those in the batch that wait for room. */
    private void commit(List<Commit> batch) {
        IOException before = fault;
        IOException failure = before == null ? null : new Journal.NotWrittenException(before);
        if (failure == null) {
            try {
                rollIfLong();
                journal.commit(batch);
                full = false;
                toldOfNoRoom = false;
            } catch (Journal.NotWrittenException e) {
                failure = e;
                if (!toldOfNoRoom) {
                    LOG.warn(NO_ROOM, e);
                    toldOfNoRoom = true;
                }
            } catch (Throwable e) {
                failure = e instanceof IOException io ? io : new IOException("defect in the journal", e);
                poison(e);
            }
        }
        List<Commit> waiting = new ArrayList<>();
        for (Commit commit : batch) {
            try {
                if (failure == null) {
                    commit.done();
                } else if (fault == null && commit.waitsForRoom()) {
                    waiting.add(commit);
                } else {
                    commit.failed(failure);
                }
            } catch (Throwable e) {
                LOG.error("defect in a listener of the spool", e);
            }
        }
        batch.clear();
        batch.addAll(waiting);
        full = !waiting.isEmpty();
        if (failure == null) {
            try {
                journal.sweep();
            } catch (Throwable e) {
                poison(e);
            }
        }
    }

    private void goOn(Resumption resumption) {
        IOException failure = full ? new IOException(NO_ROOM) : null;
        if (fault != null) {
            int seen = faults;
            try {
                journal.resume(random.nextLong());
                failure = overcome(seen);
            } catch (Throwable e) {
                failure = new IOException("spool still at fault: " + e, e);
            }
        }
        if (failure == null) {
            resumption.done();
        } else {
            resumption.failed(failure);
        }
    }

    /** The fault is over, unless another came meanwhile. */
    private synchronized @Nullable IOException overcome(int seen) {
        if (faults != seen) {
            return new IOException("spool at fault again meanwhile", fault);
        }
        LOG.warn("spool resumed on a new segment");
        fault = null;
        return null;
    }

    private void rollIfLong() throws IOException {
        if (journal.active().octets >= journal.limits.segment()) {
            try {
                journal.roll(random.nextLong());
                toldOfNoSegment = false;
            } catch (Journal.NotWrittenException e) {
                if (!toldOfNoSegment) {
                    LOG.warn("no new segment of the journal, the last one grows on", e);
                    toldOfNoSegment = true;
                }
            }
        }
    }

    private synchronized void refuseRest() {
        for (Commit commit = inbox.poll(); commit != null; commit = inbox.poll()) {
            refuse(commit);
        }
    }

    private static void refuse(Commit commit) {
        commit.failed(new IOException("spool is closed"));
    }
}
