package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Recipient;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Describes a queue. Used by one thread. */
public final class MailQueueBuilder {
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

    MailQueueBuilder() {}

    /** Where messages are kept. Needed. The queue starts and closes it. */
    public MailQueueBuilder spool(Spool value) {
        spool = value;
        return this;
    }

    /** Who attempts deliveries. Needed. Called on the queue's thread, which it must not block. */
    public MailQueueBuilder agent(DeliveryAgent value) {
        agent = value;
        return this;
    }

    /** When to try again, and when to give up; by default {@link RetrySchedule#standard()}. */
    public MailQueueBuilder retry(RetrySchedule value) {
        retry = value;
        return this;
    }

    /**
     * When to tell a sender of a delay; by default after {@link #DELAY_NOTICE}. Told is whom NOTIFY=DELAY says to
     * tell, and without NOTIFY the sender who is known (RFC 3461 §4.1 leaves that to us).
     *
     * @throws IllegalArgumentException if the time is not positive
     */
    public MailQueueBuilder delayNoticeAfter(Duration value) {
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
    public MailQueueBuilder knownSenders(Predicate<Envelope> value) {
        knownSenders = value;
        return this;
    }

    /** How many notices go to senders who are not known; by default {@link NoticeLimit#standard()}. */
    public MailQueueBuilder noticeLimit(NoticeLimit value) {
        noticeLimit = value;
        return this;
    }

    /**
     * What is never delivered to; by default nothing is suppressed. Its recipients fail with {@code 550 5.7.1} when
     * their attempt is due. The list may change while the queue runs, which does not close it.
     */
    public MailQueueBuilder suppressions(Suppressions value) {
        suppressions = value;
        return this;
    }

    /** Adds mailboxes to {@link #suppressions} that keep failing; by default none. */
    public MailQueueBuilder suppressAfter(SuppressionPolicy value) {
        suppressionPolicy = value;
        return this;
    }

    /** The name of this host in notifications; by default {@code localhost}. */
    public MailQueueBuilder hostname(String value) {
        hostname = value;
        return this;
    }

    /**
     * What time it is; by default the system's, where a retry keeps its delay when that is set. One that is given is
     * believed: when it jumps, so much time has passed.
     */
    public MailQueueBuilder clock(Clock value) {
        clock = value;
        nanoTime = null;
        return this;
    }

    /** Where jitter comes from; by default a secure one. */
    public MailQueueBuilder random(RandomGenerator value) {
        random = value;
        return this;
    }

    /**
     * The lane of a recipient. Recipients of a message in one lane go in one attempt, and a lane has slots of its
     * own; by default the domain in lower case, as also where the function fails. A function of the recipient alone.
     */
    public MailQueueBuilder lanes(Function<Recipient, String> value) {
        laneOf = value;
        return this;
    }

    /**
     * How many attempts may be in flight: in all, and to one destination at most.
     *
     * @throws IllegalArgumentException if one is less than 1
     */
    public MailQueueBuilder attempts(int inAll, int perLane) {
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
    public MailQueueBuilder hosts(MailHosts value) {
        hosts = value;
        return this;
    }

    /**
     * How mail goes to a destination, as {@link #lanes} or {@link #hosts} names it: asked when there is mail to it, and
     * not again as long as something is known of how it is served. A function of the name alone; by default, and where
     * it fails, {@link LanePolicy#STANDARD} for all, with as many attempts as {@link #attempts} says.
     */
    public MailQueueBuilder policies(Function<String, LanePolicy> value) {
        policies = value;
        return this;
    }

    /**
     * In whose name a message goes, such as a customer or an address that it is sent from: each has lanes of its own
     * to all destinations, with windows and rates of its own. A function of the envelope alone; empty, as by default
     * and where it fails, for nobody in particular. The agent has to know by itself.
     */
    public MailQueueBuilder identity(Function<Envelope, String> value) {
        identityOf = value;
        return this;
    }

    /** Who hears of what happens in the queue; may be called several times, and they hear in that order. */
    public MailQueueBuilder events(QueueEvents value) {
        events.add(value);
        return this;
    }

    /** Starts no attempt before {@link MailQueue#release}. */
    public MailQueueBuilder held() {
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
        return MailQueue.start(into, this, held);
    }
}
