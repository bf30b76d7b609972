package dev.ehlo.smtp.tls.reactor;

/** Where a connection is when it ends, for {@link EndingsTest}. */
enum EndingState {
    CONNECTING,
    HANDSHAKE_SILENT,
    HANDSHAKE_HALF_HELLO,
    HANDSHAKE_ANSWERED,
    HANDSHAKE_STARTTLS,
    CLIENT_HANDSHAKE_SILENT,
    CLIENT_HANDSHAKE_HALF_RECORD,
    OPEN,
    OPEN_PAUSED,
    OPEN_BLOCKED,
    TLS_OPEN,
    TLS_PAUSED,
    TLS_BLOCKED,
    FLUSHING,
    TLS_FLUSHING,
    LINGERING,
    TLS_LINGERING;

    boolean isPaused() {
        return this == OPEN_PAUSED || this == TLS_PAUSED;
    }

    /** The peer has not read, and more is put than the socket takes. */
    boolean isBlocked() {
        return this == OPEN_BLOCKED || this == TLS_BLOCKED || isFlushing();
    }

    boolean isFlushing() {
        return this == FLUSHING || this == TLS_FLUSHING;
    }

    boolean isLingering() {
        return this == LINGERING || this == TLS_LINGERING;
    }

    boolean isUnderTls() {
        return name().startsWith("TLS_");
    }

    boolean isClient() {
        return this == CONNECTING || name().startsWith("CLIENT_");
    }

    boolean isImplicitTls() {
        return isUnderTls() || isClient() || name().startsWith("HANDSHAKE_") && this != HANDSHAKE_STARTTLS;
    }
}
