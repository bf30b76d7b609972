package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes messages, keeps them in a spool, and delivers them until every recipient is settled: relayed, or failed and the
 * sender told. Shared between threads; has one of its own, beside those of the spool.
 *
 * <pre>{@code
 * MailQueue queue = MailQueue.builder().spool(Spool.directory(path)).agent(agent).hostname("mx.example.org").start();
 * MessageSink sink = queue.open(envelope);
 * }</pre>
 *
 * <p>RFC 5321 §4.5.4, §6.1.
 */
public final class MailQueue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MailQueue.class);
    private static final Reply NO_STORAGE = Reply.of(452, "4.3.1", "insufficient system storage");
    private static final String ENDED = "the scheduler has ended";
    private static final int MOST_DESTINATIONS = 1000;
    /** After a defect that is no event's, so that one which stays does not take the processor and fill the log. */
    private static final Duration AFTER_DEFECT = Duration.ofSeconds(1);

    private static final Set<Extension> HONOURED = Set.of(
            Extension.DSN,
            Extension.FUTURERELEASE,
            Extension.DELIVERBY,
            Extension.MT_PRIORITY,
            Extension.REQUIRETLS,
            Extension.BINARYMIME);

    private final Spool spool;
    private final Clock clock;
    private final Scheduler scheduler;
    private final Thread thread = new Thread(this::run, "queue-scheduler");
    private volatile boolean closing;
    private volatile boolean ended;
    private volatile boolean refusing;

    private MailQueue(Spool spool, MailQueueBuilder settings) {
        this.spool = spool;
        this.clock = settings.clock;
        this.scheduler = new Scheduler(spool, settings);
    }

    /** A queue to be described and started. */
    public static MailQueueBuilder builder() {
        return new MailQueueBuilder();
    }

    /** Recovers the spool, and begins. */
    static MailQueue start(Spool spool, MailQueueBuilder settings, boolean held) throws IOException {
        MailQueue queue = new MailQueue(spool, settings);
        queue.scheduler.hold(held);
        spool.start(queue.scheduler);
        queue.thread.start();
        return queue;
    }

    /**
     * The extensions whose promises to a sender a queue keeps, with an agent that hands on the envelope's parameters:
     * what a server may offer whose handler passes its messages to one. RFC 3461, RFC 4865, RFC 2852, RFC 6710,
     * RFC 8689, RFC 3030.
     */
    public static Set<Extension> honoured() {
        return HONOURED;
    }

    /**
     * Where the content of a message goes; the reply to its completion is {@code 250 2.0.0 queued as ID} once the
     * message is safe. Without room, or with the spool at fault, the sink refuses with {@code 452 4.3.1}.
     *
     * @throws IllegalArgumentException if the envelope has no recipient
     */
    public MessageSink open(Envelope envelope) {
        try {
            if (ended && !closing) {
                throw new IOException(ENDED);
            }
            MessageSink sink = new QueueSink(spool.open(envelope, clock.instant()), scheduler);
            refusing = false;
            return sink;
        } catch (IOException e) {
            if (!refusing) {
                // Once, until it takes again: what every client can cause must not fill the log.
                LOG.warn("mail is refused", e);
                refusing = true;
            }
            return MessageSink.refusing(NO_STORAGE);
        }
    }

    /** How the queue is. */
    public QueueHealth health() {
        QueueHealth health = scheduler.health();
        return ended && !closing && health.isSound() ? health.at(ENDED) : health;
    }

    /** What the queue has done since its start. */
    public QueueCounts.Snapshot counts() {
        return scheduler.counts().snapshot();
    }

    /**
     * Starts no more attempts until {@link #release}, for an operator; those in flight go on. Mail is accepted still,
     * and what was promised of time is kept: who asked for it is told of a delay.
     */
    public void hold() {
        scheduler.hold(true);
    }

    /** Goes on after {@link #hold}. */
    public void release() {
        scheduler.hold(false);
    }

    /**
     * The messages that it selects, oldest first. Deliveries go on meanwhile: the queue's thread looks at its memory
     * between them, a slice at a time, and other threads read what is shown.
     */
    public QueueListing list(QueueSelection selection) {
        return scheduler.operator().list(selection);
    }

    /**
     * How much there is, by how it stands, by age, and by destination where most waits. It is looked at as by {@link
     * #list}, which costs about a tenth of a second of the queue's thread for a million messages: not to be asked for
     * all the time.
     *
     * @param destinations how many, 0 to 1000
     * @throws IllegalArgumentException if it is out of its range
     */
    public CompletionStage<QueueDepth> depth(int destinations) {
        if (destinations < 0 || destinations > MOST_DESTINATIONS) {
            throw new IllegalArgumentException("destinations to be shown: " + destinations);
        }
        return scheduler.operator().depth(destinations);
    }

    /**
     * Attempts nothing of what it selects until it is released; what is in flight is not attempted again. It does not
     * expire meanwhile, and nobody is told of a delay. Other than {@link #hold()} it is recorded, and so survives a
     * restart.
     *
     * <p>This and the other commands do to what is in the queue now what can be done to it, and nothing to the rest, so
     * that they can be repeated. The stage completes once all of that is durable, so that no crash undoes it, on any
     * thread; while the spool is at fault, not before it goes on, or fails with an {@link IOException} if it was at
     * fault already or the queue is closed meanwhile.
     */
    public CompletionStage<QueueChange> hold(QueueSelection selection) {
        return scheduler.operator().change(Commands.Verb.HOLD, selection);
    }

    /** Takes {@link #hold(QueueSelection)} back: what is due by then is attempted at once. */
    public CompletionStage<QueueChange> release(QueueSelection selection) {
        return scheduler.operator().change(Commands.Verb.RELEASE, selection);
    }

    /**
     * Attempts again now what waits for its time to be tried again; not what is held, and not what the sender wants to be
     * held (RFC 4865).
     */
    public CompletionStage<QueueChange> retry(QueueSelection selection) {
        return scheduler.operator().change(Commands.Verb.RETRY, selection);
    }

    /**
     * Forgets what it selects, and tells nobody. What is in flight goes on, and is forgotten when it would have to be tried
     * again; who has it by then has it, and who has refused it is reported.
     */
    public CompletionStage<QueueChange> remove(QueueSelection selection) {
        return scheduler.operator().change(Commands.Verb.REMOVE, selection);
    }

    /** Gives up what it selects, as {@link #remove} does, and tells the senders, as of every failure. */
    public CompletionStage<QueueChange> bounce(QueueSelection selection) {
        return scheduler.operator().change(Commands.Verb.BOUNCE, selection);
    }

    /**
     * Goes on after a fault of the spool, which an operator has looked into: mail is accepted and delivered again.
     *
     * @throws IOException if the fault is there still
     */
    public void resume() throws IOException {
        spool.resume();
        scheduler.inbox().wake();
    }

    /**
     * Starts no more attempts, and waits until those in flight have ended and are recorded, or the time has passed.
     * Mail is accepted still, and waits.
     *
     * @return whether no attempt is in flight any more
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean drain(Duration longest) throws InterruptedException {
        try {
            scheduler.drain().get(longest.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("nobody fails it", e);
        }
    }

    /**
     * Stops scheduling, waits for what is being written and closes the spool. Attempts in flight are given up; their
     * recipients stay in the spool, and are tried again after the next start.
     *
     * @throws IOException if the spool can't be closed in order; it is free nevertheless
     */
    @Override
    public void close() throws IOException {
        closing = true;
        scheduler.inbox().wake();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        try {
            spool.close();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void run() {
        try {
            while (!closing) {
                Duration idle;
                try {
                    idle = scheduler.run();
                } catch (Throwable e) {
                    LOG.error("defect in the scheduler", e);
                    idle = AFTER_DEFECT;
                }
                if (!idle.isZero()) {
                    scheduler.inbox().await(idle.toNanos());
                }
            }
            scheduler.cancel();
        } finally {
            ended = true;
            scheduler.operator().end();
        }
    }
}
