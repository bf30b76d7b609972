/**
 * The mail server that one can run, {@code dev.ehlo.smtp.mta/dev.ehlo.smtp.mta.Ehlo}: server, queue and client composed,
 * logins, mailboxes and the command line. The only place where the siblings meet; it exports nothing.
 */
module dev.ehlo.smtp.mta {
    requires com.nimbusds.jose.jwt;
    requires dev.ehlo.smtp.client;
    requires dev.ehlo.smtp.codec;
    requires dev.ehlo.smtp.queue;
    requires dev.ehlo.smtp.server;
    requires dev.ehlo.smtp.tls;
    requires info.picocli;
    requires jdk.httpserver;
    requires jdk.jfr;
    requires java.net.http;
    requires static org.jspecify;
    requires org.slf4j;

    opens dev.ehlo.smtp.mta to
            info.picocli;
}
