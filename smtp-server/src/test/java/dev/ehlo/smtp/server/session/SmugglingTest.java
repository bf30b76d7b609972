package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.testkit.Cutter;
import dev.ehlo.smtp.testkit.Smuggling;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Octets that another server might take for end of data (CVE-2023-51764 and its kin) are content here. */
class SmugglingTest {
    private static final String SMUGGLED =
            "MAIL FROM:<admin@example.org>\r\nRCPT TO:<x@example.org>\r\nDATA\r\nsmuggled\r\n.\r\n";

    static List<String> sequences() {
        return Smuggling.SEQUENCES;
    }

    private static MachinePeer inContent() {
        MachinePeer peer = new MachinePeer(Profile.mx());
        peer.say("");
        peer.say("EHLO client.example\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\n");
        assertThat(peer.say("DATA\r\n")).startsWith("354 ");
        return peer;
    }

    @ParameterizedTest
    @MethodSource("sequences")
    void endsContentAtNothingButCrlfDotCrlf(String sequence) {
        byte[] octets = ("body" + sequence + SMUGGLED).getBytes(StandardCharsets.ISO_8859_1);
        Cutter.everySplit(octets, parts -> {
            MachinePeer peer = inContent();
            StringBuilder said = new StringBuilder();
            parts.forEach(part -> said.append(new String(peer.exchange(part), StandardCharsets.ISO_8859_1)));
            // One reply, to the one end of data, which is the smuggled one.
            assertThat(said.toString().split("\r\n")).hasSize(1);
            assertThat(peer.room.asked).noneMatch(a -> a.contains("admin@"));
            assertThat(peer.room.messages).allMatch(m -> m.content().contains("MAIL FROM:<admin@"));
            if (sequence.indexOf(0) < 0) {
                assertThat(said).startsWith("550 5.6.11 ");
                assertThat(peer.room.messages).isEmpty();
                assertThat(peer.room.aborted).hasSize(1);
            }
        });
    }

    @Test
    void refusesContentSentBeforeItsTurn() {
        MachinePeer peer = new MachinePeer(Profile.mx());
        peer.say("");
        String envelope = "EHLO client.example\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\n";
        String said = peer.say(envelope + "DATA\r\nSubject: too early\r\n\r\n.\r\n");
        assertThat(said).endsWith("554 5.5.0 Octets sent before their turn\r\n");
        assertThat(peer.isClosed()).isTrue();
        assertThat(peer.room.messages).isEmpty();
    }

    @Test
    void refusesCommandsBehindEndOfDataFromWhoWasNotOfferedPipelining() {
        MachinePeer peer = new MachinePeer(Profile.mx());
        peer.say("");
        peer.say("HELO client.example\r\nMAIL FROM:<a@remote.example>\r\nRCPT TO:<b@example.org>\r\n");
        peer.say("DATA\r\n");
        assertThat(peer.say("body\r\n.\r\n" + SMUGGLED)).startsWith("554 5.5.0 ");
        assertThat(peer.isClosed()).isTrue();
        assertThat(peer.room.messages).isEmpty();
        assertThat(peer.room.aborted).hasSize(1);
    }

    @Test
    void takesCommandsBehindEndOfDataFromWhoPipelines() {
        MachinePeer peer = inContent();
        assertThat(peer.say("body\r\n.\r\nNOOP\r\n")).containsPattern("^250 .*\r\n250 .*\r\n$");
    }
}
