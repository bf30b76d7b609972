package dev.ehlo.smtp.client.interop;

import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.TlsMode;
import java.nio.file.Path;
import java.util.Set;

/**
 * A mail server of others, with configuration, queue and log in a directory of its own. It refuses
 * {@code refused@example.net}, and relays everything else to a port of the test's, with a Received field in front that
 * has its queue id.
 */
interface MailPeer extends AutoCloseable {
    /** Which, in which TLS modes, whether it takes AUTH (user, secret), and how many connections that come at once. */
    enum Kind {
        POSTFIX(PostfixPeer::new, Set.of(TlsMode.values()), false, 20),
        EXIM(EximPeer::new, Set.of(TlsMode.values()), true, 20),
        OPENSMTPD(OpenSmtpdPeer::new, Set.of(TlsMode.NONE), false, 5),
        AIOSMTPD(AiosmtpdPeer::new, Set.of(TlsMode.values()), true, 20);

        final Start start;
        final Set<TlsMode> modes;
        final boolean takesLogin;
        final int atOnce;

        Kind(Start start, Set<TlsMode> modes, boolean takesLogin, int atOnce) {
            this.start = start;
            this.modes = modes;
            this.takesLogin = takesLogin;
            this.atOnce = atOnce;
        }
    }

    /** How it is started. */
    interface Start {
        /** In that directory, with the certificate, relaying to that port. */
        MailPeer at(Path scratch, TestCertificate certificate, int onward) throws Exception;
    }

    int port(TlsMode mode);

    /** What it has to say of what it did. */
    String log() throws Exception;

    @Override
    void close();
}
