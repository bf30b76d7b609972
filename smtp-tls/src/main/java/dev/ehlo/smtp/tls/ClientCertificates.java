package dev.ehlo.smtp.tls;

/** Whether a server asks its clients for certificates. */
public enum ClientCertificates {
    /** No. */
    NONE,
    /**
     * Yes, and goes on without one. {@link TlsSession#peerChain} has it if the server's trust vouches for it; any other
     * is passed over, as if none had been shown.
     */
    ASKED,
    /** Yes, and the handshake fails without one that the server's trust vouches for. RFC 8446 §4.4.2.4. */
    REQUIRED
}
