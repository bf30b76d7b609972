package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.DELIVERED;
import static dev.ehlo.smtp.DeliveryStatus.FAILED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.BodyType;
import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several transactions of one session under way at once, and content that goes by BDAT. */
class FlightTest {
    private static final String PIPELINING = "250-mx\r\n250 PIPELINING\r\n";
    private static final String CHUNKING = "250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n";
    private static final String OK = "250 ok\r\n";

    private static SessionPlan plan(int number) {
        return plan(number, "message " + number + "\r\n", false);
    }

    private static SessionPlan plan(int number, String content, boolean lmtp) {
        Envelope envelope = Envelope.from("a" + number + "@example.org").to("b" + number + "@example.net");
        SessionPlan plan = Plans.plan(envelope, content, TlsPolicy.none(), null, null);
        return new SessionPlan(
                plan.localName(),
                plan.host(),
                envelope,
                plan.content(),
                plan.policy(),
                null,
                plan.timeouts(),
                ConnectionReuse.standard(),
                null,
                lmtp);
    }

    /** At the end of the first flight behind EHLO. */
    private static SessionRun begun(SessionPlan plan, String ehlo) {
        SessionRun run = new SessionRun(plan, TlsMode.NONE);
        run.receive("220 hi\r\n");
        run.take();
        run.receive(ehlo);
        return run;
    }

    private static String sent(SessionRun run) {
        return new String(run.take(), StandardCharsets.ISO_8859_1);
    }

    private static String transaction(int number) {
        return "MAIL FROM:<a%1$d@example.org>\r\nRCPT TO:<b%1$d@example.net>\r\nBDAT 11 LAST\r\nmessage %1$d\r\n"
                .formatted(number);
    }

    private static List<DeliveryStatus> statuses(SessionOutcome outcome) {
        return ((SessionOutcome.Decided) outcome)
                .outcomes().stream().map(RecipientOutcome::status).toList();
    }

    @Test
    void sendsTheNextTransactionBehindTheFinalDotWithoutWaiting() {
        SessionRun run = begun(plan(1), PIPELINING);
        assertThat(run.session.takesAnother(0)).isFalse();
        run.receive(OK + OK + "354 go\r\n");
        assertThat(run.session.takesAnother(0)).isTrue();
        run.begin(plan(2));
        assertThat(sent(run))
                .endsWith("message 1\r\n.\r\nMAIL FROM:<a2@example.org>\r\nRCPT TO:<b2@example.net>\r\nDATA\r\n");
        assertThat(run.session.takesAnother(0)).as("content waits for 354").isFalse();
        run.receive("250 taken\r\n" + OK + OK + "354 go\r\n");
        assertThat(sent(run)).isEqualTo("message 2\r\n.\r\n");
        assertThat(run.all()).hasSize(1);
        run.receive("451 4.3.0 later\r\n");
        assertThat(run.all()).hasSize(2);
        assertThat(statuses(run.all().get(0))).containsExactly(RELAYED);
        assertThat(statuses(run.all().get(1))).containsExactly(DEFERRED);
        assertThat(run.session.isIdle()).isTrue();
    }

    @Test
    void waitsForTheReplyToEndOfDataWithoutPipelining() {
        SessionRun run = begun(plan(1), "250 mx\r\n");
        run.receive(OK);
        run.receive(OK);
        run.receive("354 go\r\n");
        assertThat(run.session.takesAnother(0)).isFalse();
        run.receive(OK);
        assertThat(run.session.takesAnother(0)).isTrue();
    }

    @Test
    void sendsSmallTextInOneFlightWithItsCommandsAndTheNextBehindIt() {
        SessionRun run = begun(plan(1), CHUNKING);
        run.begin(plan(2));
        assertThat(sent(run)).isEqualTo(transaction(1) + "RSET\r\n" + transaction(2));
        run.receive(OK.repeat(7));
        assertThat(run.all())
                .hasSize(2)
                .allSatisfy(each -> assertThat(statuses(each)).containsExactly(RELAYED));
        run.begin(plan(3));
        assertThat(sent(run)).as("nothing is open").startsWith("MAIL FROM:<a3@example.org>");
    }

    @Test
    void keepsNoMoreUnderWayThanIsBounded() {
        SessionRun run = begun(plan(0), CHUNKING);
        int number = 1;
        for (; run.session.takesAnother(0); number++) {
            run.begin(plan(number));
        }
        assertThat(number).isEqualTo(Flight.MAX_TRANSACTIONS);
        run.session.connectionLost();
        assertThat(run.all())
                .hasSize(number)
                .allSatisfy(each -> assertThat(statuses(each)).containsExactly(UNKNOWN));
    }

