package dev.ehlo.smtp.jakarta;

import jakarta.mail.Provider;

/** Makes {@link SmtpsTransport} the transport of {@code smtps}, as {@link SmtpProvider} does. */
public final class SmtpsProvider extends Provider {
    /** For the service loader. */
    public SmtpsProvider() {
        super(Type.TRANSPORT, "smtps", SmtpsTransport.class.getName(), "ehlo", null);
    }
}
