package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.Siege.HEADER;
import static dev.ehlo.smtp.server.Siege.assertInStep;
import static dev.ehlo.smtp.server.Siege.content;
import static dev.ehlo.smtp.server.Siege.envelope;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Too much of everything, through each entrance, while others are served. The names begin with the attack's number in
 * the list that {@link StartTlsAttacksTest} tells of: 22 lines, headers and sizes, 23 chunks, 24 commands, recipients and
 * passwords; 21, too slow, is {@link DripAttacksTest}.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class ExhaustionAttacksTest {
    private static final String BLOCK = "x".repeat(64 * 1024);
    /** With {@link #BLOCK}: 4 MiB, far more than there may be of a line. */
    private static final int BLOCKS = 64;

    private static final int MILLION = 1_000_000;
    private static final int LINES_AT_ONCE = 1000;

    /** The standard limits, and errors that cost the attacker no time, which is {@link ErrorDelayTest}'s matter. */
    @RegisterExtension
    static final Siege siege = new Siege(profile -> profile.limits(SessionLimits.STANDARD.errorDelay(ErrorDelay.NONE)));

    private static Stream<Arguments> inEachEntrance(Object[][] rows) {
        return Stream.of(Entrance.values())
                .flatMap(entrance -> Stream.of(rows)
                        .map(row -> Arguments.of(Stream.concat(Stream.of(entrance), Stream.of(row))
                                .toArray())));
    }

    /** Sends so many lines without a look at the replies, and gives up when nobody listens any more. */
    private static CompletableFuture<Void> flood(LineClient client, String lines, int times) {
        return CompletableFuture.runAsync(() -> {
            try {
                for (int sent = 0; sent < times; sent += LINES_AT_ONCE) {
                    client.send(lines.repeat(Math.min(LINES_AT_ONCE, times - sent)));
                }
            } catch (SocketException | SSLException e) {
                assertThat(e).hasMessageMatching(LineClient.CLOSED);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void assertEnds(CompletableFuture<Void> flood) throws Exception {
        flood.get(60, TimeUnit.SECONDS);
    }

    // 22

    @ParameterizedTest
    @EnumSource
    void e22SkipsACommandLineWithoutEnd(Entrance entrance) throws IOException {
        try (LineClient client = entrance.ready(siege.server)) {
            client.send("NOOP ");
            for (int i = 0; i < BLOCKS; i++) {
                client.send(BLOCK);
            }
            siege.turn();
            siege.assertServesOthers();
            client.send("\r\n").expect("500 5.5.2 ");
            assertInStep(client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void e22EndsASessionWhoseChunkCannotBeToldFromCommands(Entrance entrance) throws Exception {
        try (LineClient client = entrance.ready(siege.server)) {
            CompletableFuture<Void> flood = flood(client, "BDAT 6 " + BLOCK + "\r\nQUIT\r\n", BLOCKS);
            assertThat(client.untilEnd()).singleElement().asString().startsWith("500 5.5.2 ");
            assertEnds(flood);
        }
    }

    @ParameterizedTest
    @EnumSource
    void e22SkipsALineOfAuthBeyondItsLimit(Entrance entrance) throws IOException {
        int fits = 12_288 - "\r\n".length();
        String command = "AUTH PLAIN ";
        try (LineClient client = entrance.open(siege.server)) {
            client.send("EHLO client.example\r\n").expect("250-");
            String taken = entrance.isForUsers() ? "501 5.5.2 " : "502 5.5.1 ";
            client.send(command + "A".repeat(fits - command.length()) + "\r\n").expect(taken);
            client.send(command + "A".repeat(fits - command.length() + 1) + "\r\n")
                    .expect("500 5.5.2 ");
            assertInStep(client);
            if (entrance.isForUsers()) {
                client.send("AUTH PLAIN\r\n").expect("334 ");
                client.send("A".repeat(fits) + "\r\n").expect("501 5.5.2 ");
                client.send("AUTH LOGIN\r\n").expect("334 ");
                for (int i = 0; i < BLOCKS; i++) {
                    client.send(BLOCK);
                }
                siege.turn();
                siege.assertServesOthers();
                client.send("\r\n").expect("500 5.5.6 ");
                assertInStep(client);
                client.send("MAIL FROM:<alice@example.org>\r\n").expect("530 5.7.0 ");
            }
        }
    }

    static Stream<Arguments> everyHeader() {
        return inEachEntrance(new Object[][] {
            {"X: y\r\n", MILLION, "552 5.3.4 "},
            {"Received: by x\r\n", MILLION, "554 5.4.6 "},
            {"Received: by x\r\n", 101, "554 5.4.6 "},
            {"Received: by x\r\n", 100, "250 2.0.0 "},
            {" folded\r\n", MILLION, "552 5.3.4 "},
            {": no name\r\n", MILLION, "250 2.0.0 "} // no header, but the beginning of the body
        });
    }

    @ParameterizedTest
    @MethodSource("everyHeader")
    void e22RefusesAHeaderWithoutEndAndMailThatGoesInCircles(Entrance entrance, String line, int times, String expected)
            throws Exception {
        String end = "\r\nbody\r\n";
        try (LineClient client = entrance.ready(siege.server)) {
            content(client).send(HEADER.trim() + "\r\n");
            CompletableFuture<Void> flood = flood(client, line, times);
            if (times == MILLION) {
                siege.assertServesOthers();
            }
            assertEnds(flood);
            client.send(end + ".\r\n").expect(expected);
            assertInStep(client);

            int octets = HEADER.length() - 2 + line.length() * times + end.length();
            envelope(client).send("BDAT " + octets + " LAST\r\n" + HEADER.trim() + "\r\n");
            assertEnds(flood(client, line, times));
            client.send(end).expect(expected);
            assertInStep(client);
        }
        assertThat(siege.room.messages).hasSize(expected.startsWith("2") ? 2 : 0);
    }

    @ParameterizedTest
    @EnumSource
    void e22BelievesNoSizeThatNobodyHas(Entrance entrance) throws IOException {
        String[][] sizes = {
            {"=99999999999999999999", "501 5.5.4 "},
            {"=18446744073709551616", "501 5.5.4 "},
            {"=9223372036854775807", "552 5.3.4 "},
            {"=4294967296", "552 5.3.4 "},
            {"=52428801", "552 5.3.4 "},
            {"=-1", "501 5.5.4 "},
            {"=0x10", "501 5.5.4 "},
            {"=", "501 5.5.4 "},
            {"", "501 5.5.4 "},
            {"=1 SIZE=2", "501 5.5.4 "}
        };
        try (LineClient client = entrance.ready(siege.server)) {
            for (String[] size : sizes) {
                client.send("MAIL FROM:<alice@example.org> SIZE" + size[0] + "\r\n")
                        .expect(size[1]);
            }
            client.send("RCPT TO:<b@example.org>\r\n").expect("503 ");
        }
        assertThat(siege.room.asked).isEmpty();
    }

    // 23

    /** The command, which is followed by six octets of QUIT; what is said to it; and whether the session goes on. */
    static Stream<Arguments> everyChunk() {
        return inEachEntrance(new Object[][] {
            {"BDAT 6 LAST garbage", "501 5.5.4 ", true},
            {"BDAT 6garbage", "501 5.5.4 ", true},
            {"BDAT 6 LAST LAST", "501 5.5.4 ", true},
            {"BDAT 6 FIRST", "501 5.5.4 ", true},
            {"BDAT 2147483647", "552 5.3.4 ", false},
            {"BDAT 2147483648 LAST", "552 5.3.4 ", false},
            {"BDAT 4294967302", "552 5.3.4 ", false},
            {"BDAT 9223372036854775807", "552 5.3.4 ", false},
            {"BDAT 18446744073709551615", "501 5.5.4 ", false},
            {"BDAT 18446744073709551622 LAST", "501 5.5.4 ", false},
            {"BDAT -1", "501 5.5.4 ", false},
            {"BDAT +6", "501 5.5.4 ", false},
            {"BDAT LAST", "501 5.5.4 ", false},
            {"BDAT", "501 5.5.4 ", false},
            {"BDAT 6\0", "500 5.5.2 ", false},
            {"BDAT 6\n", "500 5.5.2 ", false},
            {"bdat 6 \377", "500 5.5.2 ", false},
            {"BDAT 6" + " ".repeat(2100), "500 5.5.2 ", false}
        });
    }

    @ParameterizedTest
    @MethodSource("everyChunk")
    void e23RunsNoChunkAsCommandsWhoseSizeIsMadeUp(Entrance entrance, String command, String reply, boolean goesOn)
            throws IOException {
        for (String before : new String[] {"", "RCPT", "CHUNK"}) {
            try (LineClient client = entrance.ready(siege.server)) {
                if (!before.isEmpty()) {
                    envelope(client);
                }
                if (before.equals("CHUNK")) {
                    client.send("BDAT 3\r\nX: ").expect("250 2.0.0 ");
                }
                client.send(command + "\r\nQUIT\r\nNOOP\r\n").expect(reply);
                List<String> more = goesOn ? List.of(client.reply()) : client.untilEnd();
                assertThat(more).isEqualTo(goesOn ? List.of("250 2.0.0 OK") : List.of());
                if (goesOn) {
                    assertInStep(client);
                }
            }
        }
        assertThat(siege.room.messages).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void e23TakesNoChunkWithoutATransaction(Entrance entrance) throws IOException {
        try (LineClient client = entrance.ready(siege.server)) {
            client.send("BDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nBDAT 0 LAST\r\n");
            client.expect("503 5.5.1 ").expect("503 5.5.1 ").expect("503 5.5.1 ");
            client.send("MAIL FROM:<alice@example.org>\r\nBDAT 6 LAST\r\nQUIT\r\n");
            client.expect("250 2.1.0 ").expect("503 5.5.1 ");
            client.send("RCPT TO:<b@example.org>\r\n").expect("250 2.1.5 ");
            client.send("BDAT " + HEADER.length() + " LAST\r\n" + HEADER).expect("250 2.0.0 queued");
        }
        assertThat(siege.room.messages).hasSize(1);
    }

    // 23, 24

    /** What is said before, what again and again, and the most replies there are until the session is over. */
    static Stream<Arguments> everyFlood() {
        String envelope = "MAIL FROM:<alice@example.org>\r\nRCPT TO:<b@example.org>\r\n";
        String full = "MAIL FROM:<alice@example.org>\r\nRCPT TO:<full@example.org>\r\n";
        String spam = "MAIL FROM:<alice@example.org>\r\nRCPT TO:<spam@example.org>\r\n";
        return inEachEntrance(new Object[][] {
            {"", "BDAT 0\r\n", 21},
            {envelope, "BDAT 0\r\n", 2 + 101},
            {"", full + "BDAT 0 LAST\r\n", 3 * 101 + 1},
            {"", spam + "BDAT " + HEADER.length() + " LAST\r\n" + HEADER, 3 * 101 + 1},
            {"", "RSET\r\n", 101},
            {"", "NOOP\r\n", 101},
            {"", "VRFY postmaster\r\n", 101},
            {"", "HELP\r\n", 101},
            {"", "EHLO again.example\r\n", 101},
            {"", "EXPN list\r\n", 21},
            {"", "STARTTLS now\r\n", 21},
            {"", "FOO\r\n", 21},
            {"", "MAIL FROM:<\r\n", 21},
            {"", "MAIL FROM:<alice@example.org>\r\nRSET\r\n", 2 * 101},
            {"", "AUTH SCRAM-SHA-256 biws\r\n", 21},
            {"MAIL FROM:<alice@example.org>\r\n", "RCPT TO:<b@example.org>\r\n", 1 + 1000 + 1001 + 1},
            {"MAIL FROM:<alice@example.org>\r\n", "RCPT TO:<nobody@example.org>\r\n", 1 + 1001 + 1}
        });
    }

    @ParameterizedTest
    @MethodSource("everyFlood")
    void e24EndsAFloodOfWhatBringsNoMessageOnItsWay(Entrance entrance, String before, String again, int most)
            throws Exception {
        try (LineClient client = entrance.ready(siege.server)) {
            CompletableFuture<Void> flood = flood(client, before + again, 1)
                    .thenCompose(first -> flood(client, again, again.equals("BDAT 0\r\n") ? MILLION : 100_000));
            List<String> replies = client.untilEnd();
            siege.assertBuffersBounded();
            assertThat(replies).hasSizeLessThanOrEqualTo(most).last().asString().startsWith("421 4.7.0 Too many ");
            assertEnds(flood);
        }
        assertThat(siege.room.messages).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void e24EndsAClientThatAsksAgainAndAgainForWhatTheHandlerRefused(Entrance entrance) throws IOException {
        try (LineClient client = entrance.ready(siege.server)) {
            client.send("MAIL FROM:<alice@example.org>\r\nRCPT TO:<full@example.org>\r\n");
            client.expect("250 ").expect("250 ");
            for (int i = 0; i < 100; i++) {
                client.send("DATA\r\n").expect("452 4.3.1 ");
            }
            client.expect("421 4.7.0 ").expectEnd();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SUBMISSION", "SUBMISSIONS"})
    void e24EndsAGuesserOfPasswordsEachTime(Entrance entrance) throws Exception {
        for (int i = 0; i < 20; i++) {
            try (LineClient client = entrance.open(siege.server)) {
                client.send("EHLO client.example\r\n").expect("250-");
                // alice and another password
                CompletableFuture<Void> flood = flood(client, "AUTH PLAIN AGFsaWNlAHdyb25n\r\n", 10_000);
                List<String> replies = client.untilEnd();
                assertThat(replies).hasSize(4).last().asString().startsWith("421 4.7.0 ");
                assertThat(replies.subList(0, 3)).allMatch(reply -> reply.startsWith("535 5.7.8 "));
                assertEnds(flood);
            }
        }
        try (LineClient user = entrance.ready(siege.server)) {
            assertInStep(user);
        }
    }

    /** A hundred thousand commands, whose replies nobody reads: more than all the buffers on the way hold. */
    @ParameterizedTest
    @EnumSource
    void e24StopsReadingFromWhoDoesNotReadItsReplies(Entrance entrance) throws Exception {
        String name = ("n".repeat(60) + ".").repeat(3) + "example";
        int commands = 100_000;
        try (Siege patient = Siege.ofPatience().begin();
                LineClient client = entrance.openNarrow(patient.server)) {
            CompletableFuture<Void> flood = flood(client, "EHLO " + name + "\r\n", commands);
            for (int i = 0; i < 50; i++) {
                patient.assertServesOthers();
            }
            assertThat(flood).isNotDone();
            for (int i = 0; i < commands; i++) {
                assertThat(client.reply()).startsWith("250-mx.example.org\n250-");
            }
            assertEnds(flood);
            patient.assertBuffersBounded();
            assertInStep(client);
        }
    }
}