    @Test
    void waitsWithALargeChunkUntilSomebodyIsTaken() {
        SessionRun run = begun(plan(1, "text\r\n".repeat(20_000), false), CHUNKING);
        assertThat(sent(run)).doesNotContain("BDAT");
        run.receive(OK);
        run.receive("550 no\r\n");
        assertThat(sent(run)).isEmpty();
        assertThat(statuses(run.outcome())).containsExactly(FAILED);
        run.begin(plan(2, "text\r\n".repeat(20_000), false));
        run.receive(OK + OK + OK);
        assertThat(sent(run)).startsWith("RSET\r\nMAIL").contains("BDAT 120000 LAST\r\ntext");
    }

    @Test
    void risksNoContentOnAConnectionThatHasBeenIdleForAWhile() {
        SessionRun run = begun(plan(1), CHUNKING);
        run.receive(OK + OK + OK);
        run.now += Flight.PROVEN_NANOS + 1;
        run.take();
        run.begin(plan(2));
        assertThat(sent(run)).endsWith("RCPT TO:<b2@example.net>\r\n");
        run.session.connectionLost();
        assertThat(run.outcome()).isEqualTo(new SessionOutcome.Lapsed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"no end", "bare\nLF\r\n", "bare\rCR\r\n", "\r", "x\r\n\n"})
    void sendsWhatIsNotWholeLinesByDataWhichRepairsIt(String content) {
        SessionRun run = begun(plan(1, content, false), CHUNKING);
        assertThat(sent(run)).endsWith("DATA\r\n");
    }

    @Test
    void refusesEachByItsOwnReplyWhateverIsSaidToTheChunk() {
        for (String end : List.of("250 fine\r\n", "503 no\r\n", "554 5.5.1 nobody\r\n")) {
            SessionRun run = begun(plan(1), CHUNKING);
            run.receive(OK + "550 5.1.1 no such user\r\n" + end);
            assertThat(statuses(run.outcome())).containsExactly(FAILED);
            assertThat(((SessionOutcome.Decided) run.outcome())
                            .outcomes()
                            .get(0)
                            .reply()
                            .enhanced())
                    .hasToString("5.1.1");
            run.take();
            run.begin(plan(2));
            assertThat(sent(run)).startsWith(end.startsWith("250") ? "MAIL" : "RSET\r\nMAIL");
        }
    }

    @Test
    void isOverAfterAServerThatDoesNotKnowTheBdatThatItOffers() {
        SessionRun run = begun(plan(1), CHUNKING);
        run.begin(plan(2));
        run.receive(OK + OK + "500 5.5.2 what\r\n");
        assertThat(run.session.isOver()).isTrue();
        assertThat(statuses(run.all().get(0))).containsExactly(FAILED);
        assertThat(statuses(run.all().get(1))).containsExactly(UNKNOWN);
    }

    @Test
    void knowsWhatIsUnknownAndWhatHasLapsedWhenTheConnectionIsLost() {
        SessionRun run = begun(plan(1), PIPELINING);
        run.receive(OK + OK + "354 go\r\n");
        run.begin(plan(2));
        run.session.connectionLost();
        assertThat(statuses(run.all().get(0))).containsExactly(UNKNOWN);
        assertThat(run.all().get(1)).isEqualTo(new SessionOutcome.Lapsed());
    }

    @Test
    void gives421ToTheOneWhoseReplyItIs() {
        SessionRun run = begun(plan(1), CHUNKING);
        run.begin(plan(2));
        run.receive(OK + OK + "421 4.3.2 bye\r\n");
        assertThat(statuses(run.all().get(0))).containsExactly(DEFERRED);
        assertThat(statuses(run.all().get(1))).containsExactly(UNKNOWN);
        SessionRun early = begun(plan(1), CHUNKING);
        early.receive("421 4.3.2 bye\r\n");
        assertThat(statuses(early.outcome())).as("its content is out").containsExactly(UNKNOWN);
    }

    @Test
    void hearsOfTheOthersBeforeItEndsForContentThatCantBeRead() {
        SessionPlan broken = Plans.shortOf(
                Envelope.from("a2@example.org").to("b2@example.net").with(EsmtpParameter.body(BodyType.SEVEN_BIT)), 5);
        SessionRun run = begun(plan(1), PIPELINING);
        run.receive(OK + OK + "354 go\r\n");
        run.begin(Plans.kept(broken, ConnectionReuse.standard()));
        run.receive("250 taken\r\n" + OK + OK + "354 go\r\n");
        assertThat(statuses(run.all().get(0))).containsExactly(RELAYED);
        assertThat(statuses(run.all().get(1))).containsExactly(NOT_SENT);
        assertThat(run.session.isOver()).isTrue();
    }

