package dev.ehlo.smtp.jakarta;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Reply;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What became of one recipient, and what the server said: one for each who does not have the message, chained to the
 * {@link jakarta.mail.SendFailedException} by {@link #getNextException}, in the order of the addresses. What the server
 * said is text of a stranger, with control characters escaped.
 *
 * <pre>{@code
 * for (Exception each = sendFailed.getNextException(); each instanceof RecipientException one; each = one.getNextException()) {
 *     log.info("{}: {} {}", one.address(), one.status(), one.reply());
 * }
 * }</pre>
 */
public final class RecipientException extends MessagingException {
    private static final long serialVersionUID = 1;

    private final InternetAddress address;
    private final DeliveryStatus status;
    private final transient Reply reply;
    private final @Nullable DeliveryPhase phase;

    RecipientException(
            InternetAddress address,
            DeliveryStatus status,
            Reply reply,
            @Nullable DeliveryPhase phase,
            @Nullable RecipientException next) {
        super(address.getAddress() + ": " + reply, next);
        this.address = address;
        this.status = status;
        this.reply = reply;
        this.phase = phase;
    }

    /** Whose outcome it is. */
    public InternetAddress address() {
        return address;
    }

    /**
     * {@code FAILED}: for good. {@code DEFERRED}, {@code NOT_SENT}: may be tried again. {@code UNKNOWN}: the server may
     * have the message. {@code RELAYED}: it has, where {@code mail.smtp.reportsuccess} asks for that too.
     */
    public DeliveryStatus status() {
        return status;
    }

    /** What the server said, or in this side's words what happened. Null in an exception that was serialized. */
    public Reply reply() {
        return reply;
    }

    /** How far it had come with the server; null if nobody tells, or the matter was decided here. */
    public @Nullable DeliveryPhase phase() {
        return phase;
    }
}
