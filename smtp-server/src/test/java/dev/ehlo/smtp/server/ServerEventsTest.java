package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static dev.ehlo.smtp.server.TestServers.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.server.session.HandlerKind;
import dev.ehlo.smtp.server.session.MailRoom;
import dev.ehlo.smtp.tls.TlsMode;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class ServerEventsTest {
    private final SeenEvents events = new SeenEvents();

    private SmtpServer server(HandlerKind kind, Profile profile) throws Exception {
        return with(new MailRoom(), kind).events(events).listen(local(profile)).start();
    }

    @ParameterizedTest
    @EnumSource(HandlerKind.class)
    void tellsWhatHappensInASessionInOrder(HandlerKind kind) throws Exception {
        try (SmtpServer server = server(kind, Profile.submission());
                LineClient client = LineClient.connect(server.address("submission"))) {
            client.expect("220 ").send("STARTTLS\r\n").expect("220 ").turnToTls();
            client.send("EHLO me\r\n").expect("250-");
            client.send("AUTH PLAIN AGFsaWNlAHdyb25n\r\n").expect("535 ");
            client.send(Entrance.LOGIN).expect("235 ");
            client.send("MAIL FROM:<alice@example.org>\r\n").expect("250 ");
            client.send("RCPT TO:<nobody@example.org>\r\n").expect("550 ");
            client.send("RCPT TO:<b@example.org>\r\n").expect("250 ");
            client.send("DATA\r\n")
                    .expect("354 ")
                    .send("Subject: 1\r\n\r\n.\r\n")
                    .expect("250 ");
            client.send("MAIL FROM:<mallory@example.org>\r\n").expect("553 ");
            client.send("QUIT\r\n").expect("221 ").expectEnd();
        }
        assertThat(events.untilDisconnected())
                .containsExactly(
                        "connected on submission",
                        "tls TLSv1.3",
                        "login failed alice by PLAIN, BAD_CREDENTIALS",
                        "logged in alice by PLAIN",
                        "transaction ACCEPTED of alice@example.org, 1+1, 250",
                        "limited SENDER_NOT_OWNED",
                        "disconnected QUIT");
        assertThat(events.replies).containsExactly(220, 220, 250, 535, 235, 250, 550, 250, 354, 250, 553, 221);
        TransactionSummary transaction = events.transactions.remove();
        assertThat(transaction.octets()).isEqualTo("Subject: 1\r\n\r\n".length());
        assertThat(transaction.message()).isOne();
        assertThat(transaction.nanos()).isPositive();
        SessionSummary session = events.sessions.remove();
        assertThat(session.transactions()).isOne();
        assertThat(session.accepted()).isOne();
        assertThat(session.failedLogins()).isOne();
        assertThat(session.errors()).isEqualTo(3);
        assertThat(session.octetsIn()).isGreaterThan(200);
        assertThat(session.octetsOut()).isGreaterThan(200);
        assertThat(session.lastRefusal()).contains(Refusal.SENDER_NOT_OWNED);
    }

    @Test
    void tellsOfTlsThoughTheClientLeavesBeforeADelayedGreeting() throws Exception {
        Profile delayed = Profile.mx().tls(TlsMode.IMPLICIT).greetingDelay(Duration.ofMinutes(4));
        try (SmtpServer server = server(HandlerKind.INLINE, delayed)) {
            try (LineClient client = LineClient.connect(server.address("mx"))) {
                client.turnToTls();
                assertThat(events.seen.poll(60, TimeUnit.SECONDS)).isEqualTo("connected on mx");
                assertThat(events.seen.poll(60, TimeUnit.SECONDS)).isEqualTo("tls TLSv1.3");
            }
            assertThat(events.untilDisconnected()).containsExactly("disconnected CLIENT");
        }
    }

    @Test
    void tellsWhatBecameOfEachTransaction() throws Exception {
        try (SmtpServer server = server(HandlerKind.INLINE, Profile.mx());
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO me\r\n").expect("250-");
            // Given up, with a recipient.
            client.send("MAIL FROM:<a@x.example>\r\nRCPT TO:<b@example.org>\r\nRSET\r\n");
            client.expect("250 ").expect("250 ").expect("250 ");
            // Nothing else was left to do.
            client.send("MAIL FROM:<b@x.example>\r\nRCPT TO:<nobody@example.org>\r\nRSET\r\n");
            client.expect("250 ").expect("550 ").expect("250 ");
            // Refused for its content.
            client.send("MAIL FROM:<c@x.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
            client.expect("250 ")
                    .expect("250 ")
                    .expect("354 ")
                    .send("a\nb\r\n.\r\n")
                    .expect("550 ");
            // Lost within its content.
            client.send("MAIL FROM:<d@x.example>\r\nRCPT TO:<b@example.org>\r\nBDAT 3\r\nabc");
            client.expect("250 ").expect("250 ").expect("250 ");
        }
        assertThat(events.untilDisconnected())
                .containsExactly(
                        "connected on mx",
                        "transaction ABORTED of a@x.example, 1+0, no reply",
                        "transaction REFUSED of b@x.example, 0+1, 550",
                        "transaction REFUSED of c@x.example, 1+0, 550",
                        "limited BARE_NEWLINE",
                        "transaction ABORTED of d@x.example, 1+0, no reply",
                        "disconnected CLIENT");
        assertThat(events.transactions).extracting(TransactionSummary::octets).containsExactly(0L, 0L, 5L, 3L);
    }

    @Test
    void tellsWhoIsNotLetIn() throws Exception {
        try (SmtpServer server = with(new MailRoom(), true)
                        .events(events)
                        .maxConnections(1, 1)
                        .listen(local(Profile.mx()))
                        .start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ");
            try (LineClient other = LineClient.connect(server.address("mx"))) {
                other.expect("421 ").expectEnd();
            }
            assertThat(events.seen.poll(60, TimeUnit.SECONDS)).isEqualTo("connected on mx");
            assertThat(events.seen.poll(60, TimeUnit.SECONDS)).isEqualTo("refused TOO_MANY_CONNECTIONS on mx");
        }
    }

    @Test
    void tellsOfAHandshakeThatFailed() throws Exception {
        try (SmtpServer server = server(HandlerKind.INLINE, Profile.submissions());
                LineClient client = LineClient.connect(server.address("submissions"))) {
            client.send("EHLO in.clear\r\n").untilEnd();
        }
        assertThat(events.untilDisconnected())
                .containsExactly("connected on submissions", "tls failed", "disconnected TLS_FAILED");
    }
}
