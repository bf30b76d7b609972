package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.testkit.Cutter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** After what is not granted the envelope is as RFC 5321 §4.1.4 has it. THREATS F 28; {@link SequenceProperty} tries the rest. */
class EnvelopeAfterRefusalTest {
    private static final String ENVELOPE = "MAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\n";

    enum Mode {
        IN_CLEAR,
        UNDER_TLS;

        MachinePeer ready() {
            MachinePeer peer = new MachinePeer(Profile.mx());
            peer.say("EHLO client.example\r\n");
            if (this == UNDER_TLS) {
                peer.say("STARTTLS\r\n");
                peer.startTls();
                peer.say("EHLO client.example\r\n");
            }
            return peer;
        }

        /** What is answered to flights, each sent when the one before was answered, wherever they are cut. */
        void expect(String codes, String... flights) {
            MachinePeer whole = ready();
            assertThat(codes(whole, flights)).isEqualTo(codes);
            for (long seed = 0; seed < 100; seed++) {
                MachinePeer cut = ready();
                StringBuilder said = new StringBuilder();
                for (String flight : flights) {
                    for (byte[] part : Cutter.random(flight.getBytes(StandardCharsets.UTF_8), seed)) {
                        said.append(new String(cut.exchange(part), StandardCharsets.UTF_8));
                    }
                }
                assertThat(codes(said.toString())).as("seed " + seed).isEqualTo(codes);
                cut.session().lost();
                assertThat(cut.room.aborted).hasSameSizeAs(whole.room.aborted);
            }
        }

        private static String codes(MachinePeer peer, String... flights) {
            List<String> all = new ArrayList<>();
            for (String flight : flights) {
                all.add(codes(
                        new String(peer.exchange(flight.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8)));
            }
            peer.session().lost();
            return String.join(" ", all);
        }

        private static String codes(String replies) {
            return replies.lines()
                    .filter(line -> line.charAt(3) == ' ')
                    .map(line -> line.substring(0, 3))
                    .collect(Collectors.joining(" "));
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterAChunkThatFailedDataNeedsAnotherMail(Mode mode) {
        mode.expect("250 250 550 503 503", ENVELOPE + "BDAT 3\r\na\nbRCPT TO:<b@example.org>\r\nDATA\r\n");
        mode.expect("250 250 550 503 250 250 354", ENVELOPE + "BDAT 3\r\na\nbDATA\r\n", ENVELOPE + "DATA\r\n");
        mode.expect(
                "250 250 250 550 503 503", ENVELOPE + "BDAT 3\r\na\r\nBDAT 3 LAST\r\na\nbBDAT 4 LAST\r\nRSETDATA\r\n");
        String refused = ENVELOPE.replace("b@", "full@");
        mode.expect("250 250 452 503", refused + "BDAT 5 LAST\r\nQUIT\nDATA\r\n");
        mode.expect("250 250 501 503", ENVELOPE + "BDAT 6 LAST now\r\nQUIT\r\nDATA\r\n");
    }

    @ParameterizedTest
    @EnumSource
    void afterContentThatIsRefusedRcptAndDataNeedAnotherMail(Mode mode) {
        String further = ".\r\nRCPT TO:<b@example.org>\r\nDATA\r\n";
        mode.expect("250 250 354 550 503 503", ENVELOPE + "DATA\r\n", "a\nb\r\n" + further);
        for (String local : List.of("spam", "uncompletable", "unwritable")) {
            String code = local.equals("spam") ? "554" : "451";
            String envelope = ENVELOPE.replace("b@", local + '@');
            mode.expect("250 250 354 " + code + " 503 503", envelope + "DATA\r\n", "\r\nbody\r\n" + further);
        }
    }

    @ParameterizedTest
    @EnumSource
    void afterContentThatIsTakenRcptAndDataNeedAnotherMail(Mode mode) {
        mode.expect("250 250 354 250 503 503", ENVELOPE + "DATA\r\n", "\r\n.\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
    }

    @ParameterizedTest
    @EnumSource
    void aRefusalBeforeContentLeavesTheEnvelopeAsItWas(Mode mode) {
        mode.expect(
                "250 250 452 250 452 250",
                ENVELOPE.replace("b@", "full@") + "DATA\r\n",
                "NOOP\r\nDATA\r\n",
                "RSET\r\n");
    }

    @ParameterizedTest
    @EnumSource
    void anAddressToVerifyThatIsNotAsciiLeavesTheEnvelopeAsItWas(Mode mode) {
        mode.expect("250 250 252 354 250", ENVELOPE + "VRFY <\u00e4@example.org>\r\nDATA\r\n", "\r\n.\r\n");
        mode.expect(
                "250 250 252 250 354 250", ENVELOPE + "VRFY \u00e4\r\nRCPT TO:<c@example.org>\r\nDATA\r\n", ".\r\n");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsRefusedWithinATransactionLeavesTheEnvelopeAsItWas(Mode mode) {
        for (String line : List.of(
                "MAIL FROM:<other@remote.example>",
                "MAIL FROM:other@remote.example",
                "RCPT TO:<b@remote.example>",
                "RCPT TO:<nobody@example.org>",
                "RCPT TO:b",
                "DATA now",
                "AUTH PLAIN",
                "FOO",
                "EXPN list",
                "EHLO",
                "XCLIENT NAME=x",
                "STARTTLS now")) {
            MachinePeer peer = mode.ready();
            assertThat(peer.say(ENVELOPE + line + "\r\n")).as(line).containsPattern("\r\n5\\d\\d [^\r]*\r\n$");
            assertThat(peer.say("DATA\r\n")).as(line).startsWith("354 ");
            assertThat(peer.say(".\r\n")).as(line).startsWith("250 ");
            assertThat(peer.room.messages.get(0).envelope().reversePath()).hasToString("a@remote.example");
            assertThat(peer.room.messages.get(0).envelope().recipients())
                    .extracting(Object::toString)
                    .containsExactly("b@example.org");
        }
    }

    @Test
    void aHandlerThatEndsTheSessionAtARecipientEndsIt() {
        for (HandlerKind kind : HandlerKind.values()) {
            MachinePeer peer = new MachinePeer(Profile.mx(), "192.0.2.7", kind);
            peer.say("EHLO client.example\r\nMAIL FROM:<a@remote.example>\r\n");
            assertThat(peer.say("RCPT TO:<leave@example.org>\r\nNOOP\r\n")).isEqualTo("421 4.7.0 go away\r\n");
            assertThat(peer.isClosed()).isTrue();
        }
    }
}
