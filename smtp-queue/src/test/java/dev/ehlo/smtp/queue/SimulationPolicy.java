package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.RetrySchedule.Delay;
import java.time.Duration;
import java.util.stream.Stream;

/** How the queue of a simulation is set up. */
enum SimulationPolicy {
    /** Twenty attempts to each destination whatever it answers, and retries on the second. */
    FIXED("fixed concurrency of 20, no jitter") {
        @Override
        void apply(MailQueueBuilder settings, SimulatedWorld world) {
            LanePolicy fixed = LanePolicy.STANDARD
                    .window(20, 20, 20)
                    .suspension(Integer.MAX_VALUE, Duration.ofMinutes(1), Duration.ofMinutes(1));
            settings.policies(destination -> fixed)
                    .retry(new RetrySchedule(
                            Stream.of(5, 10, 20, 40, 60, 120, 240)
                                    .map(minutes -> Delay.exactly(Duration.ofMinutes(minutes)))
                                    .toList(),
                            RetrySchedule.STANDARD_EXPIRY));
        }
    },
    /** What a user has who sets nothing. */
    ADAPTIVE("adaptive") {
        @Override
        void apply(MailQueueBuilder settings, SimulatedWorld world) {}
    },
    /** Who knows which host serves a domain, and what the largest allow. */
    TOLD("adaptive by hosts, told the limits of the largest") {
        @Override
        void apply(MailQueueBuilder settings, SimulatedWorld world) {
            settings.lanes(recipient -> world.laneOf(recipient.mailbox().destination()))
                    .policies(world::policyOf);
        }
    };

    final String title;

    SimulationPolicy(String title) {
        this.title = title;
    }

    abstract void apply(MailQueueBuilder settings, SimulatedWorld world);
}
