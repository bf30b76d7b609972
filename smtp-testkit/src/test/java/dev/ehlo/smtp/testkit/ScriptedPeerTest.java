package dev.ehlo.smtp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Reply;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ScriptedPeerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final Reply NO_SUCH_USER = Reply.of(550, "5.1.1", "no such user");
    private static final Reply LATER = Reply.of(451, "4.3.0", "later");
    private static final String HELLO = """
            S: 220 *
            C: EHLO client.example
            S: 250-peer.example
            S: 250-PIPELINING
            S: 250-SIZE 0
            S: 250-8BITMIME
            S: 250-SMTPUTF8
            S: 250-ENHANCEDSTATUSCODES
            S: 250 DSN
            """;
    private static final String MESSAGE = """
            C: MAIL FROM:<a@example.org> SIZE=3
            C: RCPT TO:<bob@example.net>
            C: RCPT TO:<"x>y"@example.net>
            C: DATA
            S: 250 2.1.0 *
            S: 250 2.1.5 *
            S: 250 2.1.5 *
            S: 354 *
            C: Subject: dots
            C:
            C: ..
            C: ...b
            C> \\xe4\\0\\r\\n.\\r\\n
            S: 250 2.0.0 *
            """;
    private static final String QUIT = "C: QUIT\nS: 221 *\nS= closed\n";

    private static void run(ScriptedPeer peer, String dialogue) throws Exception {
        Transcript.parse(dialogue).run(peer.address());
    }

    @Test
    void acceptsAMessageAndRemembersIt() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            run(peer, HELLO + MESSAGE + QUIT);
            ReceivedMessage message = peer.awaitMessage(PATIENCE);
            assertThat(message.reversePath()).isEqualTo("a@example.org");
            assertThat(message.recipients()).containsExactly("bob@example.net", "\"x>y\"@example.net");
            assertThat(message.mail()).isEqualTo("MAIL FROM:<a@example.org> SIZE=3");
            assertThat(message.content())
                    .isEqualTo("Subject: dots\r\n\r\n.\r\n..b\r\n\u00e4\0\r\n".getBytes(StandardCharsets.ISO_8859_1));
            assertThat(peer.commands())
                    .hasSize(6)
                    .startsWith("EHLO client.example")
                    .endsWith("QUIT");
            assertThat(peer.awaitSessions(1, PATIENCE).get(0).cause()).isEmpty();
        }
    }

    @Test
    void takesAnEmptyMessageAndMoreOnOneConnection() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            String empty = "C: MAIL FROM:<>\nS: 250 *\nC: RCPT TO:<b@c>\nS: 250 *\nC: DATA\nS: 354 *\nC: .\nS: 250 *\n";
            run(peer, HELLO + empty + MESSAGE + empty + QUIT);
            assertThat(peer.awaitMessages(3, PATIENCE))
                    .extracting(message -> message.content().length)
                    .containsExactly(0, 29, 0);
        }
    }

    @Test
    void keepsTheOrderOfCommands() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            run(peer, """
            S: 220 *
            C: MAIL FROM:<a@b>
            S: 503 *
            C: HELO x
            S: 250 *
            C: RCPT TO:<a@b>
            S: 503 *
            C: DATA
            S: 503 *
            C: MAIL FROM:<a@b>
            C: MAIL FROM:<a@b>
            S: 250 *
            S: 503 *
            C: DATA
            S: 554 *
            C: RSET
            S: 250 *
            C: RCPT TO:<a@b>
            S: 503 *
            C: MAIL FROM:a@b
            S: 501 *
            C: NOOP
            C: VRFY x
            C: WHAT
            S: 250 *
            S: 252 *
            S: 500 *
            C: STARTTLS
            S: 502 *
            """ + QUIT);

            assertThat(peer.messages()).isEmpty();
        }
    }

    @Test
    void refusesOneRecipientAndTakesTheOther() throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().refuse("BOB@*", NO_SUCH_USER).start()) {
            run(peer, HELLO + MESSAGE.replaceFirst("S: 250 2.1.5 \\*", "S: 550 5.1.1 no such user") + QUIT);
            assertThat(peer.awaitMessage(PATIENCE).recipients()).containsExactly("\"x>y\"@example.net");
        }
    }

    @Test
    void refusesContentOnceAndThenTakesIt() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .endOfData(Fault.reply(LATER).once())
                .fault("DATA", Fault.reply(LATER).times(1))
                .start()) {
            String refused = MESSAGE.substring(0, MESSAGE.indexOf("S: 354"));
            run(
                    peer,
                    HELLO + refused + "S: 451 4.3.0 later\nC: RSET\nS: 250 *\n"
                            + MESSAGE.replace("S: 250 2.0.0 *", "S: 451 4.3.0 later") + MESSAGE + QUIT);
            assertThat(peer.messages()).hasSize(1);
        }
    }

    @Test
    void endsTheConnectionAsToldAndKeepsTheMessageThatWasWhole() throws Exception {
        String noReply = MESSAGE.replace("S: 250 2.0.0 *", "S= closed");
        for (Fault fault : List.of(Fault.drop(), Fault.reset(), Fault.close())) {
            try (ScriptedPeer peer =
                    ScriptedPeer.builder().endOfData(fault.once()).start()) {
                run(peer, HELLO + noReply);
                assertThat(peer.awaitMessage(PATIENCE).reversePath()).isEqualTo("a@example.org");
                run(peer, HELLO + MESSAGE + QUIT);
                assertThat(peer.awaitMessages(2, PATIENCE)).hasSize(2);
            }
        }
    }

    @Test
    void greetsAsToldAndClosesAfter421() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .greeting(Fault.reply(Reply.of(554, "no")).once())
                .greeting(Fault.reply(Reply.of(421, "busy")).once())
                .start()) {
            run(peer, "S: 554 no\nC: QUIT\nS: 221 *\nS= closed");
            run(peer, "S: 421 busy\nS= closed");
            run(peer, HELLO);
        }
    }

    @Test
    void holdsAReplyUntilLetGo() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        try (ScriptedPeer peer =
                ScriptedPeer.builder().endOfData(Fault.hold(latch)).start()) {
            CompletableFuture<Void> client = CompletableFuture.runAsync(() -> {
                try {
                    run(peer, HELLO + MESSAGE + QUIT);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            peer.awaitCommand("DATA", PATIENCE);
            assertThat(peer.messages()).isEmpty();
            latch.countDown();
            client.get();
            assertThat(peer.messages()).hasSize(1);
        }
    }

    @Test
    void tellsOfAClientThatDoesNotWait() throws Exception {
        ScriptedPeer peer = ScriptedPeer.accepting();
        run(peer, "S: 220 *\nC: EHLO x\nC: NOOP\nS= closed");
        assertThatThrownBy(peer::close)
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("did not wait for the reply to EHLO", "NOOP\\r\\n");
    }

    @Test
    void saysWhatCameInsteadOfWhatWasAwaited() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            run(peer, HELLO + QUIT);
            assertThatThrownBy(() -> peer.awaitMessages(1, Duration.ofMillis(1)))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContainingAll("1 messages", "EHLO client.example, QUIT");
        }
    }

    @Test
    void wantsALogin() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .login("joe", "secret")
                .extensions("SIZE 10")
                .start()) {
            String hello = "S: 220 *\nC: EHLO x\nS: 250-*\nS: 250-SIZE 10\nS: 250 AUTH PLAIN LOGIN\n";
            // NUL joe NUL secret, NUL joe NUL wrong.
            run(peer, hello + """
            C: MAIL FROM:<a@b>
            S: 530 *
            C: AUTH PLAIN AGpvZQB3cm9uZw==
            S: 535 *
            C: AUTH PLAIN AGpvZQBzZWNyZXQ=
            S: 235 *
            C: MAIL FROM:<a@b>
            S: 250 *
            """);
            run(peer, hello + "C: AUTH PLAIN\nS: 334 \nC: AGpvZQBzZWNyZXQ=\nS: 235 *\n");
            run(
                    peer,
                    hello
                            + "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: am9l\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0\nS: 235 *\n");
            run(peer, hello + "C: AUTH PLAIN *\nS: 535 *\nC: AUTH CRAM-MD5\nS: 504 *\n" + QUIT);
        }
    }

    @Test
    void playsScriptsFirstAndThenAccepts() throws Exception {
        CountDownLatch latch = new CountDownLatch(1);
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .script(Script.begin()
                        .reply("220 one")
                        .expect("EHLO *")
                        .reply("250-a", "250 b")
                        .drop())
                .script(Script.begin()
                        .reply("220 two")
                        .expect("HELO *")
                        .hold(latch)
                        .reply("250 a")
                        .accept())
                .start()) {
            run(peer, "S: 220 one\nC: EHLO x\nS: 250-a\nS: 250 b\nS= closed");
            latch.countDown();
            run(
                    peer,
                    "S: 220 two\nC: HELO x\nS: 250 a\nC: EHLO x\n" + HELLO.substring(HELLO.indexOf("S: 250-")) + QUIT);
            peer.awaitScripts(PATIENCE);
            run(peer, HELLO + MESSAGE + QUIT);
            assertThat(peer.awaitMessages(1, PATIENCE)).hasSize(1);
        }
    }

    @Test
    void playsTranscriptsAndMakesOutTheirMessages() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.playing(
                Transcript.parse(HELLO + MESSAGE + QUIT),
                Transcript.parse("S: 220 x\nC: EHLO *\nS> 250-evil\\n250 y\\r\\n\nC= closed"))) {
            run(peer, HELLO + MESSAGE + QUIT);
            assertThat(peer.messages().get(0).text()).startsWith("Subject: dots\r\n\r\n.\r\n..b\r\n");
            run(peer, "S: 220 x\nC: EHLO me\nS> 250-evil\\n250 y\\r\\n\nC= closed");
            peer.awaitScripts(PATIENCE);
        }
    }

    @Test
    void takesContentOfWhateverFormInAScript() throws Exception {
        Script script = Script.begin()
                .reply("220 x")
                .expect("DATA")
                .reply("354 go")
                .expectContent()
                .reply("250 ok");
        try (ScriptedPeer peer = ScriptedPeer.builder().script(script).start()) {
            run(peer, "S: 220 x\nC: DATA\nS: 354 go\nC> a\\n.\\n..\\rb\\r\\n..\\r\\n.\\r\\n\nS: 250 ok\nS= closed");
            assertThat(peer.awaitMessage(PATIENCE).text()).isEqualTo("a\n.\n..\rb\r\n.\r\n");
        }
    }

    @Test
    void tellsWhereAClientLeftItsScript() throws Exception {
        ScriptedPeer peer = ScriptedPeer.builder()
                .script(Script.begin().reply("220 x").expect("EHLO *"))
                .start();
        run(peer, "S: 220 x\nC: HELO you\nS= closed");
        assertThatThrownBy(() -> peer.awaitScripts(PATIENCE))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("script:2: in the role of the server", "EHLO *", "HELO you");
        assertThatThrownBy(peer::close).isInstanceOf(AssertionError.class);
    }

    @Test
    void tellsOfAClientThatLeftEarlyOnlyWhenAsked() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .script(Script.begin().reply("220 x").expect("EHLO *"))
                .start()) {
            run(peer, "S: 220 x\nC= closed");
            assertThatThrownBy(() -> peer.awaitScripts(PATIENCE)).hasMessageContaining("got: closed");
        }
    }

    @Test
    void serves20ClientsAtOnce() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            ExecutorService threads = Executors.newFixedThreadPool(20);
            for (int i = 0; i < 20; i++) {
                clients.add(CompletableFuture.runAsync(
                        () -> {
                            try {
                                run(peer, HELLO + MESSAGE + MESSAGE + QUIT);
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        threads));
            }
            assertThat(peer.awaitMessages(40, PATIENCE)).hasSize(40);
            CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new)).get();
            threads.shutdown();
            assertThat(peer.sessions()).hasSize(20);
        }
    }

    @Test
    void cutsOffWhoeverIsConnectedWhenClosed() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        ScriptedPeer peer =
                ScriptedPeer.builder().fault("EHLO *", Fault.hold(never)).start();
        try (Socket client = new Socket(peer.address().getAddress(), peer.port())) {
            client.getOutputStream().write("EHLO x\r\n".getBytes(StandardCharsets.US_ASCII));
            peer.awaitCommand("EHLO x", PATIENCE);
            peer.close();
            client.setSoTimeout(10_000);
            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("220 peer.example ESMTP\r\n");
        }
    }

    @Test
    void refusesNonsenseInItsSetUp() {
        assertThatThrownBy(() -> Fault.drop().times(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Script.begin().accept().drop()).isInstanceOf(IllegalStateException.class);
    }
}
