package dev.ehlo.smtp.client;

import java.time.Duration;

/**
 * How long each phase of a session may last before the attempt is given up. A time is for the whole phase, not for each
 * read, so that a server which drips octets gains nothing. A TLS handshake has as long as a command, and half a minute
 * at most. RFC 5321 §4.5.3.2.
 *
 * @param connect until the connection stands
 * @param greeting until 220. RFC 5321 §4.5.3.2.1
 * @param command until the reply to EHLO, STARTTLS, AUTH, MAIL or RCPT. RFC 5321 §4.5.3.2.2, §4.5.3.2.3
 * @param data until 354. RFC 5321 §4.5.3.2.4
 * @param block until the server has made room for another block of content. RFC 5321 §4.5.3.2.5
 * @param endOfData until the reply to end of data. RFC 5321 §4.5.3.2.6
 * @param quit until the reply to QUIT, which the outcome does not wait for
 */
public record SessionTimeouts(
        Duration connect,
        Duration greeting,
        Duration command,
        Duration data,
        Duration block,
        Duration endOfData,
        Duration quit) {

    private static final SessionTimeouts STANDARD = new SessionTimeouts(
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Duration.ofMinutes(5),
            Duration.ofMinutes(2),
            Duration.ofMinutes(3),
            Duration.ofMinutes(10),
            Duration.ofSeconds(10));

    /** @throws IllegalArgumentException if a time is not positive, or longer than a day */
    public SessionTimeouts {
        Duration[] all = {connect, greeting, command, data, block, endOfData, quit};
        for (Duration time : all) {
            if (time.isNegative() || time.isZero() || time.compareTo(Duration.ofDays(1)) > 0) {
                throw new IllegalArgumentException("not a time limit: " + time);
            }
        }
    }

    /** The times of RFC 5321 §4.5.3.2, and half a minute to connect. */
    public static SessionTimeouts standard() {
        return STANDARD;
    }

    /** The standard times where they are shorter than this, and this where they are not: for a person who waits. */
    public static SessionTimeouts atMost(Duration limit) {
        return new SessionTimeouts(
                shorter(STANDARD.connect, limit),
                shorter(STANDARD.greeting, limit),
                shorter(STANDARD.command, limit),
                shorter(STANDARD.data, limit),
                shorter(STANDARD.block, limit),
                shorter(STANDARD.endOfData, limit),
                shorter(STANDARD.quit, limit));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
