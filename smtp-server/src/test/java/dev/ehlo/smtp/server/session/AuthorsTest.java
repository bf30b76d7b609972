package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.codec.AddressList;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.testkit.Cutter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Alice has logged in; THREATS G31: whose name may stand in what she sends. */
class AuthorsTest {
    private static final String NOT_YOURS = "550 5.7.1 From or Sender is not yours to use\r\n";
    private static final String UNREADABLE = "550 5.6.0 One From and at most one Sender, with addresses, needed\r\n";

    private static MachinePeer alice(String reversePath) {
        MachinePeer peer = new MachinePeer(Profile.submissions());
        peer.say("");
        peer.say("EHLO x\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n");
        assertThat(peer.say("MAIL FROM:<" + reversePath + ">\r\nRCPT TO:<b@remote.example>\r\nDATA\r\n"))
                .endsWith("354 End data with <CR><LF>.<CR><LF>\r\n");
        return peer;
    }

    private static String answer(String header) {
        return alice("alice@example.org").say(header + "\r\n\r\nbody\r\n.\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "From: alice@example.org",
                "from : Alice <ALICE@EXAMPLE.ORG>",
                "From: \"ceo@example.org\" <alice@example.org>",
                "From: =?utf-8?q?ceo=40example.org?=\r\n\t<alice@example.org> (ceo@example.org)",
                "From:\r\n alice\r\n @example.org",
                "From: alice@example.org, Alice <alice@example.org>",
                "From: Us: alice@example.org;",
                "From: alice@example.org\r\nSender: <alice@example.org>",
                "X: y",
            })
    void takesWhatIsFromTheLogin(String header) {
        assertThat(answer(header)).startsWith("250 2.0.0 ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "From: ceo@example.org",
                "From: alice@remote.example",
                "From: \"alice@example.org\" <ceo@example.org>",
                "From: alice@example.org, ceo@example.org",
                "From: ceo@example.org, alice@example.org",
                "From: Us: alice@example.org, ceo@example.org;",
                "From:\r\n ceo\r\n @example.org",
                "From: (alice@example.org) ceo@example.org",
                "From: \"alice@example.org,\"@example.org",
                "From: <@example.org:ceo@example.org>",
                "From: alice@example.org\r\nSender: ceo@example.org",
                "Sender: ceo@example.org",
            })
    void refusesWhatIsFromOthers(String header) {
        assertThat(answer(header)).isEqualTo(NOT_YOURS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "From: alice@example.org\r\nFrom: ceo@example.org",
                "From: alice@example.org\r\nX: y\r\nFROM: alice@example.org",
                "From: alice@example.org\r\nSender: alice@example.org\r\nSender: alice@example.org",
                "From: alice@example.org\r\nSender: alice@example.org, alice@example.org",
                "From: alice@example.org\r\nSender:",
                "From:",
                "From: alice",
                "From: Us:;",
                "From: <alice@example.org> ceo@example.org",
                "From: \"alice@example.org",
                "From: ceo@example.org\0 <alice@example.org>",
            })
    void refusesWhereItIsNotSureFromWhom(String header) {
        assertThat(answer(header)).isEqualTo(UNREADABLE);
    }

    @Test
    void refusesAFieldBeyondReason() {
        String names = "<alice@example.org>,\r\n ".repeat(AddressList.MAX_TEXT / 22 + 1);
        assertThat(answer("From: " + names + "<alice@example.org>")).isEqualTo(UNREADABLE);
    }

    /** RFC 5322 §4.5 has blanks before the colon, as many as there are. */
    @ParameterizedTest
    @ValueSource(ints = {1, 75, 76, 77, 200})
    void findsAnAuthorBehindAnyNumberOfBlanks(int blanks) {
        String forged = "From" + " ".repeat(blanks) + ": ceo@example.org\r\n";
        assertThat(answer(forged + "X: y")).isEqualTo(NOT_YOURS);
        assertThat(answer(forged + "From: alice@example.org")).isEqualTo(UNREADABLE);
        assertThat(answer("From" + " ".repeat(blanks) + "\t: alice@example.org"))
                .startsWith("250 2.0.0 ");
    }

    @Test
    void needsAnAuthorWhereThereIsNoReversePath() {
        assertThat(alice("").say("X: y\r\n\r\n.\r\n")).isEqualTo(UNREADABLE);
        assertThat(alice("").say("From: alice@example.org\r\n\r\n.\r\n")).startsWith("250 ");
    }

    @Test
    void showsEveryReaderTheSameEndOfTheHeader() {
        MachinePeer peer = alice("alice@example.org");
        String header = "From: alice@example.org\r\nDate: x\r\nMessage-ID: <y>\r\n";
        assertThat(peer.say(header + "no field\r\nFrom: ceo@example.org\r\n.\r\n"))
                .startsWith("250 ");
        assertThat(peer.room.messages.get(0).content()).endsWith(header + "\r\nno field\r\nFrom: ceo@example.org\r\n");
    }

    @Test
    void judgesTheSameAtEveryCutAndAbortsWhatItRefuses() {
        byte[] content =
                "From: a <alice@example.org>,\r\n ceo@example.org\r\n\r\n.\r\n".getBytes(StandardCharsets.US_ASCII);
        Cutter.everySplit(content, parts -> {
            MachinePeer peer = alice("alice@example.org");
            StringBuilder said = new StringBuilder();
            parts.forEach(part -> said.append(new String(peer.exchange(part), StandardCharsets.US_ASCII)));
            assertThat(said.toString()).isEqualTo(NOT_YOURS);
            assertThat(peer.room.messages).isEmpty();
            assertThat(peer.room.aborted).hasSize(1);
            assertThat(peer.say("MAIL FROM:<alice@example.org>\r\n")).startsWith("250 ");
        });
    }

    @Test
    void judgesWhatCameInChunksToo() {
        MachinePeer peer = new MachinePeer(Profile.submissions());
        peer.say("");
        peer.say(
                "EHLO x\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nMAIL FROM:<alice@example.org>\r\nRCPT TO:<b@x.example>\r\n");
        assertThat(peer.say("BDAT 9\r\nFrom: ceo")).startsWith("250 ");
        assertThat(peer.say("BDAT 13 LAST\r\n@example.org\n")).isEqualTo(NOT_YOURS);
        assertThat(peer.room.aborted).hasSize(1);
    }

    @Test
    void abortsAMessageWhoseClientIsGoneWhileItsAuthorsAreAskedFor() {
        MachinePeer peer = alice("alice@example.org");
        peer.holdQuestions = true;
        peer.say("From: alice@example.org\r\n\r\n.\r\n");
        Question<?> asked = peer.session().question();
        peer.session().lost();
        peer.settle(asked);
        assertThat(peer.taken()).isEmpty();
        assertThat(peer.room.messages).isEmpty();
        assertThat(peer.room.aborted).hasSize(1);
    }

    @Test
    void asksNobodyWhereServersMeet() {
        MachinePeer peer = new MachinePeer(Profile.mx());
        peer.say("");
        peer.say("EHLO x\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
        assertThat(peer.say("From: x\r\nFrom: y\r\nBcc: z\r\n\r\n.\r\n")).startsWith("250 ");
        assertThat(peer.room.messages.get(0).content()).endsWith("From: x\r\nFrom: y\r\nBcc: z\r\n\r\n");
    }
}
