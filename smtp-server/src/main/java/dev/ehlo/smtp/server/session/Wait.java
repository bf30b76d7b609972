package dev.ehlo.smtp.server.session;

import java.util.concurrent.TimeUnit;

/** For how long a client is asked to wait: rounded up to times that people use, so that each reply can be made once. */
enum Wait {
    SECOND(1, "1 second"),
    SECONDS_5(5, "5 seconds"),
    SECONDS_15(15, "15 seconds"),
    MINUTE(60, "1 minute"),
    MINUTES_5(300, "5 minutes"),
    MINUTES_15(900, "15 minutes"),
    HOUR(3600, "1 hour"),
    HOURS_6(21_600, "6 hours"),
    DAY(86_400, "1 day");

    private static final Wait[] ALL = values();

    private final long nanos;
    private final String text;

    Wait(long seconds, String text) {
        this.nanos = TimeUnit.SECONDS.toNanos(seconds);
        this.text = text;
    }

    /** The first that is no shorter, or the longest. */
    static Wait of(long nanos) {
        for (Wait each : ALL) {
            if (nanos <= each.nanos) {
                return each;
            }
        }
        return DAY;
    }

    String text() {
        return text;
    }
}
