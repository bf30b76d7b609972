package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.Siege.HEADER;
import static dev.ehlo.smtp.server.Siege.assertInStep;
import static dev.ehlo.smtp.server.Siege.content;
import static dev.ehlo.smtp.server.Siege.envelope;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.testkit.Cutter;
import dev.ehlo.smtp.testkit.Smuggling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One message with another inside that some server would see, through each entrance (CVE-2023-51764 and its kin). The
 * names begin with the attack's number in the list that {@link StartTlsAttacksTest} tells of: 8 sequences that are no end
 * of data, 9 octets that come before their turn.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class SmugglingAttacksTest {
    private static final String SMUGGLED =
            "MAIL FROM:<admin@example.org>\r\nRCPT TO:<x@example.org>\r\nDATA\r\nsmuggled";

    @RegisterExtension
    static final Siege siege = Siege.ofPatience();

    static Stream<Arguments> everySequence() {
        return Stream.of(Entrance.values())
                .flatMap(entrance -> Smuggling.SEQUENCES.stream().map(sequence -> Arguments.of(entrance, sequence)));
    }

    /** The whole with every cut of its middle: the segments or the records, or the chunks. */
    private static void everyCut(String front, String middle, String rest, Consumer<List<byte[]>> use) {
        Cutter.everySplit(octets(middle), cut -> {
            List<byte[]> parts = new ArrayList<>(cut);
            parts.set(0, join(octets(front), parts.get(0)));
            int last = parts.size() - 1;
            parts.set(last, join(parts.get(last), octets(rest)));
            use.accept(parts);
        });
    }

    @ParameterizedTest
    @MethodSource("everySequence")
    void b8EndsContentAtNothingButCrlfDotCrlf(Entrance entrance, String sequence) throws IOException {
        try (LineClient client = entrance.ready(siege.server)) {
            everyCut(HEADER + "bod", "y" + sequence + "M", SMUGGLED.substring(1) + "\r\n.\r\n", parts -> {
                try {
                    siege.sendApart(content(client), parts);
                    String reply = client.reply();
                    // No other reply, to what might have been taken for commands.
                    assertInStep(client);
                    assertJudged(entrance, sequence, List.of(reply));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("everySequence")
    void b8TakesAChunkForContentWhateverIsInItAndWhereverItIsCut(Entrance entrance, String sequence)
            throws IOException {
        String rest = SMUGGLED.substring(1) + "\r\n.\r\n";
        try (LineClient client = entrance.ready(siege.server)) {
            everyCut(HEADER + "bod", "y" + sequence + "M", rest, chunks -> {
                try {
                    envelope(client);
                    List<String> replies = new ArrayList<>();
                    for (int i = 0; i < chunks.size(); i++) {
                        String last = i == chunks.size() - 1 ? " LAST" : "";
                        client.send(join(octets("BDAT " + chunks.get(i).length + last + "\r\n"), chunks.get(i)));
                    }
                    for (int i = 0; i < chunks.size(); i++) {
                        replies.add(client.reply());
                    }
                    assertInStep(client);
                    assertJudged(entrance, sequence, replies);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            String whole = HEADER + "body" + sequence + SMUGGLED + "\r\n.\r\n";
            everyCut("BDAT " + whole.length() + " LAST\r\n" + HEADER + "bod", "y" + sequence + "M", rest, parts -> {
                try {
                    siege.sendApart(envelope(client), parts);
                    String reply = client.reply();
                    assertInStep(client);
                    assertJudged(entrance, sequence, List.of(reply));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** Refused where a bare CR or LF is, and else one message, with all of it inside. */
    private static void assertJudged(Entrance entrance, String sequence, List<String> replies) {
        boolean refused = !entrance.isForUsers() && sequence.indexOf(0) < 0;
        assertThat(siege.room.asked).noneMatch(command -> command.contains("admin@"));
        if (refused) {
            assertThat(replies)
                    .anyMatch(reply -> reply.startsWith("550 5.6.11 "))
                    .allMatch(reply -> reply.startsWith("550 5.6.11 ")
                            || reply.startsWith("250 2.0.0 Chunk")
                            || reply.startsWith("503 "));
            assertThat(siege.room.messages).isEmpty();
            assertThat(siege.room.aborted).hasSize(1);
        } else {
            assertThat(replies).allMatch(reply -> reply.startsWith("250 2.0.0 "));
            assertThat(siege.room.messages).singleElement().satisfies(message -> {
                assertThat(message.content()).contains("MAIL FROM:<admin@");
                assertThat(message.content().replace("\r\n", "")).doesNotContain("\r", "\n");
            });
            assertThat(siege.room.aborted).isEmpty();
        }
        siege.room.messages.clear();
        siege.room.aborted.clear();
    }

    @ParameterizedTest
    @EnumSource
    void b8EndsContentAtCrlfDotCrlfHoweverItIsCut(Entrance entrance) throws IOException {
        try (LineClient client = entrance.ready(siege.server)) {
            everyCut(HEADER, "body\r\n.\r\n", "", parts -> {
                try {
                    siege.sendApart(content(client), parts);
                    client.expect("250 2.0.0 ");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            int whole = siege.room.messages.size();
            // Under TLS this cuts the record: 5 octets of header, the terminator, and what authenticates it.
            for (int at = 1; at < 30; at++) {
                int cut = at;
                content(client).send(HEADER + "body");
                client.segments(written -> cut < written.length ? Cutter.at(written, cut) : List.of(written));
                client.send("\r\n.\r\n").expect("250 2.0.0 ").segments(List::of);
            }
            assertThat(siege.room.messages)
                    .hasSize(whole + 29)
                    .allMatch(message -> message.content().endsWith("\r\n\r\nbody\r\n"));
        }
    }

    /** What is said after 354, and what of it is content. */
    static Stream<Arguments> everyFraming() {
        String[][] framings = {
            {HEADER + ".\r\n", HEADER},
            {HEADER + "..\r\n.\r\n", HEADER + ".\r\n"},
            {HEADER + "\r\n..\r\n.\r\n", HEADER + "\r\n.\r\n"},
            {HEADER + ".hidden\r\n.\r\n", HEADER + "hidden\r\n"},
            {HEADER + "...\r\n.\r\n", HEADER + "..\r\n"},
            {HEADER + "no\0thing \377 wide\r\n.\r\n", HEADER + "no\0thing \377 wide\r\n"},
            {HEADER + "without its end.\r\n.\r\n", HEADER + "without its end.\r\n"},
            {"X-First: 1\r\n" + HEADER + "\r\n\r\n\r\n.\r\n", HEADER + "\r\n\r\n\r\n"}
        };
        return Stream.of(Entrance.values())
                .flatMap(entrance -> Stream.of(framings).map(each -> Arguments.of(entrance, each[0], each[1])));
    }

    @ParameterizedTest
    @MethodSource("everyFraming")
    void b8TakesDotsForWhatTheyAre(Entrance entrance, String said, String taken) throws IOException {
        String end = taken.substring(HEADER.length());
        try (LineClient client = entrance.ready(siege.server)) {
            content(client).send(said).expect("250 2.0.0 ");
            assertInStep(client);
            // In a chunk no dot means anything.
            envelope(client).send("BDAT " + said.length() + " LAST\r\n" + said).expect("250 2.0.0 ");
            assertInStep(client);
        }
        assertThat(siege.room.messages).hasSize(2);
        assertThat(siege.room.messages.get(0).content()).endsWith("\r\n\r\n" + end);
        assertThat(siege.room.messages.get(1).content())
                .endsWith("\r\n\r\n" + said.substring(said.indexOf(HEADER) + HEADER.length()));
    }

    @ParameterizedTest
    @EnumSource
    void b8TakesAnEmptyMessage(Entrance entrance) throws IOException {
        try (LineClient client = entrance.ready(siege.server)) {
            content(client).send(".\r\n").expect("250 2.0.0 ");
            assertInStep(client);
            envelope(client).send("BDAT 0 LAST\r\n").expect("250 2.0.0 ");
            assertInStep(client);
        }
        assertThat(siege.room.messages).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource
    void b8RunsNoContentAsCommandsThatTheHandlerDoesNotWant(Entrance entrance) throws IOException {
        String body = HEADER + "body\r\n" + SMUGGLED + "\r\n.\r\n";
        String chunk = "BDAT " + body.length() + " LAST\r\n" + body;
        try (LineClient client = entrance.ready(siege.server)) {
            to(client, "unwritable").send("DATA\r\n").expect("354 ").send(body).expect("451 4.3.0 ");
            to(client, "unwritable").send(chunk).expect("451 4.3.0 ");
            to(client, "spam").send("DATA\r\n").expect("354 ").send(body).expect("554 5.7.1 ");
            to(client, "full").send(chunk).expect("452 4.3.1 ");
            assertInStep(client);
            // Who sends what nobody has asked for is not heard out.
            to(client, "full").send("DATA\r\n" + body);
            client.expect(entrance.isForUsers() ? "452 4.3.1 " : "554 5.5.0 ");
            assertThat(client.untilEnd()).isEmpty();
        }
        assertNothingSmuggled();
    }

    private static LineClient to(LineClient client, String recipient) throws IOException {
        client.send("MAIL FROM:<alice@example.org>\r\nRCPT TO:<" + recipient + "@example.org>\r\n");
        return client.expect("250 2.1.0 ").expect("250 2.1.5 ");
    }

    private static void assertNothingSmuggled() {
        assertThat(siege.room.messages).isEmpty();
        assertThat(siege.room.asked).noneMatch(command -> command.contains("admin@"));
    }

    @ParameterizedTest
    @EnumSource(names = {"MX_IN_CLEAR", "MX_AFTER_STARTTLS"})
    void b9EndsAClientThatPipelinesAcrossEndOfDataUnoffered(Entrance entrance) throws IOException {
        try (LineClient client = entrance.open(siege.server)) {
            client.send("HELO client.example\r\n").expect("250 ");
            content(client).send("body\r\n.\r\n" + SMUGGLED + "\r\n.\r\n").expect("554 5.5.0 ");
            assertThat(client.untilEnd()).isEmpty();
        }
        assertThat(siege.room.aborted).hasSize(1);
        assertNothingSmuggled();
        try (Siege without = new Siege(profile -> profile.without(Extension.PIPELINING)).begin();
                LineClient client = entrance.ready(without.server)) {
            content(client).send("body\r\n.\r\n" + SMUGGLED + "\r\n.\r\n").expect("554 5.5.0 ");
            assertThat(client.untilEnd()).isEmpty();
            assertThat(without.room.messages).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void b9AnswersInOrderWhoPipelinesAcrossEndOfDataAsOffered(Entrance entrance) throws IOException {
        try (LineClient client = entrance.ready(siege.server)) {
            content(client)
                    .send(HEADER + "body\r\n.\r\nNOOP\r\nMAIL FROM:<alice@example.org>\r\n")
                    .expect("250 2.0.0 queued")
                    .expect("250 2.0.0 OK")
                    .expect("250 2.1.0 ");
        }
        assertThat(siege.room.messages).hasSize(1);
    }

    /** What ends with content that nobody has asked for. */
    static Stream<Arguments> everyEarlyContent() {
        String[] flights = {
            "MAIL FROM:<a@x.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n",
            "MAIL FROM:<a@x.example>\r\nRCPT TO:<nobody@example.org>\r\nDATA\r\n",
            "MAIL FROM:<a@x.example>\r\nDATA\r\n",
            "DATA\r\n",
            "DATA now\r\n"
        };
        return Stream.of(Entrance.values())
                .flatMap(entrance -> Stream.of(flights).map(flight -> Arguments.of(entrance, flight)));
    }

    @ParameterizedTest
    @MethodSource("everyEarlyContent")
    void b9RunsNoContentAsCommandsThatComesBeforeItsTurn(Entrance entrance, String flight) throws IOException {
        String commands = flight.replace("a@x.example", "alice@example.org");
        try (LineClient client = entrance.ready(siege.server)) {
            client.send(commands + HEADER + "\r\n" + SMUGGLED + "\r\n.\r\nQUIT\r\n");
            List<String> replies = client.untilEnd();
            if (entrance.isForUsers() && commands.contains("b@")) {
                assertThat(replies).hasSize(5).last().asString().startsWith("221 ");
                assertThat(siege.room.messages).hasSize(1);
            } else {
                assertThat(replies).hasSize((int) commands.lines().count());
                assertThat(replies).last().asString().startsWith("5");
                assertThat(siege.room.messages).isEmpty();
            }
        }
        assertThat(siege.room.asked).noneMatch(command -> command.contains("admin@"));
    }

    @Test
    void b9RunsNoContentAsCommandsOfAClientThatHasStillToTurnToTls() throws IOException {
        try (LineClient client = LineClient.connect(siege.server.address("submission"))) {
            client.expect("220 ").send("EHLO x.example\r\n").expect("250-");
            client.send("DATA\r\n" + SMUGGLED + "\r\n.\r\n").expect("530 ");
            assertThat(client.untilEnd()).isEmpty();
        }
        assertThat(siege.room.asked).isEmpty();
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] octets(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
