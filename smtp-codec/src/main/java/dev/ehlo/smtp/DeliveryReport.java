package dev.ehlo.smtp;

import java.util.List;
import java.util.function.Function;

/**
 * What became of one delivery attempt.
 *
 * @param outcomes one for each recipient, in the envelope's order; unmodifiable
 */
public record DeliveryReport(List<RecipientOutcome> outcomes) {
    /** Copies the list. */
    public DeliveryReport {
        outcomes = List.copyOf(outcomes);
    }

    /** A report with an outcome made for each recipient of the envelope. */
    public static DeliveryReport forEach(Envelope envelope, Function<Recipient, RecipientOutcome> outcome) {
        return new DeliveryReport(envelope.recipients().stream().map(outcome).toList());
    }

    /** Whether every recipient was taken. */
    public boolean isRelayedToAll() {
        return outcomes.stream().allMatch(o -> o.status().isSuccess());
    }
}
