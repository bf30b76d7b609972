package dev.ehlo.smtp;

import org.jspecify.annotations.Nullable;

/**
 * Where a message came from and where reports about it go: the argument of MAIL FROM. RFC 5321 §3.3, §4.5.5.
 *
 * @param mailbox the sender, or null for the null reverse-path {@code <>} of reports, which are never answered
 */
public record ReversePath(@Nullable Mailbox mailbox) {
    /** {@code <>}. */
    public static final ReversePath NULL = new ReversePath(null);

    /** @throws IllegalArgumentException for {@link Mailbox#POSTMASTER}, which is a forward-path only */
    public ReversePath {
        if (mailbox != null && mailbox.domain().isEmpty()) {
            throw new IllegalArgumentException("a reverse-path has a domain: " + mailbox);
        }
    }

    /**
     * The reverse-path of the text; the empty text is {@link #NULL}.
     *
     * @throws IllegalArgumentException if the text is no mailbox
     */
    public static ReversePath parse(String text) {
        return text.isEmpty() ? NULL : new ReversePath(Mailbox.parse(text));
    }

    /** Whether this is {@code <>}. */
    public boolean isNull() {
        return mailbox == null;
    }

    /** The mailbox without angle brackets, empty for the null reverse-path. */
    @Override
    public String toString() {
        return mailbox == null ? "" : mailbox.toString();
    }
}
