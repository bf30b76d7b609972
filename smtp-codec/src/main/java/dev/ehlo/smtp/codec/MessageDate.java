package dev.ehlo.smtp.codec;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/** Dates in header fields and trace fields, in English whatever the JVM speaks. RFC 5322 §3.3. */
public final class MessageDate {
    /** Characters of a date, its comments and folds among them: one whole line of RFC 5322 §2.1.1. */
    public static final int MAX_TEXT = 998;

    /** Years that have a date: four digits (RFC 5322 §3.3 begins with 1900). */
    static final int FIRST_YEAR = 1900;

    static final int LAST_YEAR = 9999;

    static final List<String> DAYS = List.of("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");
    static final List<String> MONTHS =
            List.of("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");

    private static final long FIRST_SECOND =
            LocalDateTime.of(FIRST_YEAR, 1, 1, 0, 0).toEpochSecond(ZoneOffset.UTC);
    private static final long END = LocalDateTime.of(LAST_YEAR + 1, 1, 1, 0, 0).toEpochSecond(ZoneOffset.UTC);

    private MessageDate() {}

    /**
     * {@code Sat, 21 Nov 2026 20:29:15 +0000}. Where the zone is off by parts of a minute, as zones were long ago, the
     * time told is that of the whole minutes.
     *
     * @throws IllegalArgumentException if the year there is before 1900 or has more than four digits
     */
    public static String format(Instant time, ZoneId zone) {
        int minutes = zone.getRules().getOffset(time).getTotalSeconds() / 60;
        return format(time, minutes, minutes < 0 ? '-' : '+');
    }

    /**
     * {@code Sat, 21 Nov 2026 20:29:15 -0000}: the time, of which it is not known what zone it was told in.
     *
     * @throws IllegalArgumentException as {@link #format(Instant, ZoneId)}
     */
    public static String formatWithoutZone(Instant time) {
        return format(time, 0, '-');
    }

    private static String format(Instant time, int offsetMinutes, char sign) {
        long second = time.getEpochSecond() + 60L * offsetMinutes;
        if (second < FIRST_SECOND || second >= END) {
            throw new IllegalArgumentException("not a year of a date: " + time);
        }
        LocalDateTime local = LocalDateTime.ofEpochSecond(second, 0, ZoneOffset.UTC);
        StringBuilder text = new StringBuilder(32)
                .append(DAYS.get(local.getDayOfWeek().getValue() - 1))
                .append(", ")
                .append(local.getDayOfMonth())
                .append(' ')
                .append(MONTHS.get(local.getMonthValue() - 1))
                .append(' ')
                .append(local.getYear());
        twoDigits(text.append(' '), local.getHour());
        twoDigits(text.append(':'), local.getMinute());
        twoDigits(text.append(':'), local.getSecond());
        twoDigits(text.append(' ').append(sign), Math.abs(offsetMinutes) / 60);
        twoDigits(text, Math.abs(offsetMinutes) % 60);
        return text.toString();
    }

    private static void twoDigits(StringBuilder text, int number) {
        text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
    }

    /**
     * The date in a field's value, to the second. Takes what RFC 5322 §4.3 wants taken as well: comments and folds
     * between the words, years of two and three digits, zones by name (those that say nothing are UTC, as {@code -0000}
     * is). A leap second is the one after it. Empty for anything else: a day that is not in the calendar or not on that
     * day of the week, a zone further than 18 hours from UTC.
     */
    public static Optional<OffsetDateTime> parse(String text) {
        return text.length() > MAX_TEXT ? Optional.empty() : new DateText(text).read();
    }
}
