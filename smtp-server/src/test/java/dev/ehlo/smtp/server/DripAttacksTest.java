package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.Siege.HEADER;
import static dev.ehlo.smtp.server.Siege.assertInStep;
import static dev.ehlo.smtp.server.Siege.content;
import static dev.ehlo.smtp.server.Siege.envelope;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
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
 * Clients that take their time, and their server's connections, through each entrance: attack 21 of the list that {@link
 * StartTlsAttacksTest} tells of. The time that goes by is the test's.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class DripAttacksTest {
    private static final Duration DRIP = Duration.ofSeconds(10);
    /** In five minutes, less a bit. */
    private static final int DRIPS_IN_TIME = 29;

    private static final int DRIPS_TOO_LATE = 31;
    private static final String BLOCK = "x".repeat(4096);

    @RegisterExtension
    static final Siege siege = Siege.ofPatience();

    /** Where a client drips. */
    enum Stage {
        GREETED("", "", "NOOP\r\n", "250 2.0.0 "),
        COMMAND("", "x", "\r\n", "500 5.5."),
        ENDLESS_COMMAND("", BLOCK, "\r\n", "500 5.5.2 "),
        AUTH("AUTH PLAIN\r\n", "A", "\r\n", "501 5.5.2 "),
        DATA("DATA\r\n", "x", "\r\n.\r\n", "250 2.0.0 "),
        CHUNK("BDAT 100 LAST\r\n" + HEADER, "x", "x".repeat(100 - HEADER.length() - DRIPS_IN_TIME), "250 2.0.0 "),
        CHUNKS("BDAT 1\r\nx", "BDAT 1\r\nx", "BDAT " + HEADER.length() + " LAST\r\n" + HEADER, "250 2.0.0 "),
        EMPTY_CHUNKS("BDAT 1\r\nx", "BDAT 0\r\n", "BDAT 0 LAST\r\n", "250 2.0.0 "),
        REFUSED_CHUNK("BDAT 100 garbage\r\n", "x", "x".repeat(100 - DRIPS_IN_TIME), "501 5.5.4 ");

        final String begin;
        final String drip;
        final String end;
        final String reply;

        Stage(String begin, String drip, String end, String reply) {
            this.begin = begin;
            this.drip = drip;
            this.end = end;
            this.reply = reply;
        }

        LineClient begin(Entrance entrance) throws IOException {
            LineClient client = this == AUTH ? entrance.open(siege.server) : entrance.ready(siege.server);
            switch (this) {
                case AUTH:
                    return client.send("EHLO x.example\r\n")
                            .expect("250-")
                            .send(begin)
                            .expect("334 ");
                case DATA:
                    return content(client).send(HEADER);
                case CHUNK, CHUNKS, EMPTY_CHUNKS, REFUSED_CHUNK:
                    return envelope(client).send(begin);
                default:
                    return client.send(begin);
            }
        }
    }

    static Stream<Arguments> everyStage() {
        return Stream.of(Entrance.values())
                .flatMap(entrance -> Stream.of(Stage.values())
                        .filter(stage -> stage != Stage.AUTH || entrance.isForUsers())
                        .map(stage -> Arguments.of(entrance, stage)));
    }

    private static void drip(LineClient client, Stage stage, int times) throws IOException {
        for (int i = 0; i < times; i++) {
            client.send(stage.drip);
            siege.pass(DRIP);
        }
    }

    @ParameterizedTest
    @MethodSource("everyStage")
    void e21EndsAClientThatDripsWhenTheTimeForTheWholeIsOver(Entrance entrance, Stage stage) throws IOException {
        try (LineClient client = stage.begin(entrance)) {
            drip(client, stage, DRIPS_TOO_LATE);
            assertThat(client.untilEnd()).last().asString().startsWith("421 4.4.2 ");
        }
        siege.assertServesOthers();
    }

    @ParameterizedTest
    @MethodSource("everyStage")
    void e21HearsAClientOutThatIsSlowButInTime(Entrance entrance, Stage stage) throws IOException {
        try (LineClient client = stage.begin(entrance)) {
            drip(client, stage, DRIPS_IN_TIME);
            client.send(stage.end + "QUIT\r\n");
            assertThat(client.untilEnd())
                    .noneMatch(reply -> reply.startsWith("421 "))
                    .anyMatch(reply -> reply.startsWith(stage.reply))
                    .last()
                    .asString()
                    .startsWith("221 ");
        }
    }

    @ParameterizedTest
    @EnumSource
    void e21ServesAClientAsLongAsItGetsSomewhere(Entrance entrance) throws IOException {
        Duration most = Duration.ofSeconds(299);
        try (LineClient client = entrance.ready(siege.server)) {
            for (int i = 0; i < 5; i++) {
                siege.pass(most);
                assertInStep(client);
            }
            content(client).send(HEADER);
            for (int i = 0; i < 5; i++) {
                siege.pass(most);
                client.send((BLOCK + "\r\n").repeat(20));
            }
            client.send(".\r\n").expect("250 2.0.0 ");
        }
    }

    /** 4 KiB in a minute is in time for each block, and at that rate a message could take a week. */
    @ParameterizedTest
    @EnumSource
    void e21EndsAClientWhoseContentIsBelowTheRate(Entrance entrance) throws IOException {
        for (boolean chunked : new boolean[] {false, true}) {
            String sent = chunked ? "BDAT " + BLOCK.length() + "\r\n" + BLOCK : BLOCK;
            LineClient ready = entrance.ready(siege.server);
            try (LineClient client = chunked ? envelope(ready) : content(ready)) {
                for (int minutes = 0; minutes < 7; minutes++) {
                    client.send(sent);
                    siege.pass(Duration.ofMinutes(1));
                }
                assertThat(client.untilEnd()).last().asString().startsWith("421 4.4.2 ");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void e21EndsASessionThatGoesOnForEver(Entrance entrance) throws IOException {
        Duration most = Duration.ofMinutes(4);
        try (Siege hasty = new Siege(profile -> profile.limits(
                                profile.limits().times(SessionTimes.STANDARD.session(Duration.ofMinutes(30)))))
                        .begin();
                LineClient client = entrance.ready(hasty.server)) {
            for (int i = 0; i < 7; i++) {
                hasty.pass(most);
                assertInStep(client);
            }
            hasty.pass(most);
            client.expect("421 4.4.2 ").expectEnd();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "MX_IN_CLEAR")
    void e21ClosesOnAHandshakeThatDoesNotComeOrNotToAnEnd(Entrance entrance) throws IOException {
        for (String begun : new String[] {"", "\26", "\26\3\1\2\0\1\0\1\374"}) {
            try (LineClient client = LineClient.connect(siege.server.address(entrance.profile()))) {
                if (entrance != Entrance.SUBMISSIONS) {
                    client.expect("220 ").send("STARTTLS\r\n").expect("220 ");
                }
                client.send(begun);
                siege.pass(Duration.ofSeconds(15));
                client.send("\0".repeat(begun.length()));
                siege.pass(Duration.ofSeconds(16));
                assertThat(client.untilEnd()).isEmpty();
            }
        }
    }

    /** Until the server stops reading it gets somewhere; from then on its time runs. */
    @ParameterizedTest
    @EnumSource
    void e21AbortsAClientThatNeverReadsItsReplies(Entrance entrance) throws Exception {
        String commands = ("EHLO " + "n".repeat(60) + ".example\r\n").repeat(1000);
        try (LineClient client = entrance.openNarrow(siege.server)) {
            CompletableFuture<Void> flood = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < 1_000; i++) {
                        client.send(commands);
                    }
                    throw new AssertionError("a million commands were read");
                } catch (SocketException | SSLException e) {
                    assertThat(e).hasMessageMatching(LineClient.CLOSED);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            while (!flood.isDone()) {
                siege.pass(Duration.ofMinutes(1));
            }
            flood.get(60, TimeUnit.SECONDS);
        }
        siege.assertServesOthers();
    }
}
