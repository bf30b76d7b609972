package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.codec.CommandEvents.Event;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandParserTest {
    private final CommandParser parser = new CommandParser();
    private final Command command = new Command();

    @Test
    void aDialogueGivesTheSameEventsAtEveryCut() {
        byte[] octets = Wire.lines(
                "EHLO client.example",
                "auth PLAIN AGEAYg==",
                "MAIL FROM:<a@b> SIZE=10 BODY=8BITMIME",
                "RCPT TO:<@r,@s:\"q r\"@[IPv6:::1]> NOTIFY=NEVER ",
                "BDAT 5 LAST",
                "DATA x",
                "noop \u00c3\u00a9",
                "",
                "POST / HTTP/1.1",
                "VRFY \u00ff",
                "RSET\r",
                "QUIT");
        List<Event> expected = ReferenceCommandParser.events(octets);
        assertThat(expected).hasSize(12);
        Wire.everyCut(octets, pieces -> {
            assertThat(CommandEvents.of(pieces, false)).isEqualTo(expected);
            assertThat(CommandEvents.of(pieces, true)).isEqualTo(expected);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "MAIL FROM: <a@b>, BAD_REVERSE_PATH", // THREATS G33
        "MAIL FROM:a@b, BAD_REVERSE_PATH",
        "MAIL FROM:<a@b, BAD_REVERSE_PATH",
        "MAIL FROM:a@b>, BAD_REVERSE_PATH",
        "MAIL FROM:<\"a@b>, BAD_REVERSE_PATH",
        "MAIL FROM:<Postmaster>, BAD_REVERSE_PATH",
        "MAIL FROM:<@r:>, BAD_REVERSE_PATH",
        "MAIL FROM:<@r:Postmaster>, BAD_REVERSE_PATH",
        "MAIL FROM:<@r;s:a@b>, BAD_REVERSE_PATH",
        "MAIL FROM:<@r.:a@b>, BAD_REVERSE_PATH",
        "MAIL FROM:<@r, BAD_REVERSE_PATH",
        "MAIL FROM:<a@xn--99999>, BAD_REVERSE_PATH",
        "MAIL FROM, BAD_ARGUMENT",
        "MAIL, BAD_ARGUMENT",
        "MAIL TO:<a@b>, BAD_ARGUMENT",
        "MAIL FROM:<a@b>SIZE=1, BAD_PARAMETER",
        "MAIL FROM:<a@b> SIZE=, BAD_PARAMETER",
        "MAIL FROM:<a@b> =1, BAD_PARAMETER",
        "MAIL FROM:<a@b> A=b=c, BAD_PARAMETER",
        "MAIL FROM:<a@b> SIZE=1 size=2, DUPLICATE_PARAMETER",
        "MAIL FROM:<a@b> HOLDFOR=60 HOLDUNTIL=2026-11-22T00:00:00Z, DUPLICATE_PARAMETER",
        "MAIL FROM:<a@b> holduntil=2026-11-22T00:00:00Z HOLDFOR=60, DUPLICATE_PARAMETER",
        "MAIL FROM:<a@b> SIZE=99999999999999999999, BAD_VALUE", // THREATS E22
        "MAIL FROM:<a@b> SMTPUTF8=1, BAD_VALUE",
        "MAIL FROM:<a@b> BODY=QUOTED, UNKNOWN_VALUE",
        "MAIL FROM:<a@b> SIZES=1, UNKNOWN_PARAMETER",
        "MAIL FROM:<a@b> NOTIFY=NEVER, MISPLACED_PARAMETER",
        "RCPT TO:<a@b> SIZE=1, MISPLACED_PARAMETER",
        "RCPT TO:<a@b> ORCPT=rfc822;+00, BAD_VALUE", // THREATS E25
        "MAIL FROM:<a@b> AUTH=xPostmaster, BAD_VALUE",
        "MAIL FROM:<a@b> HOLDUNTIX=1, UNKNOWN_PARAMETER",
        "MAIL FROM:<a@b> REQUIRETLX, UNKNOWN_PARAMETER",
        "RCPT TO:<a@b> RRVS=1, BAD_VALUE",
        "RCPT FROM:<a@b>, BAD_ARGUMENT",
        "RCPT TO:<>, BAD_FORWARD_PATH",
        "RCPT TO:<user>, BAD_FORWARD_PATH",
        "RCPT TO:<Postmistre>, BAD_FORWARD_PATH",
        "RCPT TO:<Postmasters>, BAD_FORWARD_PATH",
        "RCPT TO:<user@us.>, BAD_FORWARD_PATH",
        "RCPT TO:<user@>, BAD_FORWARD_PATH",
        "RCPT TO:<@us>, BAD_FORWARD_PATH",
        "RCPT TO: <a@b>, BAD_FORWARD_PATH",
        "DATA now, UNEXPECTED_ARGUMENT",
        "STARTTLS now, UNEXPECTED_ARGUMENT",
        "EHLO, MISSING_ARGUMENT",
        "EHLO a b, BAD_ARGUMENT",
        "EHLO client .example.org, BAD_ARGUMENT",
        "VRFY, MISSING_ARGUMENT",
        "AUTH, MISSING_ARGUMENT",
        "AUTH  PLAIN, BAD_ARGUMENT",
        "AUTH PLAIN a b, BAD_ARGUMENT",
        "AUTH ABCDEFGHIJKLMNOPQRSTU, BAD_ARGUMENT",
        "BDAT, BAD_ARGUMENT",
        "BDAT LAST, BAD_ARGUMENT"
    })
    void saysWhatIsWrong(String line, CommandError error) {
        assertThat(CommandEvents.of(line + "\r\n")).extracting(Event::error).containsExactly(error);
        assertThat(error.reply().isPermanent()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "MAIL FROM:<>",
                "MAIL FROM:<a@b>  SIZE=1   REQUIRETLS",
                "MAIL FROM:<a@b> HOLDFOR=1",
                "MAIL FROM:<a@b> HOLDUNTIL=2026-11-21T12:00:00Z",
                "MAIL FROM:<09azAZ\u00c3\u00a909azAZ@09azAZ.\u00c3\u00a909azAZ09>",
                "RCPT TO:<pOSTMASTER>",
                "AUTH ABCDEFGHIJKLMNOPQRST",
                "RSET\t \t"
            })
    void takesWhatTheGrammarHas(String line) {
        assertThat(CommandEvents.of(line + "\r\n")).extracting(Event::result).containsExactly(ParseResult.COMPLETE);
    }

    @Test
    void tellsAnUnknownParameterGivenTwiceInAnyCase() {
        Set<Leniency> any = Set.of(Leniency.UNKNOWN_PARAMETER);
        for (String other : List.of("X-aMz=2", "x-AmZ", "X-amy", "X-am", "Y-amz")) {
            String line = "MAIL FROM:<a@b> X-amz=1 B " + other + "\r\n";
            boolean same = other.toLowerCase(java.util.Locale.ROOT).startsWith("x-amz");
            assertThat(CommandEvents.of(List.of(Wire.octets(line)), false, any))
                    .extracting(Event::error)
                    .containsExactly(same ? CommandError.DUPLICATE_PARAMETER : null);
        }
    }

    @Test
    void aPathHas256OctetsWithItsBracketsAndNoMore() {
        String domain = ("d".repeat(63) + ".").repeat(3) + "d".repeat(60);
        assertThat(CommandEvents.of("RCPT TO:<@" + domain + ":a@" + domain + ">\r\n"))
                .extracting(Event::error)
                .containsExactly((CommandError) null);
        assertThat(CommandEvents.of("RCPT TO:<@" + domain + ":ab@" + domain + ">\r\n"))
                .extracting(Event::error)
                .containsExactly(CommandError.BAD_FORWARD_PATH);
    }

    @Test
    void aDomainOfARouteHas255OctetsAndALabel63() {
        String domain = ("d".repeat(63) + ".").repeat(3);
        for (String route : List.of(domain + "e".repeat(63), domain + "e".repeat(61) + ".f")) {
            assertThat(CommandEvents.of("RCPT TO:<@" + route + ":a@b>\r\n"))
                    .extracting(Event::error)
                    .containsExactly((CommandError) null);
            assertThat(CommandEvents.of("RCPT TO:<@" + route + "g:a@b>\r\n"))
                    .extracting(Event::error)
                    .containsExactly(CommandError.BAD_FORWARD_PATH);
        }
    }

    @Test
    void takes24ParametersAndNoMore() {
        StringBuilder line = new StringBuilder("MAIL FROM:<a@b>");
        for (int i = 0; i < Command.MAX_PARAMETERS; i++) {
            line.append(" p").append(i);
        }
        Set<Leniency> any = Set.of(Leniency.UNKNOWN_PARAMETER);
        assertThat(CommandEvents.of(List.of(Wire.octets(line + "\r\n")), false, any)
                        .get(0)
                        .parameters()
                        .list())
                .hasSize(Command.MAX_PARAMETERS);
        assertThat(CommandEvents.of(List.of(Wire.octets(line + " q\r\n")), false, any))
                .extracting(Event::error)
                .containsExactly(CommandError.TOO_MANY_PARAMETERS);
    }

    @Test
    void anOctetWithItsTopBitSetIsNoLetter() {
        assertThat(CommandEvents.of("MAIL \u00c6ROM:<a@b>\r\n"))
                .extracting(Event::error)
                .containsExactly(CommandError.MALFORMED_UTF8);
        assertThat(CommandEvents.of("MAIL F\u00c3\u0092M:<a@b>\r\n"))
                .extracting(Event::error)
                .containsExactly(CommandError.BAD_ARGUMENT);
        assertThat(CommandEvents.of("\u00c3\u008dAIL\r\n"))
                .extracting(Event::verb)
                .containsExactly(Verb.UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r", "\n", "\0", "\r\r", "\n\r", "\n\n"})
    void aBareControlMakesTheLineMalformedAndOneCommand(String bare) {
        byte[] octets = Wire.octets("RSET" + bare + "MAIL FROM:<a@b>\r\nQUIT\r\n");
        Wire.everyCut(
                octets,
                pieces -> assertThat(CommandEvents.of(pieces, false))
                        .extracting(Event::error)
                        .containsExactly(CommandError.BARE_CONTROL, null));
    }

    @ParameterizedTest
    @CsvSource({
        "BDAT 0, 0, true",
        "BDAT 2147483647, 2147483647, true",
        "BDAT 9223372036854775807, 9223372036854775807, true",
        "BDAT 9223372036854775808, -1, false",
        "BDAT 18446744073709551615, -1, false",
        "BDAT -1, -1, false",
        "BDAT 1 LAST garbage, 1, false",
        "BDAT 12x, 12, false",
        "BDAT 1 LASTS, 1, false"
    })
    void tellsTheSizeOfAChunkWheneverItCan(String line, long octets, boolean complete) {
        Event event = CommandEvents.of(line + "\r\n").get(0);
        assertThat(event.result() == ParseResult.COMPLETE).isEqualTo(complete);
        assertThat(event.chunkOctets()).isEqualTo(octets);
        assertThat(event.verb()).isEqualTo(Verb.BDAT);
    }

    @Test
    void anOverlongLineIsToldOnceAndSkippedWhateverItsTailLooksLike() {
        String tail = "x".repeat(3000) + "AUTH PLAIN " + "y".repeat(20);
        byte[] octets = Wire.octets("NOOP " + tail + "\r\nNOOP " + "z".repeat(2500) + "\r\nAUTH PLAIN "
                + "w".repeat(5000) + "\r\nQUIT\r\n");
        List<Event> expected = ReferenceCommandParser.events(octets);
        assertThat(expected)
                .extracting(Event::result)
                .containsExactly(
                        ParseResult.OVERLONG, ParseResult.OVERLONG, ParseResult.COMPLETE, ParseResult.COMPLETE);
        for (int cut = 2040; cut < octets.length; cut += 7) {
            assertThat(CommandEvents.of(Wire.cut(octets, List.of(cut)), false)).isEqualTo(expected);
        }
        assertThat(CommandEvents.of(Wire.cut(octets, List.of(2049, 3015, 3040, 3050, 6000)), false))
                .isEqualTo(expected);
    }

    @Test
    void aLineHas2048OctetsWithItsEndAndNoMore() {
        for (String text : List.of("NOOP ", "NOOP \u00c3\u00a9", "BDAT 1 \u00c3\u00a9")) {
            String longest = text + "x".repeat(CommandParser.MAX_COMMAND_LINE - 2 - text.length());
            assertThat(CommandEvents.of(longest + "\r\n" + longest + "x\r\n"))
                    .extracting(event -> event.result() == ParseResult.OVERLONG)
                    .containsExactly(false, true);
        }
        String longest = "AUTH X " + "y".repeat(CommandParser.MAX_AUTH_LINE - 9);
        assertThat(CommandEvents.of(longest + "\r\n" + longest + "y\r\n"))
                .extracting(Event::result)
                .containsExactly(ParseResult.COMPLETE, ParseResult.OVERLONG);
        assertThat(parser.parseLine(ByteBuffer.wrap(Wire.octets("\u00c3\u00a9".repeat(6143) + "\r\n")), command))
                .isEqualTo(ParseResult.COMPLETE);
    }

    @Test
    void anEndlessLineNeedsNoMoreRoomThanItsLimit() {
        ByteBuffer in = ByteBuffer.allocate(CommandParser.MAX_COMMAND_LINE);
        int told = 0;
        for (int i = 0; i < 1000; i++) {
            while (in.hasRemaining()) {
                in.put((byte) 'x');
            }
            told += parser.parse(in.flip(), command) == ParseResult.OVERLONG ? 1 : 0;
            assertThat(in.hasRemaining()).isFalse();
            in.clear();
        }
        assertThat(told).isEqualTo(1);
        assertThat(parser.parse(ByteBuffer.wrap(Wire.octets("\r\nRSET\r\n")), command))
                .isEqualTo(ParseResult.COMPLETE);
        assertThat(command.verb()).isEqualTo(Verb.RSET);
    }

    @Test
    void looksAtNoOctetTwiceForTheEndOfTheLine() {
        byte[] octets = Wire.octets("NOOP abcdef\r\n");
        ByteBuffer in = ByteBuffer.wrap(octets);
        assertThat(parser.parse(in.limit(octets.length - 2), command)).isEqualTo(ParseResult.INCOMPLETE);
        octets[7] = 0;
        assertThat(parser.parse(in.limit(octets.length), command)).isEqualTo(ParseResult.COMPLETE);
    }

    @Test
    void takesAnAnswerInTheAuthDialogueAsItIs() {
        ByteBuffer in = ByteBuffer.wrap(Wire.octets("MAIL FROM:<" + "x".repeat(12_000) + "\r\n*\r\n\r\n"));
        assertThat(parser.parseLine(in, command)).isEqualTo(ParseResult.COMPLETE);
        assertThat(command.verb()).isEqualTo(Verb.UNKNOWN);
        assertThat(command.length()).isEqualTo(12_011);
        assertThat(parser.parseLine(in, command)).isEqualTo(ParseResult.COMPLETE);
        assertThat(command.copyLine()).isEqualTo("*");
        assertThat(parser.parseLine(in, command)).isEqualTo(ParseResult.COMPLETE);
        assertThat(command.copyLine()).isEmpty();
        assertThat(parser.parseLine(ByteBuffer.wrap(Wire.octets("y".repeat(12_288))), command))
                .isEqualTo(ParseResult.OVERLONG);
    }

    @Test
    void tellsOfAnOverlongLineWhetherAChunkMayFollow() {
        for (String line : List.of("bdat 6 " + "x".repeat(3000), "BDAT 6" + " ".repeat(3000) + "\r\n")) {
            assertThat(parser.parse(ByteBuffer.wrap(Wire.octets("RCPT TO:<a@b>\r\n")), command))
                    .isEqualTo(ParseResult.COMPLETE);
            assertThat(parser.parse(ByteBuffer.wrap(Wire.octets(line)), command))
                    .isEqualTo(ParseResult.OVERLONG);
            assertThat(command.verb()).isEqualTo(Verb.BDAT);
            assertThat(command.chunkOctets()).isEqualTo(-1);
            parser.reset();
        }
        parser.parse(ByteBuffer.wrap(Wire.octets("MAIL " + "x".repeat(3000))), command);
        assertThat(command.verb()).isEqualTo(Verb.UNKNOWN);
    }

    @Test
    void tellsOfALineThatCannotBeReadWhetherAChunkMayFollow() {
        for (String line : List.of("bdat 6\0", "BDAT 6 \u00ff", "BDAT 6\rLAST")) {
            Event event = CommandEvents.of(line + "\r\n").get(0);
            assertThat(event.result()).isEqualTo(ParseResult.MALFORMED);
            assertThat(event.verb()).isEqualTo(Verb.BDAT);
            assertThat(event.chunkOctets()).isEqualTo(-1);
            assertThat(event.last()).isFalse();
        }
    }

    @Test
    void aNameThatOnlyBeginsLikeAVerbIsUnknownAndKeepsItsArgument() {
        for (Verb verb : Verb.values()) {
            for (String name : List.of(verb.name() + "X", verb.name().substring(1), verb.name() + "-")) {
                assertThat(parser.parse(ByteBuffer.wrap(Wire.octets(name + " an argument\r\n")), command))
                        .isEqualTo(ParseResult.COMPLETE);
                assertThat(command.verb()).as(name).isEqualTo(Verb.UNKNOWN);
                assertThat(command.copyArgument()).isEqualTo("an argument");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "MAIL FROM:  <a@b>, SPACE_AFTER_COLON, a@b",
        "RCPT TO: <a@b>, SPACE_AFTER_COLON, a@b",
        "MAIL FROM:a@b SIZE=1, MISSING_BRACKETS, a@b",
        "RCPT TO:Postmaster, MISSING_BRACKETS, Postmaster",
        "RCPT TO:\"a b\"@[192.0.2.1] NOTIFY=NEVER, MISSING_BRACKETS, \"a b\"@[192.0.2.1]"
    })
    void takesAFormBeyondTheGrammarByItsNameAlone(String line, Leniency leniency, String path) {
        ByteBuffer in = ByteBuffer.wrap(Wire.octets(line + "\r\n"));
        assertThat(new CommandParser(Set.of(leniency)).parse(in, command)).isEqualTo(ParseResult.COMPLETE);
        assertThat(command.toForwardPath()).hasToString(path);
        for (Leniency other : Leniency.values()) {
            ParseResult result = new CommandParser(Set.of(other)).parse(in.rewind(), command);
            assertThat(result == ParseResult.COMPLETE).isEqualTo(other == leniency);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " SIZE=1", "a@b@c", "a@b>", "<a@b", "a@"})
    void aPathWithoutBracketsIsAPathStill(String path) {
        for (String line : List.of("MAIL FROM:" + path, "RCPT TO:" + path)) {
            List<byte[]> octets = List.of(Wire.octets(line + "\r\n"));
            assertThat(CommandEvents.of(octets, false, Set.of(Leniency.MISSING_BRACKETS)))
                    .extracting(Event::error)
                    .containsAnyOf(CommandError.BAD_REVERSE_PATH, CommandError.BAD_FORWARD_PATH);
        }
    }

    @Test
    void aPathWithoutBracketsHas254Octets() {
        String domain = ("d".repeat(63) + ".").repeat(3) + "d".repeat(60);
        for (String local : List.of("a", "ab")) {
            List<byte[]> octets = List.of(Wire.octets("RCPT TO:" + local + "@" + domain + "\r\n"));
            assertThat(CommandEvents.of(octets, false, Set.of(Leniency.MISSING_BRACKETS)))
                    .extracting(Event::error)
                    .containsExactly(local.length() == 1 ? null : CommandError.BAD_FORWARD_PATH);
        }
    }

    @Test
    void theSeamForgetsALineBegun() {
        assertThat(parser.parse(ByteBuffer.wrap(Wire.octets("RSET\n")), command))
                .isEqualTo(ParseResult.INCOMPLETE);
        parser.reset();
        assertThat(parser.parse(ByteBuffer.wrap(Wire.octets("QUIT\r\n")), command))
                .isEqualTo(ParseResult.COMPLETE);
    }

    @ParameterizedTest
    @CsvSource({
        "a@b, false",
        "\u00c3\u00a9@b, true",
        "a@\u00c3\u00a9, true",
        "\"a \\\" b\"@c, false",
        "\"\u00c3\u00a9 \"@b, true"
    })
    void tellsWhetherAPathNeedsSmtputf8(String path, boolean utf8) {
        for (String line : List.of("RCPT TO:<" + path + ">\r\n", "MAIL FROM:<" + path + ">\r\n")) {
            assertThat(parser.parse(ByteBuffer.wrap(Wire.octets(line)), command))
                    .isEqualTo(ParseResult.COMPLETE);
            assertThat(command.isPathUtf8()).isEqualTo(utf8);
        }
    }

    @Test
    void aViewKeepsNothingOfTheLineBefore() {
        ByteBuffer in = ByteBuffer.wrap(
                Wire.octets("RCPT TO:<\u00c3\u00a9@b> NOTIFY=NEVER\r\nBDAT 5 LAST\r\nAUTH PLAIN x\r\nNOOP\r\n"));
        assertThat(parser.parse(in, command)).isEqualTo(ParseResult.COMPLETE);
        assertThat(command.isPathUtf8()).isTrue();
        assertThat(command.parameterCount()).isOne();
        assertThat(command.hasKnownParameter()).isTrue();
        parser.parse(in, command);
        assertThat(command.isPathUtf8()).isFalse();
        assertThat(command.hasKnownParameter()).isFalse();
        assertThat(command.isLastChunk()).isTrue();
        parser.parse(in, command);
        assertThat(command.copyInitialResponse()).isEqualTo("x");
        parser.parse(in, command);
        assertThat(command.copyInitialResponse()).isNull();
        assertThat(command.chunkOctets()).isEqualTo(-1);
        assertThat(command.isLastChunk()).isFalse();
        assertThat(command.toParameters().list()).isEmpty();
        assertThat(command.hasArgument()).isFalse();
    }
}
