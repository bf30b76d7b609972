package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.grammar.Octets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A mailbox or a domain that nothing is to be delivered to.
 *
 * @param target as {@link #target} has it
 * @param reason for people, the senders too: printable, of 1 to {@value #MOST_REASON} characters
 * @param since when it came about
 * @param until when it ends; null if it does not
 */
public record Suppression(
        String target,
        String reason,
        Instant since,
        @Nullable Instant until) {
    /** Characters of a reason. */
    public static final int MOST_REASON = 200;

    /** @throws IllegalArgumentException if the target is not as {@link #target} has it, or the reason out of its bounds */
    public Suppression {
        if (target.indexOf('@') == 0 || !target.equals(target(target))) {
            throw new IllegalArgumentException("not in its one form: " + Octets.printable(target));
        }
        if (reason.isBlank() || reason.length() > MOST_REASON || !Octets.isPrintable(reason)) {
            throw new IllegalArgumentException("not a reason: " + Octets.printable(reason));
        }
    }

    /**
     * The one form of a mailbox or domain, in which it is compared: A to Z in lower case, in the local part too, since
     * hosts that tell cases apart are not to be met; the domain in ASCII.
     *
     * @param text {@code user@example.org}, {@code example.org} or {@code @example.org}
     * @throws IllegalArgumentException if the text is neither, or holds white space
     */
    public static String target(String text) {
        int at = text.lastIndexOf('@');
        boolean domain = at <= 0;
        Mailbox mailbox = Mailbox.parse(domain ? "x@" + text.substring(at + 1) : text);
        if (mailbox.domain().isEmpty() || text.chars().anyMatch(Character::isWhitespace)) {
            throw new IllegalArgumentException("not a mailbox or domain to suppress: " + Octets.printable(text));
        }
        return domain ? mailbox.destination() : target(mailbox);
    }

    /** The same of a mailbox that has a domain. */
    static String target(Mailbox mailbox) {
        String whole = mailbox.toString();
        String localPart = whole.substring(0, whole.length() - mailbox.domain().length());
        return Octets.lowerAscii(localPart) + mailbox.destination();
    }

    /** Whether it counts still. */
    boolean isInForce(long nowMillis) {
        return until == null || nowMillis < until.toEpochMilli();
    }
}
