package dev.ehlo.smtp.client;

/**
 * Is told each line of each session, for a person to read. Lines are escaped, so that what a server sends moves
 * nothing on a terminal; credentials are masked ({@code AUTH PLAIN ****}); content is told by its length
 * ({@code <1234 octets of content>}). Called on loop threads, or one that waits for its delivery, for several sessions at
 * once, and must not block.
 */
public interface DialogueListener {
    /** This side said that. */
    void sent(String line);

    /** The server said that. */
    void received(String line);

    /**
     * From here on the session is under TLS: protocol, suite, whether it resumes an earlier session, and what the policy
     * says of the server's certificate ({@code TLSv1.3 TLS_AES_128_GCM_SHA256; encrypted; the certificate is self-signed}).
     */
    default void secured(String how) {}
}
