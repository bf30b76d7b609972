package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.queue.journal.Chunks;
import dev.ehlo.smtp.queue.journal.DirectoryStorage;
import dev.ehlo.smtp.queue.journal.Storage;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The spool in a directory: a journal of segments that one thread writes, and a file for each large content.
 *
 * <pre>
 *   lock                        held while the spool is in use
 *   SEQUENCE-MARK.log           segments, see {@link Journal}
 *   SEQUENCE-MARK.idx           what an older one has, so that a start need not read it, see {@link Indexer}
 *   content/ID                  large content, synced before the record that names it
 *   spare/N                     empty, for when no more files can be made
 *   corrupt/…                   what a start could not read
 * </pre>
 */
final class JournalSpool implements Spool {
    /** Threads that sync large content: side by side, as file systems make what many wait for durable in one go. */
    private static final int SYNC_THREADS = 16;

    final JournalLimits limits;
    final Chunks chunks = new Chunks();
    private final Opening opening;
    private final Durability durability;
    private final QueueIds ids = new QueueIds();
    final LongAdder accepted = new LongAdder();
    private volatile @Nullable Running running;

    /** How the files are reached; tests come in here. */
    interface Opening {
        Storage open() throws IOException;

        /** What writes index files, given what does so beside syncing. */
        default Executor indexing(Executor background) {
            return background;
        }
    }

    /** What there is from start to close. */
    private record Running(
            Storage storage,
            Room room,
            SpareFiles spares,
            Journal journal,
            Committer committer,
            ThreadPoolExecutor syncs) {}

    JournalSpool(Path directory, Durability durability) {
        this(
                () -> new DirectoryStorage(directory, durability == Durability.POWER, JournalSource.CONTENT),
                JournalLimits.STANDARD,
                durability);
    }

    JournalSpool(Opening opening, JournalLimits limits) {
        this(opening, limits, Durability.POWER);
    }

    private JournalSpool(Opening opening, JournalLimits limits, Durability durability) {
        this.opening = opening;
        this.limits = limits;
        this.durability = durability;
    }

