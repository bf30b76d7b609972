/**
 * The server's side of SMTP: sessions over the reactor of {@code dev.ehlo.smtp.tls}, with a
 * {@link dev.ehlo.smtp.server.Profile} for each port. What a user implements is
 * {@link dev.ehlo.smtp.server.SmtpHandler}; all else has a default. Knows neither client nor queue.
 */
module dev.ehlo.smtp.server {
    requires transitive dev.ehlo.smtp.codec;
    requires transitive dev.ehlo.smtp.tls;
    requires static jdk.jfr;
    requires static org.jspecify;
    requires java.management;
    requires org.slf4j;

    exports dev.ehlo.smtp.server;
}
