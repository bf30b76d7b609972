/**
 * The transports {@code smtp} and {@code smtps} of Jakarta Mail, by {@link dev.ehlo.smtp.client.SmtpClient}: applications
 * written for another implementation send by it once this module is there. That other one stays, for all that is not
 * sending.
 */
module dev.ehlo.smtp.jakarta {
    requires transitive dev.ehlo.smtp.client;
    requires transitive jakarta.mail;
    requires static org.jspecify;
    requires org.slf4j;

    exports dev.ehlo.smtp.jakarta;

    provides jakarta.mail.Provider with
            dev.ehlo.smtp.jakarta.SmtpProvider,
            dev.ehlo.smtp.jakarta.SmtpsProvider;
}
