package dev.ehlo.smtp.jakarta;

import jakarta.mail.Provider;

/**
 * Makes {@link SmtpTransport} the transport of {@code smtp}: found by {@link java.util.ServiceLoader}, and before that of
 * Angus, which calls its own default providers and so comes after all others.
 */
public final class SmtpProvider extends Provider {
    /** For the service loader. */
    public SmtpProvider() {
        super(Type.TRANSPORT, "smtp", SmtpTransport.class.getName(), "ehlo", null);
    }
}
