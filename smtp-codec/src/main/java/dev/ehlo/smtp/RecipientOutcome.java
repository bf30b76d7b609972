package dev.ehlo.smtp;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt did for one recipient, and what the remote host said of it.
 *
 * @param recipient as in the envelope
 * @param status what is to be done now
 * @param reply the reply that decided; the project's own words where no host replied
 * @param remoteHost the host that replied, or the one not reached; null if the matter was decided here
 */
public record RecipientOutcome(
        Recipient recipient,
        DeliveryStatus status,
        Reply reply,
        @Nullable String remoteHost) {

    /** The outcome that the remote host's final reply for this recipient means. RFC 5321 §4.2.1. */
    public static RecipientOutcome replied(Recipient recipient, Reply reply, @Nullable String remoteHost) {
        DeliveryStatus status = reply.isPositive()
                ? DeliveryStatus.RELAYED
                : reply.isPermanent() ? DeliveryStatus.FAILED : DeliveryStatus.DEFERRED;
        return new RecipientOutcome(recipient, status, reply, remoteHost);
    }

    /** The host, if one had a part in it. */
    public Optional<String> host() {
        return Optional.ofNullable(remoteHost);
    }
}
