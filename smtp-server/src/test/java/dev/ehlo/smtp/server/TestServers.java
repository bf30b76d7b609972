package dev.ehlo.smtp.server;

import dev.ehlo.smtp.server.session.HandlerKind;
import dev.ehlo.smtp.server.session.Logins;
import dev.ehlo.smtp.tls.TlsContext;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Servers on free ports for the tests of this package, and what they wait with. */
final class TestServers {
    static final TlsContext TLS = TlsContext.selfSigned("localhost");

    static Profile local(Profile profile) {
        return profile.at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    static SmtpServerBuilder builder() {
        return SmtpServer.builder()
                .hostname("mx.example.org")
                .loops(2)
                .localDomains(List.of("example.org"))
                .authenticator(Logins.PASSWORDS)
                .tls(TLS);
    }

    static SmtpServerBuilder with(SmtpHandler handler, HandlerKind kind) {
        return kind == HandlerKind.STAGED
                ? builder().stagedHandler(HandlerKind.staged(handler))
                : with(handler, kind == HandlerKind.INLINE);
    }

    static SmtpServerBuilder with(SmtpHandler handler, boolean inline) {
        return inline ? builder().inlineHandler(handler) : builder().handler(handler);
    }

    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new AssertionError("not released");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private TestServers() {}
}
