package dev.ehlo.smtp.codec;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Dates in header fields and trace fields. RFC 5322 §3.3. */
public final class MessageDate {
    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("EEE, d MMM uuuu HH:mm:ss Z", Locale.US);

    private MessageDate() {}

    /** {@code Sat, 21 Nov 2026 20:29:15 +0000}. */
    public static String format(Instant time, ZoneId zone) {
        return FORMAT.format(time.atZone(zone));
    }
}
