package dev.ehlo.smtp.client;

/**
 * Is told how TLS with mail exchangers goes, such as to be reported to their domains. RFC 8460.
 *
 * @see SmtpClient.Builder#tlsEvents
 */
@FunctionalInterface
public interface TlsEvents {
    /**
     * One for each new connection to a mail exchanger, but for messages with {@code TLS-Required: No}. Called on threads
     * that serve connections: it must not block.
     */
    void ended(TlsResult result);
}
