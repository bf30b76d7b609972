package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Reply;
import java.nio.ByteBuffer;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ReplyParserProperties {
    private static final String[] FRAGMENTS = {
        "\r\n",
        "\r\n",
        "\r\n250 ",
        "\r\n250-",
        "\r",
        "\n",
        "\0",
        "250 ok\r\n",
        "250-",
        "250 ",
        "220 ",
        "354 ",
        "550 ",
        "550-5.1.1 ",
        "5.1.1",
        "2.1.0 ok",
        "2.01.0",
        "2.1000.0",
        " ",
        "-",
        "\t",
        "\u001b",
        "\\",
        "\u00c3\u00a9",
        "\u00ff",
        "\u00e2\u0080\u00ae",
        "199",
        "600",
        "x".repeat(1000),
        "y".repeat(2040),
        "250-\r\n".repeat(60)
    };

    @Provide
    Arbitrary<byte[]> input() {
        return Wire.soup(FRAGMENTS);
    }

    @Provide
    Arbitrary<List<Integer>> cuts() {
        return Wire.cuts();
    }

    @Provide
    Arbitrary<Reply> replies() {
        Arbitrary<String> text =
                Arbitraries.strings().withChars("abc 250.\\é€-=<>").ofMaxLength(100);
        Arbitrary<String> treacherous =
                Arbitraries.of("5.1.1", "2.1.0 ok", "4.2.2 ", "5.1.1 5.1.1 x", "250 ok", "-", " ");
        return Combinators.combine(
                        Arbitraries.integers().between(200, 599),
                        Arbitraries.integers().between(0, 999).injectNull(0.3),
                        Arbitraries.oneOf(text, treacherous).list().ofMinSize(1).ofMaxSize(12))
                .as((code, detail, lines) -> {
                    boolean bare = detail == null || code / 100 == 3;
                    boolean taken = lines.get(0).matches("[245]\\.\\d+\\.\\d+.*");
                    return new Reply(
                            code,
                            bare ? null : new EnhancedStatusCode(code / 100, 1, detail),
                            bare && taken ? List.of("x") : lines);
                });
    }

    @Property(tries = 3000)
    void sameEventsAsTheReferenceHoweverTheOctetsCome(
            @ForAll("input") byte[] octets, @ForAll("cuts") List<Integer> cuts, @ForAll boolean direct) {
        List<String> expected = ReferenceReplyParser.events(octets);

        assertThat(ReplyEvents.of(List.of(octets), direct)).isEqualTo(expected);
        assertThat(ReplyEvents.of(Wire.cut(octets, cuts), direct)).isEqualTo(expected);
    }

    @Property
    void parsesWhatIsEncodedBackToTheSameReply(@ForAll("replies") Reply reply) {
        byte[] octets = ReplyEncoder.encode(reply);

        assertThat(ReplyEvents.of(List.of(octets), false)).containsExactly(ReplyEvents.shown(reply));
        ReplyView view = new ReplyView();
        assertThat(new ReplyParser().parse(ByteBuffer.wrap(octets), view)).isEqualTo(ParseResult.COMPLETE);
        assertThat(view.toReply()).isEqualTo(reply);
    }
}
