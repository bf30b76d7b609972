package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.TlsVerdict;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Why a connection is gone.
 *
 * @param kind what happened
 * @param error what the system or the TLS engine said of it; for the log, never for the peer; null for {@link Kind#LOCAL}
 */
public record CloseCause(Kind kind, @Nullable Exception error) {
    /** What happened. */
    public enum Kind {
        /** This side closed or aborted it. */
        LOCAL,
        /** It could not be connected in time, or was refused. */
        NOT_CONNECTED,
        /** The handshake failed, or did not end in time. */
        HANDSHAKE_FAILED,
        /** Under TLS the peer's octets ended without close_notify: perhaps not by the peer. RFC 8446 §6.1. */
        TRUNCATED,
        /** The peer reset it, or the network failed. */
        LOST,
        /** A file region could not be read, or was shorter than promised: what was to be sent would be cut short. */
        UNREADABLE
    }

    /** The error, if there was one. */
    public Optional<Exception> cause() {
        return Optional.ofNullable(error);
    }

    /** The verdict of this client's policy on the server, if that is why the handshake failed. */
    public Optional<TlsVerdict> verdict() {
        return cause().flatMap(TlsVerdict::of);
    }
}
