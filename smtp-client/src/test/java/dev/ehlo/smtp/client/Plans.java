package dev.ehlo.smtp.client;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What sessions of these tests are to do. */
final class Plans {
    static final String HOST = "mx.example.net";
    static final String CONTENT = "Subject: hello\r\n\r\n.dot\r\nlast\r\n";
    static final Envelope TO_TWO = Envelope.from("a@example.org").to("b@example.net", "c@example.net");

    private Plans() {}

    static Login login(String user, String secret, boolean inClear) {
        return login(Credentials.password(user, secret), inClear);
    }

    static Login login(Credentials credentials, boolean inClear) {
        return new Login(credentials, HOST, 587, inClear);
    }

    static SessionPlan inClear(Envelope envelope) {
        return plan(envelope, TlsPolicy.none(), null);
    }

    static SessionPlan plan(Envelope envelope, TlsPolicy tls, @Nullable Login login) {
        return plan(envelope, CONTENT, tls, login, null);
    }

    static SessionPlan plan(
            Envelope envelope,
            String content,
            TlsPolicy tls,
            @Nullable Login login,
            @Nullable DialogueListener dialogue) {
        byte[] octets = content.getBytes(StandardCharsets.ISO_8859_1);
        return new SessionPlan(
                "client.example",
                HOST,
                envelope,
                new Content(MessageSource.of(octets)),
                tls,
                login,
                SessionTimeouts.standard(),
                ConnectionReuse.none(),
                dialogue);
    }

    /** The same, on a session that may be kept. */
    static SessionPlan kept(SessionPlan plan, ConnectionReuse reuse) {
        return new SessionPlan(
                plan.localName(),
                plan.host(),
                plan.envelope(),
                plan.content(),
                plan.policy(),
                plan.login(),
                plan.timeouts(),
                reuse,
                plan.dialogue());
    }

    /** Content that has so many octets less than it says. */
    static SessionPlan shortOf(Envelope envelope, int missing) {
        SessionPlan whole = inClear(envelope);
        MessageSource content = new MessageSource() {
            @Override
            public long octets() {
                return whole.content().octets() + missing;
            }

            @Override
            public ReadableByteChannel open() throws IOException {
                return whole.content().source().open();
            }
        };
        return new SessionPlan(
                whole.localName(),
                whole.host(),
                envelope,
                new Content(content),
                whole.policy(),
                null,
                whole.timeouts(),
                whole.reuse(),
                whole.dialogue());
    }
}
