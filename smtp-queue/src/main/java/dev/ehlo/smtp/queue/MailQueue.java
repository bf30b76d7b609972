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
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongSupplier;
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
        }
    }

    /** Describes a queue. Used by one thread. */
    public static final class Builder {
        /** Attempts in flight at a time. */
        public static final int ATTEMPTS = 100;
        /** Attempts in flight to one destination at a time. */
        public static final int ATTEMPTS_PER_LANE = 20;

        /** How late a message is when a sender who asks for it is told of the delay: what most servers do. */
        public static final Duration DELAY_NOTICE = Duration.ofHours(4);

        private @Nullable Spool spool;
        private @Nullable DeliveryAgent agent;
        RetrySchedule retry = RetrySchedule.standard();
        Duration delayNotice = DELAY_NOTICE;
        String hostname = "localhost";
        Clock clock = Clock.systemUTC();
        /** Tells when the clock is set; null where it is believed. */
        @Nullable
        LongSupplier nanoTime = System::nanoTime;

        RandomGenerator random = new SecureRandom();
        RandomGenerator boundaries = random;
        Function<Recipient, String> laneOf = recipient -> recipient.mailbox().destination();
        int attempts = ATTEMPTS;
        int attemptsPerLane = ATTEMPTS_PER_LANE;
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
         * When to tell a sender of a delay whom NOTIFY=DELAY says to tell (RFC 3461 §4.1); by default after
         * {@link #DELAY_NOTICE}.
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
         * own; by default the domain in lower case. A function of the recipient alone, which does not fail.
         */
        public Builder lanes(Function<Recipient, String> value) {
            laneOf = value;
            return this;
        }

        /**
         * How many attempts may be in flight.
         *
         * @throws IllegalArgumentException if one is less than 1
         */
        public Builder attempts(int inAll, int perLane) {
            if (inAll < 1 || perLane < 1) {
                throw new IllegalArgumentException("no attempts: " + inAll + " in all, " + perLane + " per lane");
            }
            attempts = inAll;
            attemptsPerLane = perLane;
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
