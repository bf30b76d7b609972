package dev.ehlo.smtp;

import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt did for one recipient, and what the remote host said of it.
 *
 * @param recipient as in the envelope
 * @param status what became of it, and so what is to be done now
 * @param reply the reply that decided; the project's own words where no host replied
 * @param remote the host that replied, or the one not reached; null if the matter was decided here
 * @param phase how far it had come with that host; null if nobody tells, or the matter was decided here
 */
public record RecipientOutcome(
        Recipient recipient,
        DeliveryStatus status,
        Reply reply,
        @Nullable RemoteHost remote,
        @Nullable DeliveryPhase phase) {
    /** An outcome by a host of which no more than the name is known, or by none. */
    public RecipientOutcome(Recipient recipient, DeliveryStatus status, Reply reply, @Nullable String host) {
        this(recipient, status, reply, host == null ? null : RemoteHost.named(host), null);
    }

    /** The outcome that the remote host's final reply for this recipient means. RFC 5321 §4.2.1. */
    public static RecipientOutcome replied(Recipient recipient, Reply reply, @Nullable String host) {
        return new RecipientOutcome(recipient, meaning(reply), reply, host);
    }

    /** The same of a host of which more is known, and when it said so. */
    public static RecipientOutcome replied(Recipient recipient, Reply reply, RemoteHost remote, DeliveryPhase phase) {
        return new RecipientOutcome(recipient, meaning(reply), reply, remote, phase);
    }

    private static DeliveryStatus meaning(Reply reply) {
        return reply.isPositive()
                ? DeliveryStatus.RELAYED
                : reply.isPermanent() ? DeliveryStatus.FAILED : DeliveryStatus.DEFERRED;
    }

    /** The name of the host, if one had a part in it. */
    public Optional<String> host() {
        return Optional.ofNullable(remote).map(RemoteHost::name);
    }

    /**
     * The id under which the host says that it queued the message, to ask its operators about: found in the text of its
     * reply if the recipient is RELAYED and the host words it in a known way. 1 to 255 characters of printable ASCII;
     * what a host claims, and no key to anything.
     */
    public Optional<String> queueId() {
        return status == DeliveryStatus.RELAYED ? reply.queueId() : Optional.empty();
    }

    /** What the host offered; none if no host had a part in it. */
    public Set<Extension> offered() {
        return remote == null ? Set.of() : remote.offered();
    }
}
