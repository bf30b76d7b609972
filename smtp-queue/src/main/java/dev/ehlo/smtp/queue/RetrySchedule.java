package dev.ehlo.smtp.queue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How long to wait after each deferred attempt, and when to give up. RFC 5321 §4.5.4.1.
 *
 * @param delays after the first attempt, the second and so on; the last one repeats; positive, at least one
 * @param expiry the age at which a message is given up; positive
 */
public record RetrySchedule(List<Duration> delays, Duration expiry) {
    /** Five days: RFC 5321 §4.5.4.1 asks for at least four to five. */
    public static final Duration STANDARD_EXPIRY = Duration.ofDays(5);

    /** @throws IllegalArgumentException if there is no delay, or one of them or the expiry is not positive */
    public RetrySchedule {
        delays = List.copyOf(delays);
        if (delays.isEmpty() || !delays.stream().allMatch(RetrySchedule::isPositive) || !isPositive(expiry)) {
            throw new IllegalArgumentException("not a retry schedule: " + delays + ", expiry " + expiry);
        }
    }

    /** After 5, 10, 20 and 40 minutes, 1 and 2 hours, then each 4 hours until the fifth day. */
    public static RetrySchedule standard() {
        return parse("5m,10m,20m,40m,1h,2h,4h");
    }

    /**
     * A schedule of these delays, of which the last repeats until the expiry.
     *
     * @throws IllegalArgumentException as the constructor
     */
    public static RetrySchedule of(List<Duration> delays, Duration expiry) {
        return new RetrySchedule(delays, expiry);
    }

    /**
     * The schedule that the text says, such as {@code 10s,1m,5m}, with units s, m, h and d, and the standard expiry.
     *
     * @throws IllegalArgumentException if it says none
     */
    public static RetrySchedule parse(String text) {
        List<Duration> delays = new ArrayList<>();
        for (String delay : text.split(",", -1)) {
            delays.add(duration(delay.strip(), text));
        }
        return new RetrySchedule(delays, STANDARD_EXPIRY);
    }

    /** How long to wait when {@code attempts} attempts, at least one, were deferred. */
    public Duration after(int attempts) {
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