    @Override
    public void start(SpoolOwner owner) throws IOException {
        if (running != null) {
            throw new IllegalStateException("spool is started already");
        }
        Storage storage = opening.open();
        ThreadPoolExecutor syncs = new ThreadPoolExecutor(
                SYNC_THREADS,
                SYNC_THREADS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> new Thread(task, "spool-sync"));
        syncs.allowCoreThreadTimeOut(true);
        Journal journal = new Journal(storage, limits, ids, opening.indexing(syncs));
        try {
            Recovery recovery = new Recovery(journal, ids);
            recovery.run();
            SpareFiles spares = new SpareFiles(storage, limits.spares(), System::nanoTime);
            spares.recover();
            begin(journal, spares);
            journal.sweep();
            spares.fill();
            Committer committer = new Committer(journal);
            recovery.handOver(owner);
            committer.start();
            Room room = new Room(storage, limits.reserve());
            running = new Running(storage, room, spares, journal, committer, syncs);
        } catch (IOException | RuntimeException e) {
            end(syncs);
            try (storage) {
                journal.close();
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    /** Where no file can be made, mail that is there is delivered nevertheless, which needs one segment. */
    private static void begin(Journal journal, SpareFiles spares) throws IOException {
        SecureRandom random = new SecureRandom();
        try {
            journal.roll(random.nextLong());
        } catch (Journal.NotWrittenException e) {
            if (!spares.giveUp()) {
                throw e;
            }
            journal.roll(random.nextLong());
        }
    }

    @Override
    public SpoolWriter open(Envelope envelope, Instant arrival) throws IOException {
        SpooledMessage.checkHasRecipients(envelope);
        Running now = running();
        Optional<String> fault = now.committer.fault();
        if (fault.isPresent()) {
            throw new IOException(fault.get());
        }
        now.spares.check();
        // RFC 1870 §6.1.
        long expected = envelope.parameters().size().orElse(limits.allowance());
        long held = Math.min(expected, limits.held());
        now.room.promise(expected, held);
        return new JournalWriter(this, now.room, held, now.committer.faults(), ids.next(arrival), arrival, envelope);
    }

    @Override
    public CompletionStage<SpooledMessage> load(QueueId id) {
        Running now = running;
        if (now == null) {
            return CompletableFuture.failedFuture(new IOException("spool is closed"));
        }
        LoadCommit load = new LoadCommit(id, now.syncs, now.committer::submit);
        now.committer.submit(load);
        return load.future;
    }

    @Override
    public CompletionStage<Void> crossOff(QueueId id, Collection<Integer> recipients, DeliveryStatus status) {
        SpooledMessage.checkSettles(status);
        return progress(id, MessageRecord.SETTLED, MessageRecord.settled(id, recipients, status));
    }

    @Override
    public CompletionStage<Void> defer(QueueId id, Collection<Integer> recipients, Deferral deferral) {
        return progress(id, MessageRecord.DEFERRED, MessageRecord.deferred(id, recipients, deferral));
    }

    private CompletionStage<Void> progress(QueueId id, byte type, byte[] payload) {
        ProgressCommit commit = new ProgressCommit(id, type, payload);
        submit(commit);
        return commit.future;
    }

    @Override
    public Optional<String> fault() {
        Running now = running;
        return now == null ? Optional.of("spool is closed") : now.committer.fault();
    }

    @Override
    public void resume() throws IOException {
        try {
            running().committer.resume().get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new IOException(cause instanceof IOException ? cause.getMessage() : String.valueOf(cause), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("not waited for: the spool may resume yet");
        }
    }

    @Override
    public SpoolCounts counts() {
        Running now = running;
        return now == null ? SpoolCounts.NONE : new SpoolCounts(accepted.sum(), now.storage.syncs());
    }

    @Override
    public void close() throws IOException {
        Running last = running;
        if (last == null) {
            return;
        }
        running = null;
        last.journal.endIndexing();
        end(last.syncs);
        last.committer.close();
        try {
            last.journal.close();
        } finally {
            last.storage.close();
        }
    }

    private static void end(ThreadPoolExecutor syncs) {
        syncs.shutdown();
        boolean interrupted = false;
        while (!syncs.isTerminated()) {
            try {
                syncs.awaitTermination(1, TimeUnit.MINUTES);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    Storage storage() throws IOException {
        return running().storage;
    }

    StorageFile createContent(QueueId id) throws IOException {
        return running().spares.create(JournalSource.contentFile(id));
    }

    void submit(Commit commit) {
        Running now = running;
        if (now == null) {
            commit.failed(new IOException("spool is closed"));
        } else {
            now.committer.submit(commit);
        }
    }

    /** The content and its name in the folder are durable before the record can be. */
    void syncThenSubmit(StorageFile file, JournalWriter commit) {
        Running now = running;
        if (now == null) {
            commit.failed(new Journal.NotWrittenException(new IOException("spool is closed")));
            return;
        }
        if (durability == Durability.PROCESS) {
            sync(now, file, commit);
            return;
        }
        try {
            now.syncs.execute(() -> sync(now, file, commit));
        } catch (RejectedExecutionException e) {
            commit.failed(new Journal.NotWrittenException(new IOException("spool is closed", e)));
        } catch (OutOfMemoryError e) {
            commit.failed(new Journal.NotWrittenException(new IOException("no thread to sync content", e)));
        }
    }

    private static void sync(Running now, StorageFile file, JournalWriter commit) {
        try (file) {
            file.force();
            now.storage.syncFolder(JournalSource.CONTENT);
        } catch (Throwable e) {
            now.committer.poison(e);
            commit.failed(new Journal.NotWrittenException(
                    e instanceof IOException io ? io : new IOException("defect in the spool", e)));
            return;
        }
        if (now.committer.faults() != commit.faults) {
            commit.failed(
                    new Journal.NotWrittenException(new IOException("content is of before a fault of the spool")));
        } else {
            now.committer.submit(commit);
        }
    }

    private Running running() throws IOException {
        Running now = running;
        if (now == null) {
            throw new IOException("spool is closed");
        }
        return now;
    }
}
