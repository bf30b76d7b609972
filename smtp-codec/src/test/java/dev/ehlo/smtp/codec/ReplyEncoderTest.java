package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Reply;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

class ReplyEncoderTest {
    private static final EnhancedStatusCode NO_USER = EnhancedStatusCode.parse("5.1.1");

    @Example
    void repeatsTheCodesOnEachLine() {
        assertThat(Wire.latin1(ReplyEncoder.encode(Reply.of(550, NO_USER, "a", "", "c"))))
                .isEqualTo("550-5.1.1 a\r\n550-5.1.1 \r\n550 5.1.1 c\r\n");
        assertThat(Wire.latin1(ReplyEncoder.encode(Reply.of(354, "go on")))).isEqualTo("354 go on\r\n");
    }

    @Property
    void wrapsSoThatNoLineIsTooLongAndNoCharacterIsCut(
            @ForAll @StringLength(max = 3000) @Chars({'a', ' ', 'é', '€', '\u00a0'}) String text) {
        byte[] octets = ReplyEncoder.encode(Reply.of(550, NO_USER, text));
        StringBuilder whole = new StringBuilder();
        String[] lines = new String(octets, 0, octets.length - 2, StandardCharsets.UTF_8).split("\r\n", -1);
        for (int i = 0; i < lines.length; i++) {
            assertThat(lines[i].getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(510);
            assertThat(lines[i]).startsWith((i < lines.length - 1 ? "550-" : "550 ") + "5.1.1 ");
            whole.append(lines[i], 10, lines[i].length());
        }
        assertThat(whole).hasToString(text);
    }

    @Example
    void breaksAtTheLastBlankThatFitsAndElseBetweenCharacters() {
        for (String[] lines : new String[][] {
            {"x".repeat(506)},
            {"x".repeat(505) + ' ', "y"},
            {"x".repeat(253) + ' ', "y".repeat(252) + 'z'},
            {"x".repeat(252) + ' ' + "y".repeat(253), "z"},
            {"x".repeat(505), "\u00e9"},
            {"x".repeat(504), "\u20ac\u20ac"},
        }) {
            StringBuilder wire = new StringBuilder();
            for (int i = 0; i < lines.length; i++) {
                wire.append(i < lines.length - 1 ? "354-" : "354 ")
                        .append(Wire.utf8(lines[i]))
                        .append("\r\n");
            }
            assertThat(Wire.latin1(ReplyEncoder.encode(Reply.of(354, String.join("", lines)))))
                    .isEqualTo(wire.toString());
        }
    }

    @Example
    void nothingThatCouldEndALineBecomesAReply() {
        for (String bad :
                new String[] {"a\r\n250 ok", "a\n", "\r", "\0", "\u001b[2J", "\u0085", "\u2028", "\u202e", "\udc00"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> Reply.of(550, NO_USER, "x", bad));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.of(199, "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.of(600, "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.of(250, List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.of(250, NO_USER, "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> Reply.of(354, NO_USER, "x"));
    }

    /** THREATS C.15. */
    @Property
    void aReplyThatQuotesThePeerIsOneLineAndSaysWhatWasSaid(@ForAll("arguments") String argument) {
        Reply reply = Reply.quoting(550, "5.1.1", "<" + argument + "> is unknown");
        String octets = Wire.latin1(ReplyEncoder.encode(reply));
        assertThat(octets).startsWith("550 5.1.1 <").endsWith("\r\n");
        assertThat(octets.substring(0, octets.length() - 2)).matches("[ -~\u0080-\u00ff]*");
        ReplyView view = new ReplyView();
        assertThat(new ReplyParser().parse(ByteBuffer.wrap(Wire.octets(octets)), view))
                .isEqualTo(ParseResult.COMPLETE);
        assertThat(view.toReply()).isEqualTo(reply);
    }

    @Provide
    Arbitrary<String> arguments() {
        return Arbitraries.of(
                        "\"a\r\n250 2.0.0 ok\"@x",
                        "\"a\\\r\n.\r\n\"@x",
                        "\r",
                        "\n",
                        "\0",
                        "\u001b]0;x\u0007",
                        "\u760d\u760a",
                        "\u0085",
                        "\u2028",
                        "\u202e",
                        "\udc00",
                        "\u00e9",
                        "\\",
                        "a@b")
                .list()
                .ofMaxSize(6)
                .map(list -> String.join("", list));
    }

    /** THREATS C.13. */
    @Example
    void noCharacterIsNarrowedToACrOrLf() {
        assertThat(Wire.latin1(ReplyEncoder.encode(Reply.of(250, "\u760d\u760a"))))
                .isEqualTo("250 " + Wire.utf8("\u760d\u760a") + "\r\n");
    }

    @Example
    void leavesTheEnhancedCodeOutForWhoDoesNotKnowThem() {
        assertThat(Wire.latin1(ReplyEncoder.encodeWithoutEnhanced(Reply.of(550, NO_USER, "a", "b"))))
                .isEqualTo("550-a\r\n550 b\r\n");
    }

    @Example
    void anEncodedReplyIsCopiedWholeOrNotAtAll() {
        EncodedReply reply = new EncodedReply(Reply.of(250, "ok"));
        ByteBuffer out = ByteBuffer.allocate(reply.length() + 1);
        reply.writeTo(out);
        assertThat(out.position()).isEqualTo(8);
        assertThatExceptionOfType(BufferOverflowException.class).isThrownBy(() -> reply.writeTo(out));
        assertThat(out.position()).isEqualTo(8);
        assertThat(reply.reply().isPositive()).isTrue();
    }
}
