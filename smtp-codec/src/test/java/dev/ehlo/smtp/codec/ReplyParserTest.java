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
import org.junit.jupiter.params.provider.CsvSource;
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
                "HTTP/1.1 400 Bad Request\r\n",
                "250-a\r\n250-b\r\n550 c\r\n",
                "250-a\r\n450",
                "2x",
                "9",
                "\0",
                "SSH-2.0-OpenSSH",
                "\u0016\u0003\u0001",
                "250 \r\r\n",
                "250-\n250 \r\n"
            })
    void refusesWhatIsNoReplyAtEveryCut(String octets) {
        Wire.everyCut(Wire.octets(octets), pieces -> {
            assertThat(ReplyEvents.of(pieces, false)).containsExactly("MALFORMED");
            assertThat(ReplyEvents.of(pieces, true)).containsExactly("MALFORMED");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "250\\r\\n | 250 null []",
                "250 \\r\\n | 250 null []",
                "250-\\r\\n250\\r\\n | 250 null [, ]",
                "220 go\\r\\n | 220 null [go]",
                "250-mx\\r\\n250-SIZE 10\\r\\n250 PIPELINING\\r\\n | 250 null [mx, SIZE 10, PIPELINING]",
                "421 4.3.2 down\\r\\n | 421 4.3.2 [down]",
                "550-5.1.1 no\\r\\n550 5.1.1 user\\r\\n | 550 5.1.1 [no, user]",
                "550-5.1.1 no\\r\\n550 5.1.10 user\\r\\n | 550 5.1.1 [no, 5.1.10 user]",
                "550-5.1.1 no\\r\\n550-5.1.2 user\\r\\n550 5.1\\r\\n | 550 5.1.1 [no, 5.1.2 user, 5.1]",
                "550 5.10.109 x\\r\\n | 550 5.10.109 [x]",
                "550 5.1\\r\\n | 550 null [5.1]",
                "550 5.1.1\\r\\n | 550 5.1.1 []",
                "554 5.7.999 x\\r\\n | 554 5.7.999 [x]",
                "554 5.7.1000 x\\r\\n | 554 null [5.7.1000 x]",
                "554 5.7.01 x\\r\\n | 554 null [5.7.01 x]",
                "554 5.7.1- x\\r\\n | 554 null [5.7.1- x]",
                "354 3.0.0 x\\r\\n | 354 null [3.0.0 x]",
                "250 a\\tb\\r\\n | 250 null [a\\u0009b]"
            })
    void takesWhatIsAReplyAtEveryCut(String octets, String reply) {
        String line = octets.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t");
        Wire.everyCut(Wire.octets(line), pieces -> {
            assertThat(ReplyEvents.of(pieces, false)).containsExactly(reply);
            assertThat(ReplyEvents.of(pieces, true)).containsExactly(reply);
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aServerThatNeverEndsIsCutOffHoweverItSends(boolean direct) {
        List<String> endless = List.of(
                "250-" + "x".repeat(1 << 20),
                "250-more\r\n".repeat(100_000),
                "250-" + "y".repeat(1000) + "\r\n250-z\r\n");
        for (String octets :
                List.of(endless.get(0), endless.get(1), endless.get(2).repeat(50))) {
            for (int piece : new int[] {1 << 20, 1460, 7}) {
                ByteBuffer in = direct ? ByteBuffer.allocateDirect(16_384) : ByteBuffer.allocate(16_384);
                assertThat(cutOff(Wire.octets(octets), in, piece)).isEqualTo(OVERLONG);
                parser.reset();
            }
        }
    }

    /** What comes of the octets in a buffer that is no larger than it must be: it never fills before the verdict. */
    private ParseResult cutOff(byte[] octets, ByteBuffer in, int piece) {
        int sent = 0;
        while (true) {
            int length = Math.min(Math.min(piece, in.remaining()), octets.length - sent);
            assertThat(length).isPositive();
            in.put(octets, sent, length).flip();
            sent += length;
            ParseResult result = parser.parse(in, view);
            assertThat(in.position()).isZero();
            if (result != INCOMPLETE) {
                return result;
            }
            in.compact();
        }
    }

    @Test
    void aViewStaysAsItIsUntilTheNextReply() {
        ByteBuffer in = ByteBuffer.wrap(Wire.octets("250-2.1.0 a\r\n250 2.1.0 b\r\n550 5.1.1"));
        assertThat(parser.parse(in, view)).isEqualTo(COMPLETE);
        assertThat(parser.parse(in, view)).isEqualTo(INCOMPLETE);
        assertThat(view.toReply()).isEqualTo(Reply.of(250, EnhancedStatusCode.parse("2.1.0"), "a", "b"));
        assertThat(List.of(view.subject(), view.detail())).containsExactly(1, 0);
        parser.reset();
        assertThat(parser.parse(in.put(in.position(), (byte) 'x'), view)).isEqualTo(MALFORMED);
        assertThat(view.code()).isEqualTo(250);
    }

    @Test
    void aViewOfNothingTellsNothing() {
        assertThat(view.code()).isZero();
        assertThat(view.hasEnhanced()).isFalse();
        assertThat(view.copyLines()).isEmpty();
        assertThat(List.of(view.isPositive(), view.isIntermediate(), view.isTransient(), view.isPermanent()))
                .containsOnly(false);
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
        assertThat(parse("x".repeat(1 << 20))).isEqualTo(MALFORMED);
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
