/**
 * The sending side of SMTP: {@link dev.ehlo.smtp.client.SmtpClient} delivers a message to a smarthost, or to the mail
 * exchangers of each recipient's domain, and reports what became of it for each recipient.
 */
module dev.ehlo.smtp.client {
    requires transitive dev.ehlo.smtp.codec;
    requires transitive dev.ehlo.smtp.tls;
    requires java.net.http;
    requires org.dnsjava;
    requires static org.jspecify;
    requires org.slf4j;

    exports dev.ehlo.smtp.client;
}
