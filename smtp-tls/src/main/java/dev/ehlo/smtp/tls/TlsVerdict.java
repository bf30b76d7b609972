package dev.ehlo.smtp.tls;

import dev.ehlo.smtp.tls.reactor.Escaped;
import java.util.Optional;
import javax.net.ssl.SSLSession;

/**
 * What a {@link TlsPolicy} says of a server.
 *
 * @param accepted whether mail may go there
 * @param authenticated whether it is known who the server is, and not only that what it is told is encrypted
 * @param reason why, in a postmaster's words and printable ASCII; what a peer had a hand in is escaped and cut:
 *     {@code the certificate is expired since 2026-01-01T00:00:00Z}
 * @param fault which kind of fault keeps the server from being authenticated; empty if nothing does, or nothing was asked
 */
public record TlsVerdict(boolean accepted, boolean authenticated, String reason, Optional<CertificateFault> fault) {
    /** Causes of an error that are followed; a chain of them can be a circle. */
    private static final int CAUSES = 16;

    private static final String KEY = TlsVerdict.class.getName();

    /**
     * A verdict.
     *
     * @throws IllegalArgumentException if the server is authenticated and not accepted
     */
    public TlsVerdict {
        if (authenticated && !accepted) {
            throw new IllegalArgumentException("authenticated and refused: " + Escaped.text(reason));
        }
    }

    /**
     * A verdict on which no fault is known.
     *
     * @throws IllegalArgumentException if the server is authenticated and not accepted
     */
    public TlsVerdict(boolean accepted, boolean authenticated, String reason) {
        this(accepted, authenticated, reason, Optional.empty());
    }

    static TlsVerdict authenticated(String reason) {
        return new TlsVerdict(true, true, reason);
    }

    static TlsVerdict encrypted(String reason) {
        return new TlsVerdict(true, false, reason);
    }

    static TlsVerdict encrypted(Fault fault) {
        return new TlsVerdict(true, false, "encrypted; " + fault.words(), Optional.of(fault.kind()));
    }

    static TlsVerdict refused(Fault fault) {
        return new TlsVerdict(false, false, fault.words(), Optional.of(fault.kind()));
    }

    /** The verdict for which a handshake failed; empty if it failed for something else. */
    public static Optional<TlsVerdict> of(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; i < CAUSES && cause != null; i++) {
            if (cause instanceof RefusedCertificate refused) {
                return Optional.of(refused.verdict());
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    /**
     * The verdict that a client came to in the full handshake of the session, when this one is a later one with the
     * session resumed too; empty for a server.
     */
    static Optional<TlsVerdict> of(SSLSession session) {
        return session.getValue(KEY) instanceof TlsVerdict verdict ? Optional.of(verdict) : Optional.empty();
    }

    void keepIn(SSLSession session) {
        session.putValue(KEY, this);
    }
}
