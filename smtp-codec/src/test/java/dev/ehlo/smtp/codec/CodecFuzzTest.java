package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.grammar.ReferenceGrammar;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Octets that an engine invents, against the plain references: the first octet says where to cut, and the rest is what
 * comes. Without {@code JAZZER_FUZZ=1} the corpus under {@code CodecFuzzTestInputs} is replayed.
 */
class CodecFuzzTest {
    @FuzzTest
    void commands(byte[] data) {
        byte[] octets = input(data);
        List<CommandEvents.Event> expected = ReferenceCommandParser.events(octets);
        assertThat(CommandEvents.of(List.of(octets), false)).isEqualTo(expected);
        assertThat(CommandEvents.of(pieces(data, octets), true)).isEqualTo(expected);
    }

    @FuzzTest
    void replies(byte[] data) {
        byte[] octets = input(data);
        List<String> expected = ReferenceReplyParser.events(octets);
        assertThat(ReplyEvents.of(List.of(octets), false)).isEqualTo(expected);
        assertThat(ReplyEvents.of(pieces(data, octets), true)).isEqualTo(expected);
    }

    @FuzzTest
    void content(byte[] data) {
        byte[] octets = input(data);
        // What an open line ends with is known only when more comes.
        byte[] wire = Wire.octets(Wire.latin1(octets) + "x\r\n.\r\n");
        for (BareNewlines policy : BareNewlines.values()) {
            ReferenceContent.Decoded expected = ReferenceContent.decode(Wire.latin1(wire), policy);
            assertThat(ContentEvents.decode(List.of(wire), policy, false)).isEqualTo(expected);
            assertThat(ContentEvents.decode(pieces(data, wire), policy, true)).isEqualTo(expected);
        }
        for (BareNewlines policy : BareNewlines.values()) {
            ReferenceContent.Decoded chunks = ReferenceContent.chunks(Wire.latin1(octets), "", policy);
            List<Integer> sizes = List.of(octets.length / 2, 0, octets.length - octets.length / 2);
            assertThat(ContentEvents.chunks(pieces(data, octets), sizes, policy, true))
                    .isEqualTo(chunks);

            ReferenceContent.Encoded encoded = ReferenceContent.encode(Wire.latin1(octets), policy);
            ReferenceContent.Encoded expected = encoded.refused() ? new ReferenceContent.Encoded("", true) : encoded;
            int room = DataEncoder.FINISH_ROOM + data.length % 40;
            assertThat(ContentEvents.encode(List.of(octets), 4096, false, policy))
                    .isEqualTo(expected);
            assertThat(ContentEvents.encode(pieces(data, octets), room, true, policy))
                    .isEqualTo(expected);
            assertThat(ContentEvents.slice(pieces(data, octets), room, true, policy))
                    .isEqualTo(expected);
        }
    }

    @FuzzTest
    void mailboxes(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        Mailbox mailbox;
        try {
            mailbox = Mailbox.parse(text);
        } catch (IllegalArgumentException refused) {
            mailbox = null;
        }
        if (mailbox != null && mailbox.domain().isEmpty()) {
            assertThat(mailbox).isEqualTo(Mailbox.POSTMASTER);
            return;
        }
        assertThat(mailbox)
                .isEqualTo(ReferenceGrammar.mailbox(
                        new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)));
        if (mailbox != null) {
            assertThat(Mailbox.parse(mailbox.toString())).isEqualTo(mailbox);
        }
    }

    private static byte[] input(byte[] data) {
        return data.length == 0 ? data : java.util.Arrays.copyOfRange(data, 1, data.length);
    }

    private static List<byte[]> pieces(byte[] data, byte[] octets) {
        int step = Math.max(octets.length / 64, data.length == 0 ? 1 : 1 + (data[0] & 0xff));
        List<Integer> places = new ArrayList<>();
        for (int at = step; at < octets.length; at += step) {
            places.add(at);
        }
        return Wire.cut(octets, places);
    }
}
