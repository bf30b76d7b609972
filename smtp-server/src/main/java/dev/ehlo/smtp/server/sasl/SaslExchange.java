package dev.ehlo.smtp.server.sasl;

/**
 * One login by one mechanism, as the server leads it. Owned by its session and used where that is; no input or output,
 * no clock: what it has to know it {@linkplain SaslStep.Ask asks}. RFC 4422 §5.
 */
public interface SaslExchange {
    /** What is said to a client that has said nothing yet. Called once, before all else, or not at all. */
    SaslStep begin();

    /** Takes what the client says next. The octets are the caller's, who overwrites them. */
    SaslStep take(byte[] message);

    /** Who it is about, as the client says and as far as it has; else empty. */
    String login();

    /** Whether the server speaks first, so that an initial response is an error. RFC 4954 §4. */
    default boolean isServerFirst() {
        return false;
    }
}
