package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliverBy;
import dev.ehlo.smtp.DsnNotify;
import dev.ehlo.smtp.DsnReturn;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.OriginalRecipient;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SessionLimits;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Extensions that depend on who takes the message: what reaches the handler, and what is dropped where. */
class ExtensionsTest {
    private static MachinePeer loggedIn(Profile profile) {
        MachinePeer peer = new MachinePeer(profile, TranscriptTest.ALL);
        peer.say("EHLO client.example\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n");
        return peer;
    }

    private static MachinePeer ready(Profile profile, Set<Extension> honoured) {
        MachinePeer peer = new MachinePeer(profile, honoured);
        peer.say("EHLO client.example\r\n");
        return peer;
    }

    @Test
    void whatWasAskedForReachesTheHandlerTyped() {
        MachinePeer peer = loggedIn(Profile.submissions());
        peer.say("MAIL FROM:<alice@example.org> RET=full ENVID=a+2Bb HOLDFOR=60 BY=120;RT MT-PRIORITY=-3 REQUIRETLS"
                + " AUTH=bob@example.org\r\n");
        peer.say("RCPT TO:<b@remote.example> NOTIFY=success,DELAY ORCPT=rfc822;bob+2Bx@remote.example\r\n");
        assertThat(peer.say("BDAT 3 LAST\r\n\r\nx")).startsWith("250 ");

        Envelope envelope = peer.room.messages.get(0).envelope();
        EsmtpParameters mail = envelope.parameters();
        assertThat(mail.dsnReturn()).contains(DsnReturn.FULL);
        assertThat(mail.envelopeId()).contains("a+b");
        assertThat(mail.holdFor()).contains(Duration.ofMinutes(1));
        assertThat(mail.deliverBy()).contains(new DeliverBy(Duration.ofMinutes(2), DeliverBy.Mode.RETURN, true));
        assertThat(mail.priority()).hasValue(-3);
        assertThat(mail.has(EsmtpKeyword.REQUIRETLS)).isTrue();
        assertThat(mail.auth()).contains(ReversePath.NULL);
        EsmtpParameters rcpt = envelope.recipients().get(0).parameters();
        assertThat(rcpt.notifications()).contains(Set.of(DsnNotify.SUCCESS, DsnNotify.DELAY));
        assertThat(rcpt.originalRecipient()).contains(new OriginalRecipient("rfc822", "bob+x@remote.example"));
    }

    @Test
    void eachIsDroppedByTheProfileOrTheHandler() {
        for (Extension extension : TranscriptTest.ALL) {
            String parameter = switch (extension) {
                case BINARYMIME -> "BODY=BINARYMIME";
                case DSN -> "RET=HDRS";
                case REQUIRETLS -> "REQUIRETLS";
                case FUTURERELEASE -> "HOLDFOR=1";
                case DELIVERBY -> "BY=1;N";
                default -> "MT-PRIORITY=1";
            };
            String mail = "MAIL FROM:<alice@example.org> " + parameter + "\r\n";
            String line = "(?s).*250[- ]" + extension.keyword() + "[ \r].*";

            MachinePeer with = loggedIn(Profile.submissions());
            assertThat(with.say("EHLO client.example\r\n")).matches(line);
            assertThat(with.say(mail)).startsWith("250 ");

            MachinePeer without = loggedIn(Profile.submissions().without(extension));
            assertThat(without.say("EHLO client.example\r\n")).doesNotMatch(line);
            assertThat(without.say(mail)).matches("5(55|01) 5\\.5\\.4 (?s).*");
        }
        MachinePeer forgetful = ready(Profile.mx(), Set.of());
        assertThat(forgetful.say("EHLO x\r\n")).doesNotContain("DSN", "BINARYMIME");
        assertThat(forgetful.say("MAIL FROM:<a@remote.example> BODY=BINARYMIME\r\n"))
                .startsWith("501 ");
        assertThat(forgetful.say("MAIL FROM:<a@remote.example> RET=FULL\r\n")).startsWith("555 ");
        assertThat(forgetful.say("MAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org> NOTIFY=NEVER\r\n"))
                .startsWith("250 ")
                .contains("\r\n555 ");
    }

    @Test
    void binaryContentNeedsChunks() {
        MachinePeer peer = ready(Profile.mx().without(Extension.CHUNKING), TranscriptTest.ALL);
        assertThat(peer.say("EHLO x\r\n")).doesNotContain("BINARYMIME");
        assertThat(peer.say("MAIL FROM:<a@remote.example> BODY=BINARYMIME\r\n")).startsWith("501 ");
    }

