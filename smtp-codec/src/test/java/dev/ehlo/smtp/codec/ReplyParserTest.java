package dev.ehlo.smtp.codec;

import static dev.ehlo.smtp.codec.ParseResult.COMPLETE;
import static dev.ehlo.smtp.codec.ParseResult.INCOMPLETE;
import static dev.ehlo.smtp.codec.ParseResult.MALFORMED;
import static dev.ehlo.smtp.codec.ParseResult.OVERLONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Reply;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyParserTest {
    private final ReplyParser parser = new ReplyParser();
    private final ReplyView view = new ReplyView();

    private ParseResult parse(String latin1) {
        return parser.parse(ByteBuffer.wrap(Wire.octets(latin1)), view);
    }

    @Test
    void takesACodeAlone() {
        assertThat(parse("250\r\n")).isEqualTo(COMPLETE);
        assertThat(view.toReply()).isEqualTo(Reply.of(250, ""));
    }

    @Test
    void takesManyLinesAndTheirEnhancedCodeOff() {
        assertThat(parse("550-5.1.1 no such user\r\n550-5.1.1\r\n550 5.1.1 here\r\n"))
                .isEqualTo(COMPLETE);
        assertThat(view.lineCount()).isEqualTo(3);
        assertThat(view.toReply())
                .isEqualTo(Reply.of(550, EnhancedStatusCode.parse("5.1.1"), "no such user", "", "here"));
    }

    @Test
    void leavesAnEnhancedCodeOfAnotherClassInTheText() {
        assertThat(parse("250 5.1.1 odd\r\n")).isEqualTo(COMPLETE);
        assertThat(view.toReply()).isEqualTo(Reply.of(250, "5.1.1 odd"));
    }

    @Test
    void stopsAfterOneReply() {
        ByteBuffer in = ByteBuffer.wrap(Wire.octets("220 go\r\n250-x\r\n250 AUTH PLAIN\r\n"));
        assertThat(parser.parse(in, view)).isEqualTo(COMPLETE);
        assertThat(in.position()).isEqualTo(8);
        assertThat(parser.parse(in, view)).isEqualTo(COMPLETE);
        assertThat(view.toReply().lines()).containsExactly("x", "AUTH PLAIN");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n",
                "2\r\n",
                "25\r\n",
                "25x ok\r\n",
                "000 ok\r\n",
                "999 ok\r\n",
                "199 ok\r\n",
                "600 ok\r\n",
                "250_ok\r\n",
                "2500\r\n",
                "250\tok\r\n",
                " 250 ok\r\n",
                "250 a\nb\r\n",
                "250 a\rb\r\n",
                "250 a\0\r\n",
                "250-a\r\n251 b\r\n",
                "250-a\r\n\r\n",
                "250-a\r\n25\r\n",
                "250-a\r\nb\r\n",
                "250 ok\n",
                "250 ok\r\r\n",
                "HTTP/1.1 400 Bad Request\r\n"
            })
    void refusesWhatIsNoReply(String octets) {
        Wire.everyCut(Wire.octets(octets), pieces -> {
            List<String> events = ReplyEvents.of(pieces, false);
            assertThat(events).containsExactly("MALFORMED");
        });
    }

    @Test
    void escapesControlCharactersInText() {
        assertThat(parse("250 a\u001b[2Jb\\c\r\n")).isEqualTo(COMPLETE);
        assertThat(view.toReply().text()).isEqualTo("a\\u001b[2Jb\\\\c");
    }

    @Test
    void keepsTextWithoutControlCharactersAsItIs() {
        assertThat(parse("250 C:\\mail " + Wire.utf8("é") + "\r\n")).isEqualTo(COMPLETE);
        assertThat(view.toReply().text()).isEqualTo("C:\\mail é");
    }

    @Test
    void capsTheOctetsOfALine() {
        String longest = "250 " + "x".repeat(ReplyParser.MAX_LINE - 6);
        assertThat(parse(longest + "\r\n")).isEqualTo(COMPLETE);
        assertThat(parse(longest + "x\r\n")).isEqualTo(OVERLONG);
        assertThat(parse(longest + "\r")).isEqualTo(INCOMPLETE);
        parser.reset();
        assertThat(parse(longest + "xx")).isEqualTo(OVERLONG);
        assertThat(parse("250 " + "x".repeat(1 << 20))).isEqualTo(OVERLONG);
    }

    @Test
    void capsTheLinesOfAReply() {
        String line = "250-\r\n";
        assertThat(parse(line.repeat(ReplyParser.MAX_LINES - 1) + "250 \r\n")).isEqualTo(COMPLETE);
        assertThat(parse(line.repeat(ReplyParser.MAX_LINES))).isEqualTo(OVERLONG);
    }

    @Test
    void capsTheOctetsOfAReply() {
        String line = "250-" + "x".repeat(1018) + "\r\n";
        assertThat(parse(line.repeat(11) + "250 " + "x".repeat(1018) + "\r\n")).isEqualTo(COMPLETE);
        assertThat(parse(line.repeat(12))).isEqualTo(OVERLONG);
        assertThat(parse(line.repeat(11) + "250 " + "x".repeat(1019) + "\r\n")).isEqualTo(OVERLONG);
    }

    @Test
    void isReadyForAnotherReplyAfterAFailure() {
        assertThat(parse("250-a\r\n251 b\r\n")).isEqualTo(MALFORMED);
        assertThat(parse("251 b\r\n")).isEqualTo(COMPLETE);
        assertThat(view.lineCount()).isEqualTo(1);
        assertThat(view.isPositive()).isTrue();
    }

    @Test
    void looksAtNoOctetTwice() {
        byte[] octets = Wire.octets("250-abc\r\n250 defgh\r\n");
        ByteBuffer in = ByteBuffer.wrap(octets);
        assertThat(parser.parse(in.limit(octets.length - 2), view)).isEqualTo(INCOMPLETE);
        octets[octets.length - 4] = '\n';
        assertThat(parser.parse(in.limit(octets.length), view)).isEqualTo(COMPLETE);
    }
}
