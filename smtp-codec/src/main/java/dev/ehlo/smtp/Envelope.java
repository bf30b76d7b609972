package dev.ehlo.smtp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a mail transaction says beside the content. RFC 5321 §2.3.1.
 *
 * <pre>{@code Envelope.from("a@example.org").to("b@example.net", "c@example.net")}</pre>
 *
 * @param reversePath where reports go
 * @param parameters those of MAIL
 * @param recipients unmodifiable, in the order of RCPT; may hold the same mailbox twice
 */
public record Envelope(ReversePath reversePath, EsmtpParameters parameters, List<Recipient> recipients) {
    /** Copies the list. */
    public Envelope {
        recipients = List.copyOf(recipients);
    }

    /**
     * An envelope of that sender and, as yet, no recipient; the empty text is the null reverse-path.
     *
     * @throws IllegalArgumentException if the text is no mailbox
     */
    public static Envelope from(String reversePath) {
        return from(ReversePath.parse(reversePath));
    }

    /** An envelope of that sender and, as yet, no recipient. */
    public static Envelope from(ReversePath reversePath) {
        return new Envelope(reversePath, EsmtpParameters.NONE, List.of());
    }

    /**
     * This envelope with more recipients.
     *
     * @throws IllegalArgumentException if one is no mailbox
     */
    public Envelope to(String... mailboxes) {
        return to(Arrays.stream(mailboxes).map(Recipient::of).toList());
    }

    /** This envelope with more recipients. */
    public Envelope to(List<Recipient> more) {
        List<Recipient> all = new ArrayList<>(recipients);
        all.addAll(more);
        return new Envelope(reversePath, parameters, all);
    }

    /** This envelope with these recipients in place of its own: what is left to deliver, or goes one way. */
    public Envelope only(List<Recipient> others) {
        return new Envelope(reversePath, parameters, others);
    }

    /**
     * This envelope with a parameter of MAIL more.
     *
     * @throws IllegalArgumentException if the keyword is there already
     */
    public Envelope with(EsmtpParameter parameter) {
        return new Envelope(reversePath, parameters.with(parameter), recipients);
    }
}
