package dev.ehlo.smtp.client.interop;

import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.TlsMode;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A mail server of others, with configuration, queue and log in a directory of its own. It refuses
 * {@code refused@example.net}, and relays everything else to a port of the test's, with a Received field in front that
 * has its queue id.
 */
interface MailPeer extends AutoCloseable {
    /** Which, in which TLS modes, by which mechanism a client should log in (user, secret), and whether it takes BDAT. */
    enum Kind {
        POSTFIX(PostfixPeer::new, Set.of(TlsMode.values()), null, true),
        EXIM(EximPeer::new, Set.of(TlsMode.values()), "CRAM-MD5", true),
        OPENSMTPD(OpenSmtpdPeer::new, Set.of(TlsMode.NONE), null, false),
        AIOSMTPD(AiosmtpdPeer::new, Set.of(TlsMode.values()), "PLAIN", false);

        final Start start;
        final Set<TlsMode> modes;
        final @Nullable String mechanism;
        final boolean chunking;

        Kind(Start start, Set<TlsMode> modes, @Nullable String mechanism, boolean chunking) {
            this.start = start;
            this.modes = modes;
            this.mechanism = mechanism;
            this.chunking = chunking;
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
