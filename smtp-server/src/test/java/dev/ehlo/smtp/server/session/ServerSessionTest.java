package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.codec.Leniency;
import dev.ehlo.smtp.server.ErrorDelay;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SessionLimits;
import dev.ehlo.smtp.testkit.Cutter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerSessionTest {
    private static final SessionLimits TIGHT = SessionLimits.STANDARD
            .maxMessageOctets(1000)
            .maxRecipients(3)
            .maxErrors(5)
            .maxIdleCommands(10)
            .maxRefusedRecipients(5);

    private static MachinePeer greeted(Profile profile) {
        MachinePeer peer = new MachinePeer(profile);
        assertThat(peer.say("")).isEqualTo("220 mx.example.org ESMTP\r\n");
        return peer;
    }

    private static MachinePeer ready(Profile profile) {
        MachinePeer peer = greeted(profile);
        peer.say("EHLO client.example\r\n");
        return peer;
    }

    @Test
    void takesTheFormsThatTheProfileAllowsAndNoOthers() {
        String lines = "MAIL FROM: a@remote.example X-TRACE=7\r\nRCPT TO:b@example.org X-WHY=so\r\n";
        MachinePeer strict = ready(Profile.mx());
        assertThat(strict.say(lines)).startsWith("501 5.1.7 ").contains("\r\n501 5.1.3 ");

        MachinePeer lenient = ready(Profile.mx().allowing(Leniency.values()));
        assertThat(lenient.say(lines)).startsWith("250 ").contains("\r\n250 ");
        assertThat(lenient.room.asked).contains("MAIL a@remote.exampleX-TRACE=7");
        assertThat(lenient.say("RCPT TO:b@example.org NOTIFY=NEVER\r\n")).startsWith("555 ");
        assertThat(lenient.say("DATA\r\n")).startsWith("354 ");
        lenient.say("\r\n.\r\n");
        assertThat(lenient.room.messages.get(0).envelope().recipients().get(0).parameters())
                .hasToString("X-WHY=so");
    }

    private static String count(int times, String text) {
        return text.repeat(times);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "STARTTLS\r\nRSET\r\n",
                "STARTTLS\r\nEHLO x\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nMAIL FROM:<alice@example.org>\r\n",
                "STARTTLS\r\nR"
            })
    void closesOnOctetsBehindStartTls(String flight) {
        for (Profile profile : new Profile[] {Profile.mx(), Profile.submission()}) {
            MachinePeer peer = ready(profile);
            assertThat(peer.say(flight)).isEqualTo("554 5.5.0 Octets sent before their turn\r\n");
            assertThat(peer.isClosed()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nMAIL FROM:<a@b>\r\n",
                "GET / HTTP/1.0\r\n\r\n",
                "PUT /x HTTP/1.1\r\n",
                "HEAD / HTTP/1.1\r\n",
                "CONNECT mx:25 HTTP/1.1\r\n",
                "OPTIONS * HTTP/1.1\r\n",
                "\026\003\001\002\000\001",
                "\r\n",
                "\0EHLO x\r\n",
                "<policy-file-request/>"
            })
    void closesAtOnceOnAnotherProtocol(String flight) {
        for (Profile profile : new Profile[] {Profile.mx(), Profile.submission(), Profile.submissions()}) {
            Cutter.everySplit(flight.getBytes(StandardCharsets.ISO_8859_1), parts -> {
                MachinePeer peer = greeted(profile);
                for (byte[] part : parts) {
                    if (!peer.isClosed()) {
                        assertThat(peer.exchange(part)).isEmpty();
                    }
                }
                assertThat(peer.isClosed()).isTrue();
            });
        }
    }

    @Test
    void countsCommandsAnewAfterEachMessage() {
        MachinePeer peer = ready(Profile.mx().limits(TIGHT));
        for (int i = 0; i < 20; i++) {
            peer.say(count(5, "NOOP\r\n") + "MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
            assertThat(peer.say("\r\n.\r\n")).startsWith("250 ");
        }
        assertThat(peer.isClosed()).isFalse();
    }

    @Test
    void holdsBackWhatStrangersAreRefusedAndUsersNot() {
        ErrorDelay delay = new ErrorDelay(1, Duration.ofSeconds(1), Duration.ofSeconds(2));
        Profile slow = Profile.submissions().limits(SessionLimits.STANDARD.errorDelay(delay));
        MachinePeer peer = ready(slow);
        String first = peer.say("FOO\r\nAUTH PLAIN AGFsaWNlAHdyb25n\r\nFOO\r\nNOOP\r\nFOO\r\n");
        assertThat(peer.heldBack)
                .containsExactly(
                        new MachinePeer.Held(first.indexOf("535 "), Duration.ofSeconds(1)),
                        new MachinePeer.Held(first.indexOf("500 ", first.indexOf("535 ")), Duration.ofSeconds(2)),
                        new MachinePeer.Held(first.lastIndexOf("500 "), Duration.ofSeconds(2)));
        peer.say("AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nFOO\r\n");
        assertThat(peer.heldBack).hasSize(3);

        MachinePeer user =
                ready(slow.limits(slow.limits().errorDelay(ErrorDelay.NONE).userErrorDelay(delay)));
        user.say("FOO\r\nFOO\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nFOO\r\n");
        assertThat(user.heldBack).hasSize(1);
    }

    @Test
    void shedsTransactionsThatHaveNotBegunAndNoOthers() {
        MachinePeer peer = ready(Profile.mx());
        peer.say("MAIL FROM:<>\r\n");
        peer.sheds = true;
        assertThat(peer.say("RCPT TO:<b@example.org>\r\nDATA\r\n")).contains("\r\n354 ");
        assertThat(peer.say("\r\n.\r\nMAIL FROM:<>\r\nNOOP\r\n"))
                .matches("250 2.0.0 .*\r\n452 4.3.1 .*\r\n250 2.0.0 OK\r\n");
        peer.sheds = false;
        assertThat(peer.say("MAIL FROM:<>\r\n")).startsWith("250 ");
    }

    @Test
    void keepsTheLimitsOfAHeaderThatItWasGiven() {
        SessionLimits limits =
                SessionLimits.STANDARD.maxHeaderOctets(1000).maxHeaderFields(10).maxReceivedFields(2);
        MachinePeer peer = ready(Profile.mx().limits(limits));
        for (String[] pair : new String[][] {
            {"Received: x\r\n".repeat(3), "554 5.4.6 "},
            {"Received: x\r\n".repeat(2), "250 2.0.0 "},
            {"X: y\r\n".repeat(11), "552 5.3.4 "},
            {"X: " + "y".repeat(1000) + "\r\n", "552 5.3.4 "}
        }) {
            peer.say("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
            assertThat(peer.say(pair[0] + "\r\n.\r\n")).startsWith(pair[1]);
        }
    }

    @Test
    void tellsOfEachFailedLogin() {
        MachinePeer peer = ready(Profile.submissions());
        // alice and another password; another's authorization identity; LOGIN without a password; the true password.
        peer.say("AUTH PLAIN AGFsaWNlAHdyb25n\r\n");
        peer.say("AUTH PLAIN Ym9iAGFsaWNlAHNlY3JldA==\r\n");
        assertThat(peer.failedLogins).containsExactly("alice", "alice");
        peer = ready(Profile.submissions());
        peer.say("AUTH LOGIN\r\nYm9i\r\n\r\n");
        peer.say("AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n");
        assertThat(peer.failedLogins).containsExactly("bob");
    }

    @Test
    void closesOnContentWithoutEnd() {
        MachinePeer peer = ready(Profile.mx().limits(TIGHT));
        peer.say("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        String line = "x".repeat(998) + "\r\n";
        for (int i = 0; i < 1100 && !peer.isClosed(); i++) {
            String said = peer.say(line);
            assertThat(said.isEmpty() || said.startsWith("552 5.3.4 ")).isTrue();
        }
        assertThat(peer.isClosed()).isTrue();
        assertThat(peer.room.aborted).hasSize(1);
    }

    @Test
    void tellsTheTimeIsOver() {
        MachinePeer peer = ready(Profile.mx());
        peer.say("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        peer.say("half a message\r\n");
        peer.session().timedOut();
        assertThat(new String(peer.taken(), StandardCharsets.US_ASCII)).isEqualTo("421 4.4.2 Timeout, closing\r\n");
        peer.run();
        assertThat(peer.isClosed()).isTrue();
        assertThat(peer.room.aborted).hasSize(1);
    }

    @Test
    void forgetsAMessageWhoseConnectionIsLost() {
        MachinePeer peer = ready(Profile.mx());
        peer.say("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        peer.say("half a message\r\n");
        peer.session().lost();
        assertThat(peer.room.aborted).hasSize(1);
        assertThat(peer.room.messages).isEmpty();
    }

    @Test
    void letsGoOfASinkThatComesAfterTheConnectionIsLost() {
        MachinePeer peer = ready(Profile.mx());
        peer.say("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\n");
        peer.holdQuestions = true;
        peer.say("DATA\r\n");
        peer.session().lost();
        peer.settle(peer.session().question());
        assertThat(peer.room.aborted).hasSize(1);
    }

    @Test
    void letsGoOfARefusalThatComesAfterTheConnectionIsLost() {
        MachinePeer peer = ready(Profile.mx());
        peer.say("MAIL FROM:<>\r\n");
        peer.holdQuestions = true;
        peer.say("RCPT TO:<nobody@example.org>\r\n");
        peer.session().lost();
        peer.settle(peer.session().question());
        assertThat(peer.failures).isEmpty();
        assertThat(peer.taken()).isEmpty();
    }

    @Test
    void countsADripAsNoProgress() {
        MachinePeer peer = ready(Profile.mx());
        long before = peer.session().progress();
        peer.say("NO");
        peer.say("OP");
        assertThat(peer.session().progress()).isEqualTo(before);
        peer.say("\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        long content = peer.session().progress();
        assertThat(content).isGreaterThan(before);
        peer.say("x".repeat(4000));
        assertThat(peer.session().progress()).isEqualTo(content);
        peer.say("x".repeat(100));
        assertThat(peer.session().progress()).isEqualTo(content + 1);
    }

    @Test
    void endsWith421BetweenCommandsWhenTheServerGoesDown() {
        MachinePeer peer = ready(Profile.mx());
        peer.say("MAIL FROM:<>\r\n");
        peer.session().drain();
        assertThat(peer.say("")).isEqualTo("421 4.3.2 System shutting down\r\n");
        assertThat(peer.isClosed()).isTrue();
    }

    @Test
    void takesTheContentUnderWayWhenTheServerGoesDown() {
        MachinePeer peer = ready(Profile.mx());
        peer.say("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        peer.say("Subject: x\r\n");
        peer.session().drain();
        assertThat(peer.say("\r\nbody\r\n")).isEmpty();
        assertThat(peer.say(".\r\n")).isEqualTo("250 2.0.0 queued as 1\r\n421 4.3.2 System shutting down\r\n");
        assertThat(peer.isClosed()).isTrue();
    }

    @Test
    void letsARefusedClientOnlyLeave() {
        MachinePeer peer = new MachinePeer(Profile.mx(), "192.0.2.66");
        assertThat(peer.say("")).isEqualTo("554 5.7.1 not you\r\n");
        assertThat(peer.say("EHLO client.example\r\nSTARTTLS\r\n"))
                .isEqualTo(count(2, "503 5.5.1 Bad sequence of commands\r\n"));
        assertThat(peer.say("QUIT\r\n")).isEqualTo("221 2.0.0 Bye\r\n");
        assertThat(peer.isClosed()).isTrue();
    }

    @Test
    void relaysForATrustedNetworkOnly() {
        String flight = "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<user%far@remote.example>\r\n";
        MachinePeer trusted = new MachinePeer(Profile.mx(), "198.51.100.9");
        assertThat(trusted.say(flight)).endsWith("\r\n250 2.1.5 Recipient OK\r\n");
        assertThat(trusted.room.asked).contains("RCPT user%far@remote.example");
        MachinePeer stranger = new MachinePeer(Profile.mx());
        assertThat(stranger.say(flight)).endsWith("\r\n550 5.7.1 Relaying denied\r\n");
        assertThat(stranger.room.asked).noneMatch(a -> a.startsWith("RCPT"));
    }

    @Test
    void takesAnyRecipientWhereTheProfileSaysSo() {
        MachinePeer peer = ready(Profile.mx().anyRecipient());
        assertThat(peer.say("MAIL FROM:<>\r\nRCPT TO:<user@remote.example>\r\n"))
                .endsWith("250 2.1.5 Recipient OK\r\n");
    }

    @Test
    void leavesOutWhatTheProfileWithholds() {
        MachinePeer peer = greeted(Profile.mx()
                .without(
                        Extension.SIZE,
                        Extension.PIPELINING,
                        Extension.EIGHTBITMIME,
                        Extension.CHUNKING,
                        Extension.SMTPUTF8,
                        Extension.LIMITS,
                        Extension.ENHANCEDSTATUSCODES,
                        Extension.STARTTLS));
        assertThat(peer.say("EHLO x\r\n")).isEqualTo("250 mx.example.org\r\n");
        assertThat(peer.say("STARTTLS\r\n")).isEqualTo("502 Command not implemented\r\n");
        assertThat(peer.say("MAIL FROM:<> SIZE=1\r\n"))
                .isEqualTo("555 Parameter not recognized or not implemented\r\n");
        assertThat(peer.say("MAIL FROM:<> BODY=7BIT\r\n"))
                .isEqualTo("555 Parameter not recognized or not implemented\r\n");
        assertThat(peer.say("MAIL FROM:<>\r\n")).isEqualTo("250 Sender OK\r\n");
        assertThat(peer.say("RCPT TO:<b@example.org>\r\n")).isEqualTo("250 Recipient OK\r\n");
        assertThat(peer.say("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n")).isEqualTo("502 Command not implemented\r\n250 OK\r\n");
    }

    @Test
    void startTlsBetweenChunksAbortsTheirSink() {
        MachinePeer peer = ready(Profile.mx());
        peer.say("MAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\nBDAT 4\r\nabcd");
        assertThat(peer.room.aborted).isEmpty();
        assertThat(peer.say("STARTTLS\r\n")).startsWith("220 ");
        assertThat(peer.room.aborted).hasSize(1);
        peer.session().lost();
        assertThat(peer.room.aborted).hasSize(1);
    }

    @Test
    void chunksGetSomewhereByTheirOctetsAndNotByTheirNumber() {
        MachinePeer peer = ready(Profile.mx());
        peer.say("MAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\nBDAT 1\r\na");
        long before = peer.session().progress();
        for (int i = 0; i < 4094; i++) {
            peer.say("BDAT 1\r\na");
        }
        assertThat(peer.session().progress()).isEqualTo(before);
        peer.say("BDAT 1\r\na");
        assertThat(peer.session().progress()).isEqualTo(before + 1);
    }

    @Test
    void offersNoUtf8WithoutEightBits() {
        MachinePeer peer = greeted(Profile.mx().without(Extension.EIGHTBITMIME));
        assertThat(peer.say("EHLO x\r\n")).doesNotContain("SMTPUTF8");
        assertThat(peer.say("MAIL FROM:<> SMTPUTF8\r\n")).startsWith("555 5.5.4 ");
    }

    @Test
    void asksOneQuestionAtATimeAndAnswersInOrder() {
        MachinePeer peer = ready(Profile.mx());
        peer.holdQuestions = true;
        assertThat(peer.say("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nNOOP\r\n"))
                .isEmpty();
        Question<?> mail = peer.session().question();
        peer.settle(mail);
        peer.run();
        Question<?> rcpt = peer.session().question();
        assertThat(rcpt).isNotSameAs(mail);
        assertThat(peer.taken()).asString().isEqualTo("250 2.1.0 Sender OK\r\n");
        peer.settle(rcpt);
        peer.run();
        assertThat(peer.taken()).asString().isEqualTo("250 2.1.5 Recipient OK\r\n250 2.0.0 OK\r\n");
    }

    @Test
    void saysNothingOfWhatWentWrongInside() {
        MachinePeer peer = ready(Profile.mx());
        String mail = "MAIL FROM:<throws@remote.example>\r\nMAIL FROM:<>\r\n";
        String recipients = "RCPT TO:<throws@example.org>\r\nRCPT TO:<unopened@example.org>\r\n";
        String said = peer.say(mail + recipients + "DATA\r\n");
        assertThat(said).doesNotContain("secret").contains("451 4.3.0 Local error in processing\r\n");
        assertThat(peer.failures).hasSize(3);
    }
}
