package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.grammar.ParameterGrammar;
import dev.ehlo.smtp.grammar.ReferenceDomain;
import dev.ehlo.smtp.grammar.ReferenceGrammar;
import dev.ehlo.smtp.grammar.ReferenceParameters;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * Octets that an engine invents, against the plain references. Of what comes from the wire, the first octet says how many
 * cuts there are, the next ones how far each is from the one before, and the rest is what comes. Begins with
 * the corpus under {@code CodecFuzzTestInputs}, which {@link FuzzCorpusTest} replays in every build.
 */
@EnabledIfEnvironmentVariable(named = "JAZZER_FUZZ", matches = "1")
class CodecFuzzTest {
    @FuzzTest
    @DictionaryFile(resourcePath = "commands.dict")
    void commands(byte[] data) {
        byte[] octets = input(data);
        List<CommandEvents.Event> expected = ReferenceCommandParser.events(octets);
        assertThat(CommandEvents.of(List.of(octets), false)).isEqualTo(expected);
        assertThat(CommandEvents.of(pieces(data, octets), true)).isEqualTo(expected);
    }

    @FuzzTest
    @DictionaryFile(resourcePath = "replies.dict")
    void replies(byte[] data) {
        byte[] octets = input(data);
        List<String> expected = ReferenceReplyParser.events(octets);
        assertThat(ReplyEvents.of(List.of(octets), false)).isEqualTo(expected);
        assertThat(ReplyEvents.of(pieces(data, octets), true)).isEqualTo(expected);
    }

    @FuzzTest
    @DictionaryFile(resourcePath = "content.dict")
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
    @DictionaryFile(resourcePath = "commands.dict")
    void parameters(byte[] data) {
        EsmtpKeyword[] keywords = EsmtpKeyword.values();
        EsmtpKeyword keyword = keywords[data.length == 0 ? 0 : (data[0] & 0xff) % keywords.length];
        byte[] octets = Arrays.copyOfRange(data, Math.min(1, data.length), data.length);
        long expected = ReferenceParameters.value(keyword, Wire.latin1(octets));
        assertThat(ParameterGrammar.value(keyword, ByteBuffer.wrap(octets), 0, octets.length))
                .isEqualTo(expected);
        // And with other octets around it.
        assertThat(ParameterGrammar.value(keyword, ByteBuffer.wrap(data), data.length - octets.length, data.length))
                .isEqualTo(expected);
    }

    @FuzzTest
    @DictionaryFile(resourcePath = "addresses.dict")
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

    @FuzzTest
    @DictionaryFile(resourcePath = "addresses.dict")
    void domains(byte[] data) {
        assertThat(DomainGrammar.isDomain(ByteBuffer.wrap(data), 0, data.length))
                .isEqualTo(ReferenceDomain.isDomain(Wire.latin1(data)));
        String text = new String(data, StandardCharsets.UTF_8);
        String ascii = DomainGrammar.toAscii(text);
        assertThat(DomainGrammar.toAscii(ascii)).isEqualTo(ascii);
        if (ReferenceDomain.isDomain(Wire.utf8(text))) {
            assertThat(ascii).isEqualTo(ReferenceDomain.toAscii(Octets.lowerAscii(text)));
            assertThat(ReferenceDomain.isDomain(ascii)).isTrue();
        }
    }

    @FuzzTest
    @DictionaryFile(resourcePath = "addresses.dict")
    void lists(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        assertThat(AddressList.mailboxes(text)).isEqualTo(ReferenceAddressList.mailboxes(text));
    }

    @FuzzTest
    @DictionaryFile(resourcePath = "proxy.dict")
    void proxy(byte[] data) {
        byte[] octets = input(data);
        ProxyEvents.Seen expected = ReferenceProxyParser.parse(octets);
        assertThat(ProxyEvents.of(List.of(octets), false)).isEqualTo(expected);
        assertThat(ProxyEvents.of(pieces(data, octets), true)).isEqualTo(expected);
    }

    private static byte[] input(byte[] data) {
        return Arrays.copyOfRange(data, Math.min(1 + cuts(data), data.length), data.length);
    }

    private static List<byte[]> pieces(byte[] data, byte[] octets) {
        List<Integer> places = new ArrayList<>();
        int at = 0;
        for (int i = 1; i <= cuts(data) && i < data.length; i++) {
            at += 1 + (data[i] & 0xff);
            places.add(at);
        }
        return Wire.cut(octets, places);
    }

    private static int cuts(byte[] data) {
        return data.length == 0 ? 0 : data[0] & 15;
    }
}
