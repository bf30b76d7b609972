package dev.ehlo.smtp.queue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How long to wait after each deferred attempt, and when to give up. RFC 5321 §4.5.4.1.
 *
 * <pre>{@code
 * RetrySchedule.standard()
 * RetrySchedule.parse("10s,1m,5m").expiringAfter(Duration.ofDays(2))
 * RetrySchedule.exponential(Duration.ofMinutes(5), Duration.ofMinutes(20), Duration.ofHours(4))
 * }</pre>
 *
 * <p>Each delay is a range, from the whole of which the time is drawn evenly: mail that was deferred together does not
 * come back together.
 *
 * @param delays after the first attempt, the second and so on; the last one repeats; at least one
 * @param expiry the age at which a message is given up; positive
 */
public record RetrySchedule(List<Delay> delays, Duration expiry) {
    /** Five days: RFC 5321 §4.5.4.1 asks for at least four to five. */
    public static final Duration STANDARD_EXPIRY = Duration.ofDays(5);

    /** What a delay that is told as one time may be longer by. */
    private static final int JITTER = 10;

    /** No longer: what is drawn is counted in milliseconds. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private static final RetrySchedule STANDARD = exponential(
                    Duration.ofMinutes(5), Duration.ofMinutes(20), Duration.ofHours(4))
            .after(
                    new Delay(Duration.ofMinutes(1), Duration.ofMinutes(2)),
                    new Delay(Duration.ofMinutes(5), Duration.ofMinutes(10)));

    /**
     * The range that a delay is drawn from.
     *
     * @param least positive
     * @param most not less than that, and not more than a hundred years
     */
    public record Delay(Duration least, Duration most) {
        /** @throws IllegalArgumentException if that is no range of positive times */
        public Delay {
            if (!isPositive(least) || most.compareTo(least) < 0 || most.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("not a delay: from " + least + " to " + most);
            }
        }

        /**
         * Always that long, so that what was deferred together is tried again together.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public static Delay exactly(Duration time) {
            return new Delay(time, time);
        }

        /** That long, or up to a tenth longer. */
        private static Delay about(Duration time) {
            return new Delay(time, isPositive(time) ? time.plus(time.dividedBy(JITTER)) : time);
        }

        long leastMillis() {
            return Math.max(least.toMillis(), 1);
        }

        long mostMillis() {
            return Math.max(most.toMillis(), 1);
        }

        /** Any time of the range with the same chance, in milliseconds, at least one. */
        long draw(RandomGenerator random) {
            return leastMillis() + (long) ((mostMillis() - leastMillis()) * random.nextDouble());
        }
    }

    /** @throws IllegalArgumentException if there is no delay, or the expiry is not positive */
    public RetrySchedule {
        delays = List.copyOf(delays);
        if (delays.isEmpty() || !isPositive(expiry)) {
            throw new IllegalArgumentException("not a retry schedule: " + delays + ", expiry " + expiry);
        }
    }

    /**
     * After 1 to 2 and 5 to 10 minutes, for hosts that defer whom they do not know (greylisting); then exponential with
     * full jitter, after 5 to 20, 40, 80 and 160 minutes and from then on 5 minutes to 4 hours, until the fifth day.
     */
    public static RetrySchedule standard() {
        return STANDARD;
    }

    /**
     * Exponential with full jitter, and the standard expiry: drawn from between {@code least} and an upper end that is
     * {@code first} for the first delay and twice as long for each further one, up to {@code cap}.
     *
     * @throws IllegalArgumentException unless 0 &lt; {@code least} ≤ {@code first} ≤ {@code cap} ≤ a hundred years
     */
    public static RetrySchedule exponential(Duration least, Duration first, Duration cap) {
        List<Delay> delays = new ArrayList<>();
        Duration most = first;
        for (; most.compareTo(cap) < 0; most = most.multipliedBy(2)) {
            delays.add(new Delay(least, most));
        }
        if (delays.isEmpty() && !first.equals(cap)) {
            throw new IllegalArgumentException("not delays: from " + first + " to " + cap);
        }
        delays.add(new Delay(least, cap));
        return new RetrySchedule(delays, STANDARD_EXPIRY);
    }

    /**
     * A schedule of these delays, each up to a tenth longer, of which the last repeats until the expiry.
     *
     * @throws IllegalArgumentException if there is no delay, or one of them or the expiry is not positive
     */
    public static RetrySchedule of(List<Duration> delays, Duration expiry) {
        return new RetrySchedule(delays.stream().map(Delay::about).toList(), expiry);
    }

    /**
     * The schedule that the text says, such as {@code 10s,1m,5m}, with units s, m, h and d, as {@link #of} has it, and
     * the standard expiry.
     *
     * @throws IllegalArgumentException if it says none
     */
    public static RetrySchedule parse(String text) {
        List<Duration> delays = new ArrayList<>();
        for (String delay : text.split(",", -1)) {
            delays.add(duration(delay.strip(), text));
        }
        return of(delays, STANDARD_EXPIRY);
    }

    /** This schedule after these delays, which are the first then. */
    public RetrySchedule after(Delay... quick) {
        List<Delay> all = new ArrayList<>(List.of(quick));
        all.addAll(delays);
        return new RetrySchedule(all, expiry);
    }

    /**
     * This schedule with another expiry.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public RetrySchedule expiringAfter(Duration age) {
        return new RetrySchedule(delays, age);
    }

    /** How long to wait when {@code attempts} attempts, at least one, were deferred. */
    public Delay delay(int attempts) {
        return delays.get(Math.min(attempts, delays.size()) - 1);
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static Duration duration(String delay, String whole) {
        if (delay.matches("[0-9]{1,9}[smhd]")) {
            long amount = Long.parseLong(delay.substring(0, delay.length() - 1));
            return switch (delay.charAt(delay.length() - 1)) {
                case 's' -> Duration.ofSeconds(amount);
                case 'm' -> Duration.ofMinutes(amount);
                case 'h' -> Duration.ofHours(amount);
                default -> Duration.ofDays(amount);
            };
        }
        throw new IllegalArgumentException("not a retry schedule such as 10s,1m,5m: " + whole);
    }
}
