package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.FAILED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.BodyType;
import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.testkit.Cutter;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The session against servers that do wrong, and networks that fail. */
class HostileServerTest {
    private static final List<String> UP_TO_DATA =
            List.of("220 hi\r\n", "250 mx\r\n", "250 ok\r\n", "250 ok\r\n", "250 ok\r\n");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "220 go\r\n250-x\r\n250 AUTH PLAIN\r\n",
                "220 ok\r\n250-evil",
                "220 ok\r\n\0",
                "220-ok\r\n220 go\r\n250 x\r\n"
            })
    void failsClosedWhereRepliesAreInjectedBehindTheOneToStarttls(String reply) {
        LineServer server = new LineServer().offering("STARTTLS").on("STARTTLS", reply);
        SessionRun run = SessionRun.of(Plans.plan(Plans.TO_TWO, TlsPolicy.opportunistic(), null), server);
        assertThat(run.session.isTurning()).isFalse();
        assertThat(run.session.isOver()).isTrue();
        assertThat(run.notServed().reply().toString()).startsWith("451 4.5.0");
        assertThat(server.commands()).containsExactly("EHLO client.example", "STARTTLS");
    }

    @Test
    void turnsToTlsAtEveryCutOfTheReplyToStarttls() {
        String reply = "220-ready\r\n220 go\r\n";
        Cutter.everySplit(reply.getBytes(StandardCharsets.US_ASCII), parts -> {
            SessionRun run = new SessionRun(Plans.plan(Plans.TO_TWO, TlsPolicy.required(), null), TlsMode.NONE);
            run.receive("220 hi\r\n");
            run.receive("250-mx\r\n250 STARTTLS\r\n");
            parts.forEach(run::receive);
            assertThat(run.session.isTurning()).isTrue();
            assertThat(run.hasOutcome()).isFalse();
            assertThat(new String(run.take(), StandardCharsets.US_ASCII))
                    .isEqualTo("EHLO client.example\r\nSTARTTLS\r\n");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"HELP", "STARTTLS"})
    void stopsBeforeAuthAndMailWhereRequiredTlsIsStripped(String offered) {
        LineServer server =
                new LineServer().offering(offered, "AUTH PLAIN").on("STARTTLS", "454 4.7.0 not available\r\n");
        Login login = Plans.login("user", "secret", true);
        SessionRun run = SessionRun.of(Plans.plan(Plans.TO_TWO, TlsPolicy.required(), login), server);
        assertThat(run.notServed().status()).isEqualTo(offered.equals("HELP") ? NOT_SENT : DEFERRED);
        assertThat(server.commands()).noneMatch(c -> c.startsWith("AUTH") || c.startsWith("MAIL"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"454 4.7.0 not available\r\n", "502 5.5.1 what\r\n"})
    void goesOnInClearWhereOpportunisticTlsIsRefused(String reply) {
        LineServer server = new LineServer().offering("STARTTLS").on("STARTTLS", reply);
        assertThat(SessionRun.of(Plans.plan(Plans.TO_TWO, TlsPolicy.opportunistic(), null), server)
                        .statuses())
                .containsExactly(RELAYED, RELAYED);
    }

    @Test
    void knowsNothingUnderTlsOfWhatWasOfferedInClear() {
        LineServer inside = new LineServer().offering("SIZE 1").on("EHLO", "250 mx\r\n");
        SessionRun run =
                SessionRun.of(Plans.plan(Plans.TO_TWO, TlsPolicy.required(), null), TlsMode.STARTTLS, inside, List::of);
        assertThat(inside.commands()).startsWith("EHLO client.example", "MAIL FROM:<a@example.org>");
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "000 x\r\n",
                "999 x\r\n",
                "25\r\n",
                "\r\n",
                "250x ok\r\n",
                "250-one\r\n251 two\r\n",
                "250 a\n250 b\r\n",
                "250 \0\r\n",
                "250-one\r\n\r\n",
                "HTTP/1.1 200 OK\r\n",
                "250 a\rb\r\n"
            })
    void isNotSentAfterAReplyThatIsNone(String reply) {
        for (int stage = 0; stage < UP_TO_DATA.size(); stage++) {
            int at = stage;
            Cutter.everySplit(reply.getBytes(StandardCharsets.US_ASCII), parts -> {
                SessionRun run = upTo(at);
                parts.forEach(run::receive);
                assertThat(run.session.isOver()).isTrue();
                assertNotSentByProtocolError(run);
            });
        }
    }

    @Test
    void isNotSentAfterALineWithoutEndAndByAReplyWithoutEnd() {
        SessionRun line = upTo(1);
        line.receive("250 " + "x".repeat(4096));
        assertNotSentByProtocolError(line);
        SessionRun lines = upTo(1);
        lines.receive("250-x\r\n".repeat(200));
        assertNotSentByProtocolError(lines);
    }

    @Test
    void isUnknownWhereTheReplyToEndOfDataIsNone() {
        SessionRun run = upTo(5);
        run.receive("354 go\r\n");
        run.receive("fine\r\n");
        assertThat(run.statuses()).containsExactly(UNKNOWN, UNKNOWN);
    }

    @Test
    void isUnknownWhereTheReplyToEndOfDataIsIntermediate() {
        SessionRun run = upTo(5);
        run.receive("354 go\r\n");
        run.receive("354 again\r\n");
        assertThat(run.statuses()).containsExactly(UNKNOWN, UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"250 ok\r\n", "220 ok\r\n", "334 ok\r\n"})
    void isNotSentAfter2yzToData(String reply) {
        SessionRun run = upTo(5);
        run.receive(reply);
        assertNotSentByProtocolError(run);
    }

    @Test
    void isNotSentWhere250ComesTogetherWith354() {
        SessionRun run = upTo(5);
        run.receive("354 go\r\n250 taken already\r\n");
        assertNotSentByProtocolError(run);
        assertThat(new String(run.take(), StandardCharsets.US_ASCII)).doesNotContain("Subject");
    }

    @Test
    void doesNotTakeTheBeginningOfAReplyBeforeEndOfDataForTheReplyToIt() {
        SessionRun run = upTo(5);
        run.receive("354 go\r\n25");
        assertThat(run.hasOutcome()).isFalse();
        run.receive("0 taken\r\n");
        assertNotSentByProtocolError(run);
    }

    @Test
    void takesARefusalInTheMiddleOfContentForTheOutcome() {
        SessionRun run = upTo(5);
        run.receive("354 go\r\n552 5.3.4 too much\r\n");
        assertThat(run.statuses()).containsExactly(FAILED, FAILED);
        assertThat(run.session.isOver()).isTrue();
    }

    @Test
    void isNotSentAfterAReplyAheadOfItsCommand() {
        SessionRun run = new SessionRun(Plans.inClear(Plans.TO_TWO), TlsMode.NONE);
        run.receive("220 hi\r\n250 mx\r\n");
        assertNotSentByProtocolError(run);
    }

    @Test
    void isDeferredBy421AheadOfItsTimeHoweverItIsCut() {
        Cutter.everySplit("220 hi\r\n421 4.3.2 bye\r\n".getBytes(StandardCharsets.US_ASCII), parts -> {
            SessionRun run = new SessionRun(Plans.inClear(Plans.TO_TWO), TlsMode.NONE);
            parts.forEach(run::receive);
            assertThat(run.notServed().reply().toString()).isEqualTo("421 4.3.2 bye");
        });
    }

    @Test
    void givesDrippedRepliesNoMoreTimeThanWholeOnes() {
        SessionRun run = upTo(2);
        long deadline = run.session.deadline();
        for (int i = 0; i < 4; i++) {
            run.now += Duration.ofMinutes(1).toNanos();
            run.receive("2");
            run.receive("50-x\r\n");
            assertThat(run.session.deadline()).isEqualTo(deadline);
        }
        run.session.deadlineReached(0);
        assertThat(run.statuses()).containsExactly(NOT_SENT, NOT_SENT);
        assertThat(run.outcomes().get(0).reply().enhanced()).isEqualTo(new EnhancedStatusCode(4, 4, 2));
        assertThat(run.outcomes().get(0).reply().toString())
                .isEqualTo("451 4.4.2 time is up for the reply to MAIL from mx.example.net");
    }

    @Test
    void hasTheTimeLimitOfEachPhase() {
        SessionTimeouts limits = SessionTimeouts.standard();
        SessionRun run = new SessionRun(Plans.inClear(Plans.TO_TWO), TlsMode.NONE);
        assertThat(run.session.deadline()).isEqualTo(limits.greeting().toNanos());
        for (String reply : UP_TO_DATA.subList(0, 4)) {
            run.now += Duration.ofMinutes(1).toNanos();
            run.receive(reply);
            assertThat(run.session.deadline() - run.now)
                    .isEqualTo(limits.command().toNanos());
        }
        run.receive(UP_TO_DATA.get(4));
        assertThat(run.session.deadline() - run.now).isEqualTo(limits.data().toNanos());
        run.receive("354 go\r\n");
        assertThat(run.session.deadline() - run.now)
                .isEqualTo(limits.endOfData().toNanos());
        run.session.deadlineReached(0);
        assertThat(run.statuses()).containsExactly(UNKNOWN, UNKNOWN);
    }

    @Test
    void neverEndsContentThatIsShorterThanItIsSaidToBe() {
        SessionPlan plan = Plans.shortOf(Plans.TO_TWO.with(EsmtpParameter.body(BodyType.SEVEN_BIT)), 10);
        LineServer server = new LineServer();
        SessionRun run = SessionRun.of(plan, server);
        assertThat(run.statuses()).containsExactly(NOT_SENT, NOT_SENT);
        assertThat(run.outcomes().get(0).reply().toString()).startsWith("451 4.3.0");
        assertThat(run.session.pollContentFailure()).isNotNull();
        assertThat(server.isInContent()).isTrue();
        assertThat(run.session.isOver()).isTrue();
    }

    private static SessionRun upTo(int replies) {
        SessionRun run = new SessionRun(Plans.inClear(Plans.TO_TWO), TlsMode.NONE);
        UP_TO_DATA.subList(0, replies).forEach(run::receive);
        return run;
    }

    private static void assertNotSentByProtocolError(SessionRun run) {
        assertThat(run.session.isOver()).isTrue();
        if (run.outcome() instanceof SessionOutcome.NotServed notServed) {
            assertThat(notServed.status()).isEqualTo(NOT_SENT);
            assertThat(notServed.reply().toString()).startsWith("451 4.5.0");
        } else {
            assertThat(run.statuses()).containsOnly(NOT_SENT);
            assertThat(run.outcomes())
                    .extracting(RecipientOutcome::reply)
                    .allMatch(r -> r.toString().startsWith("451 4.5.0"));
        }
    }
}
