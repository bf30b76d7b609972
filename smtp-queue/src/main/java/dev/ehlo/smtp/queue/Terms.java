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
 * What a message was promised of time. It follows from the envelope, the arrival and the settings alone, so that a
 * restart comes to the same. RFC 4865, RFC 2852.
 *
 * @param release not attempted before
 * @param expiry given up then; where it is to be returned when late, without a last attempt
 * @param notice when the sender is told of a delay, if that is asked for
 * @param deadline when it is late; null if no time was asked for
 * @param by what was asked for, counted from the release; null if nothing
 */
record Terms(
        Instant release,
        Instant expiry,
        Instant notice,
        @Nullable Instant deadline,
        @Nullable DeliverBy by) {
    private static final Duration MOST = Duration.ofSeconds(999_999_999);

    static Terms of(SpooledMessage message, RetrySchedule retry, Duration delayNotice) {
        EsmtpParameters parameters = message.envelope().parameters();
        Instant arrival = message.arrival();
        Instant held = parameters
                .holdUntil()
                .or(() -> parameters.holdFor().map(arrival::plus))
                .orElse(arrival);
        Instant release = held.isAfter(arrival) ? held : arrival;
        Instant expiry = release.plus(retry.expiry());
        Instant notice = release.plus(delayNotice);
        DeliverBy by = parameters.deliverBy().orElse(null);
        if (by == null) {
            return new Terms(release, expiry, notice, null, null);
        }
        Instant deadline = release.plus(by.within());
        return by.mode() == DeliverBy.Mode.RETURN
                ? new Terms(release, deadline.isBefore(expiry) ? deadline : expiry, notice, deadline, by)
                : new Terms(release, expiry, deadline, deadline, by);
    }

    /** Whether nothing is to be delivered any more, as it would come too late. */
    boolean isTooLate(Instant now) {
        return returns() && deadline != null && !now.isBefore(deadline);
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
    Envelope handedOn(Envelope envelope, Instant now) {
        EsmtpParameters given = envelope.parameters();
        boolean held = given.has(EsmtpKeyword.HOLDFOR) || given.has(EsmtpKeyword.HOLDUNTIL);
        if (!held && by == null) {
            return envelope;
        }
        EsmtpParameters parameters = given.without(EsmtpKeyword.HOLDFOR).without(EsmtpKeyword.HOLDUNTIL);
        if (by != null && deadline != null) {
            Duration left = Duration.between(now, deadline);
            // A fraction of a second is dropped there, and nothing may be left of none.
            Duration least = returns() ? Duration.ofSeconds(1) : MOST.negated();
            Duration within = left.compareTo(least) < 0 ? least : left.compareTo(MOST) > 0 ? MOST : left;
            parameters = parameters
                    .without(EsmtpKeyword.BY)
                    .with(EsmtpParameter.deliverBy(new DeliverBy(within, by.mode(), by.trace())));
        }
        return new Envelope(envelope.reversePath(), parameters, envelope.recipients());
    }
}
