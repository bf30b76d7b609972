package dev.ehlo.smtp.server.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Rate;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** The bucket that is one number, beside one that is slow and obvious. */
class PaceProperties {
    /** What is in the bucket, in nanoseconds of its rate. */
    private static final class ReferenceBucket {
        final long token;
        final long most;
        long content;

        ReferenceBucket(Rate rate) {
            token = rate.within().toNanos() / rate.events();
            most = token * rate.events();
            content = most;
        }

        void pass(long nanos) {
            content = Math.min(most, content + nanos);
        }

        /** How long to wait. */
        long take() {
            if (content < token) {
                return token - content;
            }
            content -= token;
            return 0;
        }
    }

    @Property(tries = 300)
    void letsThroughWhatTheReferenceDoes(
            @ForAll @IntRange(min = 1, max = 20) int events,
            @ForAll @IntRange(min = 1, max = 5000) int millis,
            @ForAll long start,
            @ForAll @Size(max = 200) List<@LongRange(min = 0, max = 2_000_000_000) Long> pauses) {
        Rate rate = new Rate(events, Duration.ofMillis(millis));
        Pace pace = new Pace(rate);
        ReferenceBucket reference = new ReferenceBucket(rate);
        long now = start;
        Usage usage = new Usage(1, now);
        for (long pause : pauses) {
            // Half of them at the same time, so that buckets get empty.
            long passed = (pause & 1) == 0 ? 0 : pause;
            now += passed;
            reference.pass(passed);
            assertThat(pace.take(Usage.MESSAGES, usage, now)).isEqualTo(reference.take());
            if (usage.forgottenAt() - now <= 0) {
                assertThat(reference.content).isEqualTo(reference.most);
            }
        }
    }

    @Property(tries = 100)
    void givesBackWhatWasTaken(@ForAll @IntRange(min = 1, max = 50) int events, @ForAll long now) {
        Pace pace = new Pace(Rate.perMinute(events));
        Usage usage = new Usage(1, now);
        for (int i = 0; i < 3 * events; i++) {
            assertThat(pace.take(Usage.RECIPIENTS, usage, now)).isZero();
            pace.giveBack(Usage.RECIPIENTS, usage);
        }
        for (int i = 0; i < events; i++) {
            assertThat(pace.take(Usage.RECIPIENTS, usage, now)).isZero();
        }
        assertThat(pace.take(Usage.RECIPIENTS, usage, now)).isPositive();
    }
}
