package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.Octets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often something may happen: so many times at once, and again as time passes, evenly. Who has had all of 60 within a
 * minute has one more after each second.
 *
 * @param events how many, 1 to 1,000,000,000
 * @param within from a millisecond to 365 days
 */
public record Rate(int events, Duration within) {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,10})/([0-9]{0,6})([smhd])");
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(365);

    /** As often as anybody likes. */
    public static final Rate UNLIMITED = new Rate(1_000_000_000, Duration.ofMillis(1));

    /** @throws IllegalArgumentException if either is out of its range */
    public Rate {
        if (events < 1 || events > 1_000_000_000 || within.compareTo(SHORTEST) < 0 || within.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("rate: " + events + " within " + within);
        }
    }

    /** That many within a minute. */
    public static Rate perMinute(int events) {
        return new Rate(events, Duration.ofMinutes(1));
    }

    /** That many within an hour. */
    public static Rate perHour(int events) {
        return new Rate(events, Duration.ofHours(1));
    }

    /**
     * The rate that the text says: {@code 60/m}, {@code 500/15m}, {@code 2000/d}, with s, m, h or d; {@code off} for
     * none.
     *
     * @throws IllegalArgumentException if it says none
     */
    public static Rate parse(String text) {
        if (text.equals("off")) {
            return UNLIMITED;
        }
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a rate: " + Octets.printable(text));
        }
        long count = matcher.group(2).isEmpty() ? 1 : Long.parseLong(matcher.group(2));
        Duration within = switch (matcher.group(3)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
        return new Rate((int) Math.min(Integer.MAX_VALUE, Long.parseLong(matcher.group(1))), within);
    }

    /** Whether it limits nothing. */
    public boolean isUnlimited() {
        return equals(UNLIMITED);
    }
}
