package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Reply;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a lane is at the moment.
 *
 * @param name of the destination or its hosts; what strangers say may be in it, so escape it where it is shown
 * @param identity who sends; empty for nobody in particular
 * @param ready deliveries that wait for their turn
 * @param inFlight attempts under way
 * @param window how many may be
 * @param suspended how long until one attempt probes it; zero if it is not suspended, or is being probed
 * @param refusal why an attempt failed last that tells of the destination; null if none has
 */
record LaneState(
        String name,
        String identity,
        int ready,
        int inFlight,
        int window,
        Duration suspended,
        @Nullable Reply refusal) {}
