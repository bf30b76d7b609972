/**
 * How octets travel between SMTP peers: one reactor over non-blocking sockets, and the TLS mode of a connection, none,
 * STARTTLS or implicit. {@link dev.ehlo.smtp.tls} is for users; {@code dev.ehlo.smtp.tls.reactor} is what the server and
 * the client are built on, and is exported to them alone.
 */
@SuppressWarnings("module") // the modules it is exported to are built after it
module dev.ehlo.smtp.tls {
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires org.jctools.core.jdk11;
    requires static org.jspecify;
    requires org.slf4j;

    exports dev.ehlo.smtp.tls;
    exports dev.ehlo.smtp.tls.reactor to
            dev.ehlo.smtp.server,
            dev.ehlo.smtp.client;
}