    @Test
    void letsTheOthersBeWhereOneIsGivenUp() {
        SessionRun run = begun(plan(1), PIPELINING);
        run.receive(OK + OK + "354 go\r\n");
        run.begin(plan(2));
        assertThat(run.session.isSending()).isTrue();
        assertThat(statuses(run.session.giveUp(1, 0))).containsExactly(NOT_SENT);
        assertThat(run.session.isOver()).isFalse();
        run.receive("250 taken\r\n");
        assertThat(run.session.isOver()).isTrue();
        assertThat(statuses(run.all().get(0))).containsExactly(RELAYED);
        assertThat(statuses(run.all().get(1))).containsExactly(NOT_SENT);
        assertThat(sent(run)).doesNotContain("message 2");
    }

    @Test
    void isUnknownAtOnceWhereOneIsGivenUpThatIsOutWhateverIsSaidThen() {
        SessionRun run = begun(plan(1), CHUNKING);
        run.begin(plan(2));
        assertThat(statuses(run.session.giveUp(0, 0))).containsExactly(UNKNOWN);
        run.receive(OK.repeat(7)); // RSET stands between the two
        assertThat(statuses(run.all().get(0))).containsExactly(UNKNOWN);
        assertThat(statuses(run.all().get(1))).containsExactly(RELAYED);
        assertThat(run.session.isIdle()).isTrue();
    }

    @Test
    void quitsWhenAllHaveBeenAnswered() {
        SessionRun run = begun(plan(1), CHUNKING);
        run.session.quit(0);
        assertThat(run.session.takesAnother(0)).isFalse();
        assertThat(sent(run)).doesNotContain("QUIT");
        run.receive(OK + OK + OK);
        assertThat(sent(run)).isEqualTo("QUIT\r\n");
    }

    @Test
    void tellsHowFarItCameWithWhichHost() {
        SessionRun run = begun(plan(1), PIPELINING);
        run.receive(OK + "550 5.1.1 no\r\n");
        run.session.connectionLost();
        RecipientOutcome refused =
                ((SessionOutcome.Decided) run.outcome()).outcomes().get(0);
        assertThat(refused.phase()).isEqualTo(DeliveryPhase.RCPT);
        assertThat(refused.host()).contains(Plans.HOST);
        SessionRun lost = begun(plan(1), PIPELINING);
        lost.receive(OK + OK);
        lost.session.connectionLost();
        assertThat(((SessionOutcome.Decided) lost.outcome()).outcomes().get(0).phase())
                .isEqualTo(DeliveryPhase.DATA);
        SessionRun greeting = new SessionRun(plan(1), TlsMode.NONE);
        greeting.session.connectionLost();
        assertThat(greeting.notServed().phase()).isEqualTo(DeliveryPhase.GREETING);
        assertThat(greeting.notServed().status()).isEqualTo(NOT_SENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {PIPELINING, CHUNKING})
    void hasAReplyForEachRecipientByLmtp(String offered) {
        SessionPlan one = plan(1, "text\r\n", true);
        SessionPlan three = new SessionPlan(
                one.localName(),
                one.host(),
                Plans.TO_TWO.to("d@example.net", "e@example.net"),
                one.content(),
                one.policy(),
                null,
                one.timeouts(),
                one.reuse(),
                null,
                true);
        SessionRun run = new SessionRun(three, TlsMode.NONE);
        run.receive("220 hi\r\n");
        assertThat(sent(run)).isEqualTo("LHLO client.example\r\n");
        run.receive(offered);
        run.receive(OK + OK + "550 5.1.1 no\r\n" + OK + OK + (offered.equals(PIPELINING) ? "354 go\r\n" : ""));
        run.receive("250 2.1.5 kept\r\n452 4.2.2 full\r\n");
        assertThat(run.hasOutcome()).isFalse();
        run.receive("250 kept\r\n");
        assertThat(statuses(run.outcome())).containsExactly(DELIVERED, FAILED, DEFERRED, DELIVERED);
        assertThat(run.session.isIdle()).isTrue();
    }

    @Test
    void doesNotKnowByLmtpOfThoseWhoseReplyIsMissing() {
        SessionPlan one = plan(1, "text\r\n", true);
        SessionRun run = new SessionRun(
                new SessionPlan(
                        one.localName(),
                        one.host(),
                        Plans.TO_TWO,
                        one.content(),
                        one.policy(),
                        null,
                        one.timeouts(),
                        one.reuse(),
                        null,
                        true),
                TlsMode.NONE);
        run.receive("220 hi\r\n");
        run.receive(PIPELINING);
        run.receive(OK + OK + OK + "354 go\r\n");
        run.receive("250 kept\r\n");
        run.session.connectionLost();
        assertThat(statuses(run.outcome())).containsExactly(DELIVERED, UNKNOWN);
    }

    @Test
    void neverFallsBackToHeloByLmtp() {
        SessionRun run = new SessionRun(plan(1, "text\r\n", true), TlsMode.NONE);
        run.receive("220 hi\r\n");
        run.receive("500 what\r\n");
        assertThat(sent(run)).isEqualTo("LHLO client.example\r\nQUIT\r\n");
        assertThat(run.notServed().status()).isEqualTo(FAILED);
    }
}
