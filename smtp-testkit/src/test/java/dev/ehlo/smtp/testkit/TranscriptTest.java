package dev.ehlo.smtp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TranscriptTest {
    private static final String GOOD = """
            # greeting first
            S: 220 *
            C: A
            C: B *

            S: 250 ok A
            S: 250 * B *
            C> C\\x20\\r\\nQUIT\\r\\n
            S: 250 ok C\s
            S> 221 ok QUIT\\r\\n
            S= closed
            """;

    @Test
    void takesADialogueThatKeepsToTheScript() {
        Transcript.parse(GOOD).run(new EchoPeer());
    }

    @Test
    void takesItAtEveryCut() {
        AtomicInteger peers = new AtomicInteger();
        Transcript.parse(GOOD).runCut(() -> {
            peers.incrementAndGet();
            return new EchoPeer();
        });
        // Whole, octet by octet, and each cut within the flights "A\r\nB *\r\n" and "C \r\nQUIT\r\n".
        assertThat(peers).hasValue(2 + 7 + 9);
    }

    @Test
    void readsFilesAndResources(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("echo.smtp");
        Files.writeString(file, GOOD);
        Transcript.parse(file).run(new EchoPeer());
        Transcript.resource(TranscriptTest.class, "echo.smtp").run(new EchoPeer());
        assertThatThrownBy(() -> Transcript.resource(TranscriptTest.class, "no.smtp"))
                .isInstanceOf(FileNotFoundException.class);
    }

    @Test
    void tellsLineExpectedAndGot() {
        assertThatThrownBy(
                        () -> Transcript.parse("S: 220 echo\nC: A\n\nS: 250 no").run(new EchoPeer()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("transcript:4", "expected: 250 no", "got: 250 ok A");
    }

    @Test
    void escapesWhatThePeerSaid() {
        assertThatThrownBy(() -> Transcript.parse("S: 220 echo\nC> A\\0\\n\\x1b\\r\\n\nS: x")
                        .run(new EchoPeer()))
                .hasMessageContaining("got: 250 ok A\\0\\n\\x1b");
    }

    @Test
    void failsOnAReplyMissing() {
        assertThatThrownBy(() -> Transcript.parse("S: 220 echo\nS: 250").run(new EchoPeer()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("transcript:2", "got: nothing");
    }

    @Test
    void failsOnAReplyTooMuch() {
        assertThatThrownBy(() -> Transcript.parse("S: 220 echo\nC: A").run(new EchoPeer()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("got: 250 ok A\\r\\n");
        assertThatThrownBy(() -> Transcript.parse("S: 220 echo\nC: A\nS: 250 ok A\nC: B\nS: x")
                        .run(new Eager()))
                .hasMessageContainingAll("transcript:4", "no more replies before this line", "got: 250 more");
    }

    @Test
    void failsOnAPeerThatStaysOrLeavesAgainstTheScript() {
        assertThatThrownBy(() -> Transcript.parse("S: 220 echo\nS= closed").run(new EchoPeer()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("a closed connection");
        assertThatThrownBy(() ->
                        Transcript.parse("S: 220 echo\nC: QUIT\nS: 221 *\nC: A").run(new EchoPeer()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("an open connection");
    }

    @Test
    void namesTheCutThatFails() {
        assertThatThrownBy(() ->
                        Transcript.parse("S: 220 echo\nC: AB\nS: 250 ok AB").runCut(Forgetful::new))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("octet by octet: transcript:3");
    }

    @Test
    void reportsAPeerThatThrows() {
        Peer broken = new Peer() {
            @Override
            public byte[] exchange(byte[] octets) {
                if (octets.length > 0) {
                    throw new IllegalStateException("boom");
                }
                return new byte[0];
            }

            @Override
            public boolean isClosed() {
                return false;
            }
        };
        assertThatThrownBy(() -> Transcript.parse("C: A").run(broken))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("transcript:1", "boom")
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void startsTls() {
        String start = "S: 220 echo\nC: STARTTLS\nS: 250 ok STARTTLS\n-- starttls\nC: A\n";
        Transcript.parse(start + "S: 250 tls A").runCut(EchoPeer::new);
        assertThatThrownBy(() -> Transcript.parse("C: STARTTLS\n-- starttls\n").run(new EchoPeer()))
                .hasMessageContaining("no more replies before this line");
        assertThatThrownBy(() -> Transcript.parse("S: 220 echo\nC: STARTTLS\nC: B\nS: 250 ok STARTTLS\n-- starttls")
                        .run(new EchoPeer()))
                .hasMessageContainingAll("transcript:5", "nothing more in clear", "250 ok B");
    }

    @Test
    void playsTheServerAgainstAClientMachine() {
        String dialogue = "S: 220 hello\nC: EHLO *\nS: 250-a\nS: 250 b\nC: QUIT\nS: 221 *\nC= closed";
        Transcript.parse(dialogue).playedByServer().runCut(LineClient::new);
        assertThatThrownBy(() ->
                        Transcript.parse("S: 220 x\nC: HELO *").playedByServer().run(new LineClient()))
                .hasMessageContainingAll("transcript:2: in the role of the server", "got: EHLO me");
    }

    @Test
    void namesTheLineItDoesNotUnderstand() {
        for (String line : List.of("X: a", "C", "S= open", "C; x", "-- tls", "C> \\q", "C> \\x4")) {
            assertThatThrownBy(() -> Transcript.parse("# first\n" + line))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("transcript:2: ");
        }
    }

    /** Answers each exchange twice. */
    private static final class Eager implements Peer {
        private final EchoPeer echo = new EchoPeer();

        @Override
        public byte[] exchange(byte[] octets) {
            String answer = new String(echo.exchange(octets), StandardCharsets.ISO_8859_1);
            return (octets.length == 0 ? answer : answer + "250 more\r\n").getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public boolean isClosed() {
            return false;
        }
    }

    /** Loses what came before in the line: right for the whole only. */
    private static final class Forgetful implements Peer {
        private EchoPeer echo = new EchoPeer();

        @Override
        public byte[] exchange(byte[] octets) {
            byte[] answer = echo.exchange(octets);
            if (answer.length == 0) {
                echo = new EchoPeer();
                echo.exchange(octets.length == 0 ? octets : new byte[0]);
            }
            return answer;
        }

        @Override
        public boolean isClosed() {
            return false;
        }
    }

    /** A client machine: EHLO after the greeting, QUIT after that. */
    private static final class LineClient implements Peer {
        private final List<String> says = new ArrayList<>(List.of("EHLO me\r\n", "QUIT\r\n", ""));
        private String heard = "";
        private boolean closed;

        @Override
        public byte[] exchange(byte[] octets) {
            heard += new String(octets, StandardCharsets.ISO_8859_1);
            StringBuilder out = new StringBuilder();
            for (int end = heard.indexOf('\n'); end >= 0; end = heard.indexOf('\n')) {
                if (heard.charAt(3) == ' ') {
                    String line = says.remove(0);
                    closed = line.isEmpty();
                    out.append(line);
                }
                heard = heard.substring(end + 1);
            }
            return out.toString().getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public boolean isClosed() {
            return closed;
        }
    }
}
