package dev.ehlo.smtp.queue;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much a destination may get: no more than so many within any such time, spread over it.
 *
 * @param most how many, 1 to 1,000,000
 * @param within from a millisecond to 30 days
 */
public record SendRate(int most, Duration within) {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,7})/([0-9]{0,5})([smhd])");
    private static final int MOST = 1_000_000;
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(30);

    /** @throws IllegalArgumentException if either is out of its range */
    public SendRate {
        if (most < 1 || most > MOST || within.compareTo(SHORTEST) < 0 || within.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("not a rate: " + most + " within " + within);
        }
    }

    /**
     * The rate that the text says: {@code 60/m}, {@code 500/15m}, {@code 2000/d}, with s, m, h or d.
     *
     * @throws IllegalArgumentException if it says none
     */
    public static SendRate parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a rate such as 60/m: " + QuotedText.ascii(text));
        }
        long count = matcher.group(2).isEmpty() ? 1 : Long.parseLong(matcher.group(2));
        Duration within = switch (matcher.group(3)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
        return new SendRate(Integer.parseInt(matcher.group(1)), within);
    }

    /** How much may go at once, so that together with what comes free meanwhile it is never more than the rate. */
    int burst() {
        return Math.max(1, most / 20);
    }
}