    @Test
    void keepsBinaryContentToTheBitBehindItsTrace() {
        String content = "a: b\r\n\r\n.\r\n\n\r\0\u00ff\r";
        MachinePeer peer = loggedIn(Profile.submissions());
        peer.say("MAIL FROM:<alice@example.org> BODY=BINARYMIME\r\nRCPT TO:<b@remote.example>\r\n");
        assertThat(peer.say("BDAT " + content.length() + "\r\n" + content + "BDAT 0 LAST\r\n"))
                .startsWith("250 ")
                .contains("\r\n250 2.0.0 queued");
        assertThat(peer.room.messages.get(0).content()).startsWith("Received:").endsWith("\r\n\r\n.\r\n\n\r\0\u00ff\r");

        peer.say("MAIL FROM:<alice@example.org>\r\nRCPT TO:<b@remote.example>\r\n");
        assertThat(peer.say("BDAT 5 LAST\r\n\r\na\nb")).startsWith("250 ");
        assertThat(peer.room.messages.get(1).content())
                .as("text is repaired again")
                .endsWith("\r\na\r\nb");
    }

    /** What ends a line for one reader and not for another would show authors that were never judged. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Subject: x\rFrom: ceo@example.org\r\nFrom: alice@example.org\r\n\r\nbody",
                "From: alice@example.org\r\nSubject: x\rFrom: ceo@example.org\r\n\r\nbody",
                "From: alice@example.org\r\nSubject: x\nX: y\r\n\r\nbody",
                "From: alice@example.org\r\nSubject: x\r\r\n\r\nbody",
                "From: alice@example.org\r\nSubject: x\r",
            })
    void theHeaderOfBinaryContentIsLinesAllTheSame(String content) {
        for (int chunk : new int[] {1, 7, content.length()}) {
            MachinePeer peer = loggedIn(Profile.submissions());
            peer.say("MAIL FROM:<alice@example.org> BODY=BINARYMIME\r\nRCPT TO:<b@remote.example>\r\n");
            for (int from = 0; from < content.length(); from += chunk) {
                String octets = content.substring(from, Math.min(from + chunk, content.length()));
                assertThat(peer.say("BDAT " + octets.length() + "\r\n" + octets))
                        .startsWith("250 ");
            }
            assertThat(peer.say("BDAT 0 LAST\r\n")).startsWith("550 5.6.11 ");
            assertThat(peer.room.messages).isEmpty();
        }
    }

    @Test
    void tellsAsOfNowUntilWhenItHolds() {
        MachinePeer peer = loggedIn(Profile.submissions().limits(SessionLimits.STANDARD.maxHold(Duration.ofDays(1))));
        assertThat(peer.say("EHLO x\r\n")).contains("250-FUTURERELEASE 86400 2026-11-22T20:29:15Z\r\n");
        assertThat(peer.say("MAIL FROM:<alice@example.org> HOLDUNTIL=2026-11-22T20:29:16Z\r\n"))
                .startsWith("501 5.5.4 ");
        assertThat(peer.say("MAIL FROM:<alice@example.org> HOLDUNTIL=2026-11-22T20:29:15Z\r\n"))
                .startsWith("250 ");
    }

    @Test
    void takesNoMoreTransactionsThanItTells() {
        MachinePeer free = ready(Profile.mx(), Set.of());
        assertThat(free.say("EHLO x\r\n")).contains("LIMITS RCPTMAX=1000\r\n");

        MachinePeer peer = ready(Profile.mx().limits(SessionLimits.STANDARD.maxTransactions(2)), Set.of());
        assertThat(peer.say("EHLO x\r\n")).contains("LIMITS RCPTMAX=1000 MAILMAX=2\r\n");
        assertThat(peer.say("MAIL FROM:<a@remote.example> X=1\r\n")).startsWith("5");
        assertThat(peer.say("MAIL FROM:<a@remote.example>\r\nRSET\r\nMAIL FROM:<a@remote.example>\r\n"))
                .startsWith("250 ")
                .endsWith("\r\n250 2.1.0 Sender OK\r\n");
        assertThat(peer.say("RSET\r\nMAIL FROM:<a@remote.example>\r\nRSET\r\n"))
                .endsWith("\r\n421 4.7.0 Too many transactions in one session, closing\r\n");
        assertThat(peer.isClosed()).isTrue();
    }

    @Test
    void limitsHaveBounds() {
        assertThatThrownBy(() -> SessionLimits.STANDARD.maxTransactions(0)).hasMessageContaining("maxTransactions");
        assertThatThrownBy(() -> SessionLimits.STANDARD.maxTransactions(1_000_000))
                .hasMessageContaining("1000000");
        assertThatThrownBy(() -> SessionLimits.STANDARD.maxHold(Duration.ZERO)).hasMessageContaining("maxHold");
        assertThatThrownBy(() -> SessionLimits.STANDARD.maxHold(Duration.ofSeconds(1_000_000_000)))
                .hasMessageContaining("maxHold");
    }
}
