package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is in a queue at a moment, by how it stands, by age and by destination. Counted in deliveries: recipients of a
 * message that go one way are one.
 *
 * @param at when
 * @param states how many stand how; unmodifiable, with each state
 * @param ages how many have been in the queue for how long: from the youngest, together all; unmodifiable
 * @param destinations those with most that is not in flight first, as many as were asked for; unmodifiable
 */
public record QueueDepth(
        Instant at, Map<QueuedRecipient.State, Long> states, List<Age> ages, List<Destination> destinations) {
    /** Copies what it is given. */
    public QueueDepth {
        states = Map.copyOf(states);
        ages = List.copyOf(ages);
        destinations = List.copyOf(destinations);
    }

    /**
     * What has been in the queue for less than a time, and for no less than the time of the one before.
     *
     * @param below the time; null for whatever is older
     * @param deliveries how many
     */
    public record Age(@Nullable Duration below, long deliveries) {}

    /**
     * What there is to one domain; messages that are to several domains are not counted here.
     *
     * @param domain as DNS has it
     * @param ready how many are due, and wait for their turn
     * @param inFlight how many are being attempted
     * @param deferred how many wait for their time
     * @param held how many an operator holds
     * @param oldest when the oldest one came in
     * @param lane by which they go; null if none of them is in any
     */
    public record Destination(
            String domain,
            long ready,
            long inFlight,
            long deferred,
            long held,
            Instant oldest,
            @Nullable Lane lane) {
        /** All of them but those in flight. */
        public long waiting() {
            return ready + deferred + held;
        }
    }

    /**
     * How a lane goes, which several destinations may share.
     *
     * @param name as the application, or a look-up, names it
     * @param window how many attempts may be in flight
     * @param inFlight how many are
     * @param suspended for how long nothing is attempted but a probe; zero if it is not suspended
     * @param relayed recipients that have it since the lane is known; it is forgotten when nothing is to be remembered
     * @param reply what it was refused for last; null if it was not
     */
    public record Lane(
            String name,
            int window,
            int inFlight,
            Duration suspended,
            long relayed,
            @Nullable Reply reply) {}
}
