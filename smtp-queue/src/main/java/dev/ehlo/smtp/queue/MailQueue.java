package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
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

    private MailQueue(Spool spool, Builder settings) {
        this.spool = spool;
        this.clock = settings.clock;
        this.scheduler = new Scheduler(spool, settings);
    }

    /** A queue to be described and started. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The extensions whose promises to a sender a queue keeps, with an agent that hands on the envelope's parameters:
     * what a server may offer whose handler passes its messages to one. RFC 3461, RFC 4865, RFC 2852, RFC 6710, RFC
     * 8689, RFC 3030.
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
     * How much there is, by how it stands, by age, and by destination where most waits. It is looked at as by {@link #list},
     * which costs about a tenth of a second of the queue's thread for a million messages: not to be asked for all the time.
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
     * <p>This and the other commands do to what is in the queue now what can be done to it, and nothing to the rest, so that
     * they can be repeated. The stage completes once all of that is durable, so that no crash undoes it, on any thread;
     * while the spool is at fault, not before it goes on, or fails with an {@link IOException} if it was at fault already
     * or the queue is closed meanwhile.
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

    /** Describes a queue. Used by one thread. */
    public static final class Builder {
        /** Attempts in flight at a time. */
        public static final int ATTEMPTS = 100;
        /** Attempts in flight to one destination at a time. */
        public static final int ATTEMPTS_PER_LANE = 20;

        /** How late a message is when its sender is told of the delay: what most servers do. */
        public static final Duration DELAY_NOTICE = Duration.ofHours(4);

        private @Nullable Spool spool;
        private @Nullable DeliveryAgent agent;
        RetrySchedule retry = RetrySchedule.standard();
        Duration delayNotice = DELAY_NOTICE;

        @Nullable
        Predicate<Envelope> knownSenders;

        NoticeLimit noticeLimit = NoticeLimit.standard();

        @Nullable
        Suppressions suppressions;

        @Nullable
        SuppressionPolicy suppressionPolicy;

        String hostname = "localhost";
        Clock clock = Clock.systemUTC();
        /** Tells when the clock is set; null where it is believed. */
        @Nullable
        LongSupplier nanoTime = System::nanoTime;

        RandomGenerator random = new SecureRandom();
        RandomGenerator boundaries = random;
        /** Sorts what an operator asks for, which may be much. */
        Executor sorting = ForkJoinPool.commonPool();

        Function<Recipient, String> laneOf = recipient -> recipient.mailbox().destination();

        @Nullable
        MailHosts hosts;

        Function<Envelope, String> identityOf = envelope -> "";
        int attempts = ATTEMPTS;
        LanePolicy policy = LanePolicy.STANDARD;
        Function<String, LanePolicy> policies = destination -> policy;
        final List<QueueEvents> events = new ArrayList<>();
        private boolean held;

        private Builder() {}

        /** Where messages are kept. Needed. The queue starts and closes it. */
        public Builder spool(Spool value) {
            spool = value;
            return this;
        }

        /** Who attempts deliveries. Needed. Called on the queue's thread, which it must not block. */
        public Builder agent(DeliveryAgent value) {
            agent = value;
            return this;
        }

        /** When to try again, and when to give up; by default {@link RetrySchedule#standard()}. */
        public Builder retry(RetrySchedule value) {
            retry = value;
            return this;
        }

        /**
         * When to tell a sender of a delay; by default after {@link #DELAY_NOTICE}. Told is whom NOTIFY=DELAY says to
         * tell, and without NOTIFY the sender who is known (RFC 3461 §4.1 leaves that to us).
         *
         * @throws IllegalArgumentException if the time is not positive
         */
        public Builder delayNoticeAfter(Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException("no delay: " + value);
            }
            delayNotice = value;
            return this;
        }

        /**
         * Which messages are from senders whose names are not forged, as mail is that users have submitted: no notice
         * of a failure is kept from them by {@link #noticeLimit}, and they are told of a delay without asking. By
         * default it is not known of any. Asked on the queue's thread, which it must not block; also of messages that
         * were accepted before a restart.
         *
         * <pre>{@code builder.knownSenders(e -> domains.contains(e.reversePath().mailbox().destination()))}</pre>
         *
         * @param value asked only of envelopes whose reverse-path is not null; where it fails, the sender is not known
         */
        public Builder knownSenders(Predicate<Envelope> value) {
            knownSenders = value;
            return this;
        }

        /** How many notices go to senders who are not known; by default {@link NoticeLimit#standard()}. */
        public Builder noticeLimit(NoticeLimit value) {
            noticeLimit = value;
            return this;
        }

        /**
         * What is never delivered to; by default nothing is suppressed. Its recipients fail with {@code 550 5.7.1} when
         * their attempt is due. The list may change while the queue runs, which does not close it.
         */
        public Builder suppressions(Suppressions value) {
            suppressions = value;
            return this;
        }

        /** Adds mailboxes to {@link #suppressions} that keep failing; by default none. */
        public Builder suppressAfter(SuppressionPolicy value) {
            suppressionPolicy = value;
            return this;
        }

        /** The name of this host in notifications; by default {@code localhost}. */
        public Builder hostname(String value) {
            hostname = value;
            return this;
        }

        /**
         * What time it is; by default the system's, where a retry keeps its delay when that is set. One that is given is
         * believed: when it jumps, so much time has passed.
         */
        public Builder clock(Clock value) {
            clock = value;
            nanoTime = null;
            return this;
        }

        /** Where jitter comes from; by default a secure one. */
        public Builder random(RandomGenerator value) {
            random = value;
            return this;
        }

        /**
         * The lane of a recipient. Recipients of a message in one lane go in one attempt, and a lane has slots of its
         * own; by default the domain in lower case, as also where the function fails. A function of the recipient alone.
         */
        public Builder lanes(Function<Recipient, String> value) {
            laneOf = value;
            return this;
        }

        /**
         * How many attempts may be in flight: in all, and to one destination at most.
         *
         * @throws IllegalArgumentException if one is less than 1
         */
        public Builder attempts(int inAll, int perLane) {
            if (inAll < 1 || perLane < 1) {
                throw new IllegalArgumentException("no attempts: " + inAll + " in all, " + perLane + " per lane");
            }
            attempts = inAll;
            policy = LanePolicy.STANDARD.window(Math.min(LanePolicy.STANDARD.first(), perLane), 1, perLane);
            return this;
        }

        /**
         * Which destinations are served by the same hosts, so that they share a lane, by the name of those; by default each
         * has its own. The answers are kept for ten minutes, at most 10,000 of them; one that takes longer than ten seconds
         * is not waited for, and the destination has a lane of its own for a minute.
         */
        public Builder hosts(MailHosts value) {
            hosts = value;
            return this;
        }

        /**
         * How mail goes to a destination, as {@link #lanes} or {@link #hosts} names it: asked when there is mail to it, and not again as long
         * as something is known of how it is served. A function of the name alone; by default, and where it fails,
         * {@link LanePolicy#STANDARD} for all, with as many attempts as {@link #attempts} says.
         */
        public Builder policies(Function<String, LanePolicy> value) {
            policies = value;
            return this;
        }

        /**
         * In whose name a message goes, such as a customer or an address that it is sent from: each has lanes of its own
         * to all destinations, with windows and rates of its own. A function of the envelope alone; empty, as by default
         * and where it fails, for nobody in particular. The agent has to know by itself.
         */
        public Builder identity(Function<Envelope, String> value) {
            identityOf = value;
            return this;
        }

        /** Who hears of what happens in the queue; may be called several times, and they hear in that order. */
        public Builder events(QueueEvents value) {
            events.add(value);
            return this;
        }

        /** Starts no attempt before {@link MailQueue#release}. */
        public Builder held() {
            held = true;
            return this;
        }

        DeliveryAgent agent() {
            if (agent == null) {
                throw new IllegalStateException("a queue needs an agent");
            }
            return agent;
        }

        /**
         * Recovers the spool, and starts to deliver what is in it.
         *
         * @throws IOException if the spool can't be used, or is in use
         * @throws IllegalStateException if spool or agent is missing
         */
        public MailQueue start() throws IOException {
            Spool into = spool;
            if (into == null) {
                throw new IllegalStateException("a queue needs a spool");
            }
            MailQueue queue = new MailQueue(into, this);
            queue.scheduler.hold(held);
            into.start(queue.scheduler);
            queue.thread.start();
            return queue;
        }
    }
}
