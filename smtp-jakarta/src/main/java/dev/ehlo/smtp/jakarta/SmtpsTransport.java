package dev.ehlo.smtp.jakarta;

import jakarta.mail.Session;
import jakarta.mail.URLName;
import org.jspecify.annotations.Nullable;

/** As {@link SmtpTransport}, under TLS from the first octet, at port 465, and by properties {@code mail.smtps.…}. */
public final class SmtpsTransport extends SmtpTransport {
    /** For {@link Session#getTransport(String)}. */
    public SmtpsTransport(Session session, @Nullable URLName name) {
        super(session, name, "smtps", true);
    }
}
