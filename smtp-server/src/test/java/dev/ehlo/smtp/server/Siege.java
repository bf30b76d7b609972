package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.server.session.MailRoom;
import dev.ehlo.smtp.testkit.ManualClock;
import dev.ehlo.smtp.tls.LoopHealth;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A server to be attacked through each {@link Entrance}, whose deadlines pass when the test says so. It has one loop, so
 * that what holds it up holds up everybody, and another client on it, who tells that it serves, and when it has taken in
 * what was sent before. The tests of a class share one; whatever they did to it, it serves in the end.
 */
final class Siege implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback, AutoCloseable {
    /** Of content that users may send. */
    static final String HEADER = "From: alice@example.org\r\n\r\n";

    /** Buffers of 34 KiB that one attacker gets at the most, with what the other client needs meanwhile. */
    private static final int MOST_BUFFERS = 10;

    private static final SessionLimits UNBOUNDED = limits(Integer.MAX_VALUE);

    final MailRoom room = new MailRoom();
    final ManualClock clock = new ManualClock();
    private final UnaryOperator<Profile> derivation;
    SmtpServer server;
    private LineClient witness;

    /** With the profiles as this makes them. */
    Siege(UnaryOperator<Profile> derivation) {
        this.derivation = derivation;
    }

    /** Starts the server, where no class of tests does. */
    Siege begin() throws IOException {
        server = TestServers.with(room, true)
                .loops(1)
                .deadlineClock(clock::nanoTime)
                // Guessers lock out no other test's login: that is a matter of its own.
                .limits(ServerLimits.STANDARD.failedLogins(1000, 1000))
                .maxConnections(10_000, 10_000)
                .listen(local(derivation.apply(Profile.mx())))
                .listen(local(derivation.apply(Profile.submission())))
                .listen(local(derivation.apply(Profile.submissions())))
                .listen(local(Profile.mx().named("witness").limits(UNBOUNDED)))
                .start();
        witness = LineClient.connect(server.address("witness"));
        witness.expect("220 ").send("EHLO witness.example\r\n").expect("250-");
        return this;
    }

    @Override
    public void beforeAll(ExtensionContext tests) throws IOException {
        begin();
    }

    /** Forgets what came in the tests before. */
    @Override
    public void beforeEach(ExtensionContext test) {
        room.asked.clear();
        room.messages.clear();
        room.aborted.clear();
    }

    @Override
    public void afterAll(ExtensionContext tests) throws IOException {
        close();
    }

    @Override
    public void close() throws IOException {
        try {
            assertServesOthers();
            witness.close();
        } finally {
            server.close();
        }
    }

    /** With sessions that do not end because of errors and idling, so that one can be attacked again and again. */
    static Siege ofPatience() {
        return new Siege(profile -> profile.limits(UNBOUNDED));
    }

    static SessionLimits limits(int most) {
        return SessionLimits.STANDARD
                .maxErrors(most)
                .maxIdleCommands(most)
                .maxRefusedRecipients(most)
                .maxAuthFailures(most)
                .errorDelay(ErrorDelay.NONE)
                // Days may go by while a machine is busy.
                .times(SessionTimes.STANDARD.session(Duration.ofDays(365)));
    }

    /** Returns when the loop has taken in all that was sent before. */
    void turn() throws IOException {
        witness.send("NOOP\r\n").expect("250 ");
    }

    /** Each in a write of its own, and taken in before the next. */
    void sendApart(LineClient client, List<byte[]> parts) throws IOException {
        for (byte[] part : parts) {
            client.send(part);
            turn();
        }
    }

    /** So much time goes by, and the server has seen it. */
    void pass(Duration time) throws IOException {
        turn();
        turn(); // whatever was served along with the first one has its deadline now
        clock.advance(time);
        turn();
    }

    /** While the attack is on: whoever else comes brings his message, and buffers are few. */
    void assertServesOthers() throws IOException {
        int before = room.messages.size();
        try (LineClient other = LineClient.connect(server.address("witness"))) {
            other.expect("220 ").send("EHLO other.example\r\n").expect("250-");
            other.send("MAIL FROM:<o@other.example>\r\nRCPT TO:<b@example.org>\r\n");
            other.expect("250 ").expect("250 ").send("DATA\r\n").expect("354 ");
            other.send("Subject: other\r\n\r\n.\r\n").expect("250 ");
            other.send("QUIT\r\n").expect("221 ").expectEnd();
        }
        assertThat(room.messages).hasSize(before + 1);
        room.messages.remove(before);
        assertBuffersBounded();
    }

    void assertBuffersBounded() {
        assertThat(server.health().stream().mapToInt(LoopHealth::buffersLent).sum())
                .isLessThanOrEqualTo(MOST_BUFFERS);
    }

    /** A transaction with one recipient. */
    static LineClient envelope(LineClient client) throws IOException {
        return client.send("MAIL FROM:<alice@example.org>\r\nRCPT TO:<b@example.org>\r\n")
                .expect("250 2.1.0 ")
                .expect("250 2.1.5 ");
    }

    /** In content. */
    static LineClient content(LineClient client) throws IOException {
        return envelope(client).send("DATA\r\n").expect("354 ");
    }

    /** In step: asked once, it answers once. */
    static void assertInStep(LineClient client) throws IOException {
        client.send("NOOP\r\n").expect("250 2.0.0 OK");
    }
}
