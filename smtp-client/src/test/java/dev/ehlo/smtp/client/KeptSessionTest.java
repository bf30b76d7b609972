package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.FAILED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.testkit.Cutter;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session that serves one transaction after the other. */
class KeptSessionTest {
    private static final ConnectionReuse REUSE = ConnectionReuse.standard();
    private static final Envelope NEXT = Envelope.from("n@example.org").to("x@example.net", "y@example.net");
    private static final List<String> STAGES = List.of("MAIL", "RCPT TO:<x@", "RCPT TO:<y@", "DATA", ".");
    private static final SessionPlan FIRST = Plans.kept(Plans.inClear(Plans.TO_TWO), REUSE);
    private static final SessionPlan SECOND = Plans.kept(Plans.inClear(NEXT), REUSE);

    private static SessionRun kept(LineServer server) {
        SessionRun run = SessionRun.of(FIRST, server);
        assertThat(run.session.isIdle()).isTrue();
        run.flights.clear();
        return run;
    }

    @Test
    void goesOnWithMailAtOnce() {
        LineServer server = new LineServer().offering("PIPELINING");
        SessionRun run = kept(server);
        run.again(SECOND, server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(run.outcomes().get(0).recipient()).hasToString("x@example.net");
        assertThat(run.flights)
                .containsExactly(
                        "MAIL FROM:<n@example.org>\r\nRCPT TO:<x@example.net>\r\nRCPT TO:<y@example.net>\r\nDATA\r\n",
                        "Subject: hello\r\n\r\n..dot\r\nlast\r\n.\r\n");
        assertThat(run.session.isIdle()).isTrue();
        run.session.quit(run.now);
        run.receive("");
        assertThat(new String(run.take(), StandardCharsets.US_ASCII)).isEqualTo("QUIT\r\n");
        run.receive("221 bye\r\n");
        assertThat(run.session.isOver()).isTrue();
    }

    @Test
    void isResetInFrontOfMailWhereATransactionWasLeftOpen() {
        LineServer server = new LineServer()
                .offering("PIPELINING")
                .on("RCPT TO:<b@", "550 no\r\n")
                .on("RCPT TO:<c@", "450 later\r\n")
                .on("DATA", "503 no recipients\r\n");
        SessionRun run = kept(server);
        assertThat(run.statuses()).containsExactly(FAILED, DEFERRED);
        server.on("DATA", "354 go\r\n");
        run.again(SECOND, server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(run.flights.get(0))
                .startsWith("RSET\r\nMAIL FROM:<n@example.org>\r\n")
                .endsWith("DATA\r\n");
        run.flights.clear();
        run.again(FIRST, server);
        assertThat(run.flights.get(0)).startsWith("MAIL");
    }

    @Test
    void isResetByItselfWithoutPipelining() {
        LineServer server = new LineServer().on("DATA", "452 4.3.1 no room\r\n");
        SessionRun run = kept(server);
        server.on("DATA", "354 go\r\n");
        run.again(SECOND, server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(run.flights).startsWith("RSET\r\n", "MAIL FROM:<n@example.org>\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"250 taken\r\n", "451 later\r\n", "554 spam\r\n"})
    void isNotResetAfterAnyReplyToEndOfData(String reply) {
        LineServer server = new LineServer().on(".", reply);
        SessionRun run = kept(server);
        run.again(SECOND, server);
        assertThat(run.flights).startsWith("MAIL FROM:<n@example.org>\r\n");
    }

    @Test
    void isResetAlsoAfterMessagesOfWhichNothingWasSent() {
        LineServer server = new LineServer().offering("SIZE 100").on("DATA", "452 4.3.1 no room\r\n");
        SessionRun run = kept(server);
        run.again(Plans.kept(Plans.plan(NEXT, "x".repeat(200), TlsPolicy.none(), null, null), REUSE), server);
        assertThat(run.statuses()).containsExactly(FAILED, FAILED);
        assertThat(run.flights).isEmpty();
        run.again(SECOND, server);
        assertThat(run.flights).startsWith("RSET\r\n");
    }

    @Test
    void servesNoMoreThanTheServerOrTheLimitSays() {
        LineServer server = new LineServer().offering("LIMITS MAILMAX=2 RCPTMAX=10");
        SessionRun run = kept(server);
        run.again(SECOND, server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(run.flights).endsWith("QUIT\r\n");
        ConnectionReuse two = new ConnectionReuse(REUSE.idle(), 2, REUSE.age());
        LineServer other = new LineServer();
        SessionRun limited = SessionRun.of(Plans.kept(FIRST, two), other);
        assertThat(limited.session.isIdle()).isTrue();
        limited.again(Plans.kept(SECOND, two), other);
        assertThat(limited.flights).endsWith("QUIT\r\n");
    }

    @Test
    void isNotKeptBeyondItsAge() {
        LineServer server = new LineServer();
        SessionRun run = kept(server);
        run.now = REUSE.age().toNanos() - 1;
        run.begin(SECOND);
        run.now++;
        for (String said = server.take(run.take()); !said.isEmpty() && !run.session.isOver(); ) {
            run.receive(said);
            said = server.take(run.take());
        }
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(run.flights).endsWith("QUIT\r\n");
    }

    @Test
    void quitsWhenItHasBeenIdleForLong() {
        SessionRun run = kept(new LineServer());
        assertThat(run.session.deadline()).isEqualTo(REUSE.idle().toNanos());
        run.now = run.session.deadline();
        run.session.deadlineReached(run.now);
        run.receive("");
        assertThat(new String(run.take(), StandardCharsets.US_ASCII)).isEqualTo("QUIT\r\n");
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(run.session.deadline() - REUSE.idle().toNanos())
                .isEqualTo(SessionTimeouts.standard().quit().toNanos());
        assertThatIllegalStateException().isThrownBy(() -> run.begin(SECOND));
    }

    @ParameterizedTest
    @ValueSource(strings = {"421 4.4.2 too long\r\n", "250 ok\r\n", "2", "nonsense\r\n", "221 bye\r\n250 ok\r\n"})
    void isOverWhenTheServerSpeaksWithoutBeingAsked(String said) {
        SessionRun run = kept(new LineServer());
        run.receive(said);
        assertThat(run.session.isOver()).isTrue();
        assertThat(run.statuses()).as("what came before stays").containsExactly(RELAYED, RELAYED);
    }

    @Test
    void isOverWhereMoreCameBehindTheReplyToEndOfData() {
        for (String behind : List.of("250 ok\r\n", "25", "421 bye\r\n")) {
            SessionRun run = SessionRun.of(FIRST, new LineServer().on(".", "250 taken\r\n" + behind));
            assertThat(run.session.isOver()).isTrue();
            assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "HELP"})
    void lapsesWhereTheConnectionIsGoneBeforeEndOfDataAndIsUnknownAfter(String extension) {
        LineServer told = new LineServer().offering(extension);
        SessionRun whole = kept(told);
        whole.again(SECOND, told);
        for (int replies = 0; ; replies++) {
            LineServer server = new LineServer().offering(extension);
            SessionRun run = kept(server);
            run.begin(SECOND);
            String said = server.take(run.take());
            boolean ended = false;
            for (int i = 0; i < replies && !ended; i++) {
                int end = said.indexOf("\r\n") + 2;
                run.receive(said.substring(0, end));
                said = said.substring(end) + server.take(run.take());
                ended = run.session.isIdle();
            }
            if (ended) {
                assertThat(replies).isEqualTo(5);
                break;
            }
            run.session.connectionLost();
            if (replies < 4) {
                assertThat(run.outcome()).isEqualTo(new SessionOutcome.Lapsed());
            } else {
                assertThat(run.statuses()).containsExactly(UNKNOWN, UNKNOWN);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAIL", "RCPT TO:<y", "DATA"})
    void lapsesBy421OrNonsenseBeforeEndOfData(String stage) {
        for (String reply : List.of("421 4.3.2 too many messages\r\n", "nonsense\r\n")) {
            LineServer server = new LineServer();
            SessionRun run = kept(server);
            server.on(stage, reply);
            run.again(SECOND, server);
            assertThat(run.outcome()).isEqualTo(new SessionOutcome.Lapsed());
            assertThat(run.session.isOver()).isTrue();
        }
    }

    @Test
    void takes421ToEndOfDataForTheReplyItIs() {
        LineServer server = new LineServer();
        SessionRun run = kept(server);
        server.on(".", "421 4.3.2 bye\r\n");
        run.again(SECOND, server);
        assertThat(run.statuses()).containsExactly(DEFERRED, DEFERRED);
    }

    @Test
    void doesNotLapseByItsOwnFaults() {
        SessionRun run = kept(new LineServer());
        run.begin(SECOND);
        run.session.givenUp();
        assertThat(run.statuses()).containsExactly(NOT_SENT, NOT_SENT);
        SessionRun late = kept(new LineServer());
        late.begin(SECOND);
        late.session.deadlineReached(0);
        assertThat(late.statuses()).containsExactly(NOT_SENT, NOT_SENT);
        LineServer server = new LineServer();
        SessionRun unreadable = kept(server);
        unreadable.again(Plans.kept(Plans.shortOf(NEXT, 5), REUSE), server);
        assertThat(unreadable.statuses()).containsExactly(NOT_SENT, NOT_SENT);
        assertThat(unreadable.session.pollContentFailure()).isNotNull();
    }

    @Test
    void staysUsefulWhereContentCantBeLookedAt() {
        LineServer server = new LineServer().offering("8BITMIME");
        SessionRun run = kept(server);
        run.again(Plans.kept(Plans.shortOf(NEXT, 5), REUSE), server);
        assertThat(run.statuses()).containsExactly(NOT_SENT, NOT_SENT);
        assertThat(run.session.pollContentFailure()).isNotNull();
        run.again(SECOND, server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(run.session.pollContentFailure()).isNull();
    }

    @Property(tries = 1000)
    void comesToTheSameAsANewSessionUnlessItLapses(
            @ForAll("replyToEachStage") List<String> replies, @ForAll boolean pipelining, @ForAll long seed) {
        String extension = pipelining ? "PIPELINING" : "HELP";
        SessionRun fresh =
                SessionRun.of(SECOND, new LineServer().offering(extension).onEach(STAGES, replies));
        LineServer server = new LineServer().offering(extension);
        SessionRun run = kept(server);
        server.onEach(STAGES, replies);
        run.begin(SECOND);
        String said = server.take(run.take());
        while (!said.isEmpty() && !run.session.isOver() && !run.session.isIdle()) {
            for (byte[] part : Cutter.random(said.getBytes(StandardCharsets.ISO_8859_1), seed)) {
                run.receive(part);
            }
            said = server.take(run.take());
        }
        if (run.outcome() instanceof SessionOutcome.Lapsed) {
            assertThat(server.content()).as("of the first alone").isEqualTo(Plans.CONTENT);
        } else {
            assertThat(run.outcome()).isEqualTo(fresh.outcome());
        }
    }

    /** Empty: as usual. */
    @Provide
    Arbitrary<List<String>> replyToEachStage() {
        return Arbitraries.frequency(
                        Tuple.of(8, ""),
                        Tuple.of(2, "550-5.1.1 no\r\n550 5.1.1 never\r\n"),
                        Tuple.of(2, "451 4.3.0 later\r\n"),
                        Tuple.of(1, "421 4.3.2 bye\r\n"),
                        Tuple.of(1, "354 go on\r\n"),
                        Tuple.of(1, "nonsense\r\n"))
                .list()
                .ofSize(STAGES.size());
    }

    @Test
    void keepsWhatWasLearntUnderTlsAndLogsInOnce() {
        Login login = Plans.login("user", "secret", false);
        SessionPlan plan = Plans.kept(Plans.plan(Plans.TO_TWO, TlsPolicy.required(), login), REUSE);
        LineServer server = new LineServer().offering("AUTH PLAIN", "SIZE 1000").on("AUTH", "235 ok\r\n");
        SessionRun run = SessionRun.of(plan, TlsMode.STARTTLS, server, List::of);
        assertThat(run.session.isIdle()).isTrue();
        run.again(plan, server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(server.commands()).filteredOn(c -> c.startsWith("AUTH")).hasSize(1);
        assertThat(server.commands())
                .filteredOn(c -> c.startsWith("MAIL"))
                .hasSize(2)
                .allMatch(c -> c.contains(" SIZE="));
        assertThat(Duration.ofNanos(run.session.deadline())).isEqualTo(REUSE.idle());
    }
}
