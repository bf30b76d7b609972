package dev.ehlo.smtp;

import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt did for one recipient, and what the remote host said of it.
 *
 * @param recipient as in the envelope
 * @param status what is to be done now
 * @param reply the reply that decided; the project's own words where no host replied
 * @param remoteHost the host that replied, or the one not reached; null if the matter was decided here
 * @param offered the extensions that the remote host offered, and so keeps: whoever relays to one without DSN reports
 *     that it did (RFC 3461 §5.2.2); unmodifiable
 */
public record RecipientOutcome(
        Recipient recipient,
        DeliveryStatus status,
        Reply reply,
        @Nullable String remoteHost,
        Set<Extension> offered) {
    /** Copies the set. */
    public RecipientOutcome {
        offered = Set.copyOf(offered);
    }

    /** An outcome by a host that offered nothing, or of which nothing is known. */
    public RecipientOutcome(Recipient recipient, DeliveryStatus status, Reply reply, @Nullable String remoteHost) {
        this(recipient, status, reply, remoteHost, Set.of());
    }

    /** The outcome that the remote host's final reply for this recipient means. RFC 5321 §4.2.1. */
    public static RecipientOutcome replied(Recipient recipient, Reply reply, @Nullable String remoteHost) {
        DeliveryStatus status = reply.isPositive()
                ? DeliveryStatus.RELAYED
                : reply.isPermanent() ? DeliveryStatus.FAILED : DeliveryStatus.DEFERRED;
        return new RecipientOutcome(recipient, status, reply, remoteHost);
    }

    /** This outcome, with what the remote host offered. */
    public RecipientOutcome offered(Set<Extension> extensions) {
        return new RecipientOutcome(recipient, status, reply, remoteHost, extensions);
    }

    /** The host, if one had a part in it. */
    public Optional<String> host() {
        return Optional.ofNullable(remoteHost);
    }
}
