package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliverBy;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a message was promised of time, in milliseconds since 1970. It follows from the envelope, the arrival and the
 * settings alone, so that whoever reads it again comes to the same. RFC 4865, RFC 2852.
 *
 * @param release not attempted before; 0 if it was not to be held
 * @param expiry given up then; where it is to be returned when late, without a last attempt
 * @param notice when the sender is told of a delay, if that is asked for
 * @param deadline when it is late; {@link #NEVER} if no time was asked for
 * @param by what was asked for, counted from the release; null if nothing
 */
record Terms(
        long release,
        long expiry,
        long notice,
        long deadline,
        @Nullable DeliverBy by) {
    static final long NEVER = Long.MAX_VALUE;
    /** More than anything can ask for. */
    private static final Duration MOST = Duration.ofSeconds(999_999_999);

    static Terms of(SpooledMessage message, RetrySchedule retry, Duration delayNotice) {
        EsmtpParameters parameters = message.envelope().parameters();
        long arrival = message.arrival().toEpochMilli();
        long release = parameters
                .holdUntil()
                .map(Instant::toEpochMilli)
                .or(() -> parameters.holdFor().map(held -> plus(arrival, held)))
                .orElse(0L);
        long start = Math.max(arrival, release);
        long expiry = plus(start, retry.expiry());
        long notice = plus(start, delayNotice);
        DeliverBy by = parameters.deliverBy().orElse(null);
        if (by == null) {
            return new Terms(release, expiry, notice, NEVER, null);
        }
        long deadline = plus(start, by.within());
        return by.mode() == DeliverBy.Mode.RETURN
                ? new Terms(release, Math.min(deadline, expiry), notice, deadline, by)
                : new Terms(release, expiry, deadline, deadline, by);
    }

    private static long plus(long time, Duration duration) {
        return time + (duration.compareTo(MOST) > 0 ? MOST : duration).toMillis();
    }

    /** Whether nothing is to be delivered any more, as it would come too late. */
    boolean isTooLate(long now) {
        return returns() && now >= deadline;
    }

    boolean returns() {
        return by != null && by.mode() == DeliverBy.Mode.RETURN;
    }

    /** Whether being late is told of; who handed over what was late already has done so. */
    boolean notifies() {
        return by != null
                && by.mode() == DeliverBy.Mode.NOTIFY
                && !by.within().isNegative()
                && !by.within().isZero();
    }

    boolean traces() {
        return by != null && by.trace();
    }

    /** The envelope as it is handed on: with the time that is left, and without the time it was held for. */
    Envelope handedOn(Envelope envelope, long now) {
        EsmtpParameters given = envelope.parameters();
        boolean held = given.has(EsmtpKeyword.HOLDFOR) || given.has(EsmtpKeyword.HOLDUNTIL);
        if (!held && by == null) {
            return envelope;
        }
        EsmtpParameters parameters = given.without(EsmtpKeyword.HOLDFOR).without(EsmtpKeyword.HOLDUNTIL);
        if (by != null) {
            Duration left = Duration.ofMillis(deadline - now);
            // A fraction of a second is dropped there, and nothing may be left of none; nor more than there was.
            Duration least = returns() ? Duration.ofSeconds(1) : MOST.negated();
            Duration most = by.within().compareTo(least) < 0 ? least : by.within();
            Duration within = left.compareTo(least) < 0 ? least : left.compareTo(most) > 0 ? most : left;
            parameters = parameters
                    .without(EsmtpKeyword.BY)
                    .with(EsmtpParameter.deliverBy(new DeliverBy(within, by.mode(), by.trace())));
        }
        return new Envelope(envelope.reversePath(), parameters, envelope.recipients());
    }
}
