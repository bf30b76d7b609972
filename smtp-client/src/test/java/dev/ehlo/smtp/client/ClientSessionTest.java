package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.FAILED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.codec.SaslLine;
import dev.ehlo.smtp.codec.SaslPlain;
import dev.ehlo.smtp.testkit.Cutter;
import dev.ehlo.smtp.testkit.Smuggling;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The session against servers that do right, and that refuse. */
class ClientSessionTest {
    private static final Login LOGIN = Plans.login("user", "secret", false);

    @Test
    void deliversOneCommandAtATime() {
        LineServer server = new LineServer();
        SessionRun run = SessionRun.of(Plans.inClear(Plans.TO_TWO), server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(run.session.isOver()).isTrue();
        assertThat(server.content()).isEqualTo(Plans.CONTENT);
        assertThat(run.flights)
                .containsExactly(
                        "EHLO client.example\r\n",
                        "MAIL FROM:<a@example.org>\r\n",
                        "RCPT TO:<b@example.net>\r\n",
                        "RCPT TO:<c@example.net>\r\n",
                        "DATA\r\n",
                        "Subject: hello\r\n\r\n..dot\r\nlast\r\n.\r\n",
                        "QUIT\r\n");
    }

    @Test
    void sendsTheGroupOfCommandsInOneFlightWherePipeliningIsOffered() {
        LineServer server = new LineServer().offering("PIPELINING");
        SessionRun run = SessionRun.of(Plans.inClear(Plans.TO_TWO), server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(run.flights.get(1).split("\r\n"))
                .containsExactly(
                        "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.net>", "RCPT TO:<c@example.net>", "DATA");
        assertThat(server.content()).isEqualTo(Plans.CONTENT);
    }

    @Test
    void hasTheSameOutcomeForEveryCutOfEveryReply() {
        for (String pipelining : List.of("PIPELINING", "HELP")) {
            byte[] probe = new byte[60];
            Cutter.everySplit(probe, parts -> {
                int first = parts.get(0).length;
                LineServer server = new LineServer()
                        .offering(pipelining, "SIZE 1000")
                        .on("RCPT TO:<c@", "550-5.1.1 no\r\n550 5.1.1 such user\r\n");
                SessionRun run = SessionRun.of(
                        Plans.inClear(Plans.TO_TWO),
                        TlsMode.NONE,
                        server,
                        said -> parts.size() == probe.length
                                ? Cutter.octetByOctet(said)
                                : first < said.length ? Cutter.at(said, first) : List.of(said));
                assertThat(run.statuses()).containsExactly(RELAYED, FAILED);
                assertThat(run.outcomes().get(1).reply().toString()).isEqualTo("550 5.1.1 no such user");
                assertThat(server.content()).isEqualTo(Plans.CONTENT);
            });
        }
    }

    @Test
    void fallsBackToHeloWhereEhloIsNotKnown() {
        LineServer server = new LineServer().on("EHLO", "502 what\r\n").offering("SIZE");
        SessionRun run = SessionRun.of(Plans.inClear(Plans.TO_TWO), server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(server.commands())
                .startsWith("EHLO client.example", "HELO client.example", "MAIL FROM:<a@example.org>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "HELP"})
    void reportsEachRefusedRecipientAndDeliversToTheOthers(String extension) {
        LineServer server = new LineServer()
                .offering(extension)
                .on("RCPT TO:<b@", "550 5.1.1 no such user\r\n")
                .on(".", "250 2.6.0 queued as 7\r\n");
        SessionRun run = SessionRun.of(Plans.inClear(Plans.TO_TWO.to("d@example.net")), server);
        assertThat(run.statuses()).containsExactly(FAILED, RELAYED, RELAYED);
        assertThat(run.outcomes().get(0).reply().text()).isEqualTo("no such user");
        assertThat(run.outcomes().get(1).reply().toString()).isEqualTo("250 2.6.0 queued as 7");
        assertThat(run.outcomes().get(1).host()).contains(Plans.HOST);
    }

    @Test
    void sendsNoDataWhereAllRecipientsAreRefused() {
        LineServer server = new LineServer().on("RCPT", "450 4.2.0 later\r\n").on("RCPT TO:<c@", "551 5.1.6 moved\r\n");
        SessionRun run = SessionRun.of(Plans.inClear(Plans.TO_TWO), server);
        assertThat(run.statuses()).containsExactly(DEFERRED, FAILED);
        assertThat(server.commands()).doesNotContain("DATA").endsWith("QUIT");
    }

    @Test
    void sendsNothingAsContentWhereThePipelinedDataWasTakenWithoutRecipients() {
        LineServer server = new LineServer().offering("PIPELINING").on("RCPT", "550 5.1.1 no\r\n");
        SessionRun run = SessionRun.of(Plans.inClear(Plans.TO_TWO), server);
        assertThat(run.statuses()).containsExactly(FAILED, FAILED);
        assertThat(run.flights).endsWith(".\r\n", "QUIT\r\n");
        assertThat(server.content()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PIPELINING", "HELP"})
    void givesTheReplyToMailToAllRecipients(String extension) {
        LineServer server = new LineServer()
                .offering(extension)
                .on("MAIL", "553 5.1.8 not from there\r\n")
                .on("RCPT", "503 5.5.1 no\r\n")
                .on("DATA", "503 5.5.1 no\r\n");
        SessionRun run = SessionRun.of(Plans.inClear(Plans.TO_TWO), server);
        assertThat(run.statuses()).containsExactly(FAILED, FAILED);
        assertThat(run.outcomes()).allMatch(o -> o.reply().code() == 553);
        assertThat(run.flights).endsWith("QUIT\r\n");
    }

    @Test
    void takes552ToRcptForARefusalForNow() {
        LineServer server = new LineServer().on("RCPT TO:<b@", "552 too many\r\n");
        assertThat(SessionRun.of(Plans.inClear(Plans.TO_TWO), server).statuses())
                .containsExactly(DEFERRED, RELAYED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"452 too many\r\n", "452 4.5.3 too many\r\n", "552 too many\r\n", "552 5.5.3 no\r\n"})
    void leavesForAnotherTransactionWhoIsOneTooManyForThisOne(String reply) {
        LineServer server = new LineServer().on("RCPT TO:<c@", reply);
        SessionOutcome.Partly partly =
                (SessionOutcome.Partly) SessionRun.of(Plans.inClear(Plans.TO_TWO.to("d@example.net")), server)
                        .outcome();
        assertThat(partly.outcomes()).extracting(RecipientOutcome::status).containsExactly(RELAYED, RELAYED);
        assertThat(partly.rest()).containsExactly(1);
    }

    @Test
    void defersWhoIsRefusedBy452ForAnotherReason() {
        LineServer server = new LineServer().on("RCPT TO:<c@", "452 4.2.2 mailbox full\r\n");
        assertThat(SessionRun.of(Plans.inClear(Plans.TO_TWO), server).statuses())
                .containsExactly(RELAYED, DEFERRED);
    }

    @Test
    void asksForNoMoreRecipientsAndDomainsThanTheServerTakes() {
        Envelope envelope = Envelope.from("a@example.org").to("b@one.example", "c@two.example", "d@ONE.example");
        for (String limit : List.of("LIMITS RCPTMAX=2", "LIMITS RCPTDOMAINMAX=1")) {
            LineServer server = new LineServer().offering("PIPELINING", limit);
            SessionOutcome.Partly partly = (SessionOutcome.Partly)
                    SessionRun.of(Plans.inClear(envelope), server).outcome();
            boolean domains = limit.contains("DOMAIN");
            assertThat(partly.rest()).containsExactly(domains ? 1 : 2);
            assertThat(partly.outcomes()).extracting(RecipientOutcome::status).containsExactly(RELAYED, RELAYED);
            assertThat(server.commands())
                    .filteredOn(c -> c.startsWith("RCPT"))
                    .containsExactly(
                            "RCPT TO:<b@one.example>", domains ? "RCPT TO:<d@ONE.example>" : "RCPT TO:<c@two.example>");
        }
    }

    @Test
    void decidesByARefusalOfMailAlsoForThoseOfALaterTransaction() {
        LineServer server = new LineServer().offering("LIMITS RCPTMAX=1").on("MAIL", "451 4.7.1 later\r\n");
        assertThat(SessionRun.of(Plans.inClear(Plans.TO_TWO), server).statuses())
                .containsExactly(DEFERRED, DEFERRED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"451 4.3.2 later\r\n", "554 5.5.1 no valid recipients\r\n"})
    void givesARefusalOfDataToTheRecipientsThatWereTaken(String reply) {
        SessionRun run = SessionRun.of(Plans.inClear(Plans.TO_TWO), new LineServer().on("DATA", reply));
        assertThat(run.statuses()).containsOnly(reply.startsWith("4") ? DEFERRED : FAILED);
        assertThat(run.flights).endsWith("QUIT\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"452 4.3.1 no room\r\n", "554 5.7.1 spam\r\n"})
    void givesTheReplyToEndOfDataToTheRecipientsThatWereTaken(String reply) {
        SessionRun run = SessionRun.of(Plans.inClear(Plans.TO_TWO), new LineServer().on(".", reply));
        assertThat(run.statuses()).containsOnly(reply.startsWith("4") ? DEFERRED : FAILED);
    }

    @Test
    void isRefusedForGoodBy5yzGreetingAndForNowBy4yz() {
        assertThat(SessionRun.of(Plans.inClear(Plans.TO_TWO), new LineServer().greeting("554 no\r\n"))
                        .notServed()
                        .status())
                .isEqualTo(FAILED);
        assertThat(SessionRun.of(Plans.inClear(Plans.TO_TWO), new LineServer().greeting("450 busy\r\n"))
                        .notServed()
                        .status())
                .isEqualTo(DEFERRED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"EHLO", "MAIL", "RCPT TO:<b", "RCPT TO:<c", "DATA", "."})
    void isDeferredBy421AtEachStage(String stage) {
        LineServer server = new LineServer().on(stage, "421 4.3.2 shutting down\r\n");
        SessionRun run = SessionRun.of(Plans.inClear(Plans.TO_TWO), server);
        assertThat(run.session.isOver()).isTrue();
        if (run.outcome() instanceof SessionOutcome.NotServed notServed) {
            assertThat(notServed.status()).isEqualTo(DEFERRED);
            assertThat(notServed.reply().code()).isEqualTo(421);
        } else {
            assertThat(run.statuses()).containsExactly(DEFERRED, DEFERRED);
            assertThat(run.outcomes()).allMatch(o -> o.reply().code() == 421);
        }
    }

    @Test
    void authenticatesUnderTlsBeforeMail() {
        LineServer server = new LineServer().offering("AUTH LOGIN PLAIN").on("AUTH", "235 2.7.0 ok\r\n");
        SessionRun run = SessionRun.of(
                Plans.plan(Plans.TO_TWO, TlsPolicy.required(), LOGIN), TlsMode.STARTTLS, server, List::of);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(server.commands())
                .startsWith("EHLO client.example", "AUTH PLAIN AHVzZXIAc2VjcmV0", "MAIL FROM:<a@example.org>");
    }

    @Test
    void sendsLongCredentialsInALineOfTheirOwn() {
        Login longer = Plans.login("user", "x".repeat(1000), false);
        String response = SaslLine.encode(new SaslPlain("", "user", "x".repeat(1000)).encode());
        LineServer server = new LineServer()
                .offering("AUTH PLAIN")
                .on("AUTH PLAIN", "334 \r\n")
                .on(response, "235 ok\r\n");
        SessionRun run = SessionRun.of(
                Plans.plan(Plans.TO_TWO, TlsPolicy.required(), longer), TlsMode.IMPLICIT, server, List::of);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(server.commands()).contains("AUTH PLAIN", response);
    }

    @Test
    void isDeferredNotFailedByAWrongPassword() {
        LineServer server = new LineServer().offering("AUTH PLAIN").on("AUTH", "535 5.7.8 wrong\r\n");
        SessionRun run = SessionRun.of(
                Plans.plan(Plans.TO_TWO, TlsPolicy.required(), LOGIN), TlsMode.IMPLICIT, server, List::of);
        assertThat(run.notServed().status()).isEqualTo(DEFERRED);
        assertThat(run.notServed().reply().code()).isEqualTo(535);
        assertThat(run.notServed().phase()).isEqualTo(DeliveryPhase.AUTH);
        assertThat(server.commands()).endsWith("QUIT").noneMatch(c -> c.startsWith("MAIL"));
    }

    @Test
    void doesNotSendCredentialsWithoutTlsNorMailWithoutCredentials() {
        LineServer server = new LineServer().offering("AUTH PLAIN");
        SessionRun run = SessionRun.of(Plans.plan(Plans.TO_TWO, TlsPolicy.opportunistic(), LOGIN), server);
        assertThat(run.notServed().reply().toString()).startsWith("451 4.7.11");
        assertThat(server.commands()).containsExactly("EHLO client.example", "QUIT");
    }

    @Test
    void sendsCredentialsInClearWhereItIsToldTo() {
        LineServer server = new LineServer().offering("AUTH PLAIN").on("AUTH", "235 ok\r\n");
        Login inClear = Plans.login("user", "secret", true);
        assertThat(SessionRun.of(Plans.plan(Plans.TO_TWO, TlsPolicy.none(), inClear), server)
                        .statuses())
                .containsExactly(RELAYED, RELAYED);
    }

    @Test
    void sendsNoMailWhereAuthIsNotOffered() {
        LineServer server = new LineServer().offering("AUTH NTLM X-OTHER");
        SessionRun run = SessionRun.of(
                Plans.plan(Plans.TO_TWO, TlsPolicy.required(), LOGIN), TlsMode.IMPLICIT, server, List::of);
        assertThat(run.notServed().reply().toString()).startsWith("451 4.7.4").contains("AUTH by NTLM X-OTHER");
        assertThat(server.commands()).containsExactly("EHLO client.example", "QUIT");
    }

    @Test
    void leavesContentUnsentThatIsOverTheServersLimit() {
        LineServer server = new LineServer().offering("SIZE 10");
        SessionRun run = SessionRun.of(Plans.inClear(Plans.TO_TWO), server);
        assertThat(run.statuses()).containsExactly(FAILED, FAILED);
        assertThat(run.outcomes().get(0).reply().toString()).startsWith("552 5.3.4");
        assertThat(server.commands()).containsExactly("EHLO client.example", "QUIT");
    }

    @Test
    void saysSizeAndBodyWhereTheyAreOffered() {
        LineServer server = new LineServer().offering("SIZE", "8BITMIME");
        String content = "caf\u00e9\r\n";
        SessionRun run = SessionRun.of(Plans.plan(Plans.TO_TWO, content, TlsPolicy.none(), null, null), server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(server.commands()).contains("MAIL FROM:<a@example.org> SIZE=6 BODY=8BITMIME");
        assertThat(server.content()).isEqualTo(content);
    }

    @Test
    void carriesContentOfManyBlocks() {
        StringBuilder content = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            content.append(i % 3 == 0 ? "." : "").append(i).append("\r\n");
        }
        LineServer server = new LineServer().offering("PIPELINING");
        SessionRun run =
                SessionRun.of(Plans.plan(Plans.TO_TWO, content.toString(), TlsPolicy.none(), null, null), server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(server.content()).isEqualTo(content.toString());
    }

    static List<String> smuggled() {
        return Smuggling.SEQUENCES;
    }

    @ParameterizedTest
    @MethodSource("smuggled")
    void smugglesNoEndOfData(String sequence) {
        String content = "x" + sequence + "MAIL FROM:<admin@victim>\r\n";
        SessionRun run = SessionRun.of(
                Plans.plan(Plans.TO_TWO, content, TlsPolicy.none(), null, null), new LineServer().offering("8BITMIME"));
        String data = run.flights.get(run.flights.size() - 2);
        assertThat(data.substring(0, data.length() - 3)).doesNotContain("\n.\n", "\n.\r", "\r.\r", "\r.\n", "\n\0.\r");
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
    }

    @Test
    void tellsTheDialogueMaskedAndEscaped() {
        List<String> told = new ArrayList<>();
        DialogueListener listener = new DialogueListener() {
            @Override
            public void sent(String line) {
                told.add("C: " + line);
            }

            @Override
            public void received(String line) {
                told.add("S: " + line);
            }
        };
        LineServer server = new LineServer()
                .greeting("220 mx \u001b[2J\r\n")
                .offering("AUTH PLAIN")
                .on("AUTH", "235 ok\r\n");
        SessionPlan plan =
                Plans.plan(Envelope.from("").to("b@example.net"), Plans.CONTENT, TlsPolicy.required(), LOGIN, listener);
        SessionRun.of(plan, TlsMode.IMPLICIT, server, List::of);
        assertThat(told)
                .containsExactly(
                        "S: 220 mx \\u001b[2J",
                        "C: EHLO client.example",
                        "S: 250-mx.example.net",
                        "S: 250-AUTH PLAIN",
                        "S: 250 HELP",
                        "C: AUTH PLAIN ****",
                        "S: 235 ok",
                        "C: MAIL FROM:<>",
                        "S: 250 ok",
                        "C: RCPT TO:<b@example.net>",
                        "S: 250 ok",
                        "C: DATA",
                        "S: 354 go",
                        "C: <" + Plans.CONTENT.getBytes(StandardCharsets.US_ASCII).length + " octets of content>",
                        "C: .",
                        "S: 250 2.0.0 taken",
                        "C: QUIT",
                        "S: 221 bye");
    }

    @Test
    void isUnknownWhereTheConnectionIsLostAfterEndOfDataAndNotSentBefore() {
        SessionRun run = new SessionRun(Plans.inClear(Plans.TO_TWO), TlsMode.NONE);
        for (String reply : List.of("220 hi\r\n", "250 mx\r\n", "250 ok\r\n", "550 no\r\n", "250 ok\r\n")) {
            run.receive(reply);
        }
        assertThat(run.hasOutcome()).isFalse();
        run.receive("354 go\r\n");
        run.session.connectionLost();
        assertThat(run.statuses()).containsExactly(FAILED, UNKNOWN);

        SessionRun before = new SessionRun(Plans.inClear(Plans.TO_TWO), TlsMode.NONE);
        for (String reply : List.of("220 hi\r\n", "250 mx\r\n", "250 ok\r\n", "550 no\r\n", "250 ok\r\n")) {
            before.receive(reply);
        }
        before.session.connectionLost();
        assertThat(before.statuses()).containsExactly(FAILED, NOT_SENT);
        assertThat(before.outcomes().get(1).reply().toString())
                .isEqualTo("451 4.4.2 connection with mx.example.net lost while waiting for the reply to DATA");
    }
}
