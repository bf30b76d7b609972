package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.reactor.CloseCause.Kind;

/** The phases of a {@link Lifecycle}, which draws the moves between them. */
enum Phase {
    CONNECTING(Kind.NOT_CONNECTED, "not connected in time"),
    HANDSHAKING(Kind.HANDSHAKE_FAILED, "the handshake did not end in time"),
    OPEN(Kind.LOST, ""),
    CLOSING(Kind.LOCAL, ""),
    CLOSED(Kind.LOCAL, "");

    /** What it is to the handler if the network or the TLS engine fails in this phase. */
    final Kind failure;

    /** What to say if its time limit is reached. */
    final String late;

    Phase(Kind failure, String late) {
        this.failure = failure;
        this.late = late;
    }
}
