package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.server.session.MailRoom;
import dev.ehlo.smtp.testkit.Cutter;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an attacker may do about STARTTLS with a server, over sockets. The names begin with the attack's number in the
 * list of RFC 3207 §4.2 and §6 that this project keeps: 1 commands injected, 3 state kept, 4 TLS stripped, 5 STARTTLS
 * out of place, 6 close_notify and then clear text, 8 another protocol; 7 is {@link TlsAttacksTest}.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class StartTlsAttacksTest {
    private static final String TRANSACTION =
            "AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nMAIL FROM:<a@x.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n";

    /** What the system says of a connection that the other side has closed or reset. */
    private static final String CLOSED = "(?i).*(reset|broken pipe).*";

    private final MailRoom room = new MailRoom();
    private SmtpServer server;

    @BeforeEach
    void start() throws IOException {
        server = serve(true);
    }

    private SmtpServer serve(boolean inline) throws IOException {
        return TestServers.with(room, inline)
                .maxConnections(10_000, 10_000)
                .listen(local(Profile.mx()))
                .listen(local(Profile.submission()))
                .listen(local(Profile.submissions()))
                .start();
    }

    /** Whatever was done to it, it serves. */
    @AfterEach
    void stop() throws IOException {
        try (SmtpServer ended = server;
                LineClient client = LineClient.connect(ended.address("mx"))) {
            client.expect("220 ").send("STARTTLS\r\n").expect("220 ");
            client.turnToTls();
            client.send("EHLO after.example\r\n")
                    .expect("250-")
                    .send("QUIT\r\n")
                    .expect("221 ");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"RSET\r\n", "EHLO x.example\r\n" + TRANSACTION, "MAIL FROM:<a@x.example>\r\n", "NOOP\r\n\0"})
    void a1AnswersNoCommandInjectedBehindStarttlsHoweverItIsCut(String injected) {
        Cutter.everySplit(octets("STARTTLS\r\n" + injected), this::assertFailsClosed);
        Cutter.everySplit(octets("EHLO c.example\r\nSTARTTLS\r\n" + injected), this::assertFailsClosed);
        assertThat(room.asked).isEmpty();
    }

    @Test
    void a1AnswersNoCommandInjectedWhereTheHandlerIsAskedOnAnotherThread() throws IOException {
        server.close();
        server = serve(false);
        String slow = "EHLO c.example\r\nMAIL FROM:<a@c.example>\r\nSTARTTLS\r\n";
        Cutter.everySplit(octets(slow + "RSET\r\n" + TRANSACTION), this::assertFailsClosed);
        assertThat(room.asked).allMatch(command -> command.startsWith("MAIL a@c.example"));
        assertThat(room.messages).isEmpty();
    }

    @Test
    void a1MakesNoHandshakeBehindAnInjectedCommand() throws IOException {
        byte[] hello = clientHello();
        for (String injected : List.of("RSET\r\n", "EHLO x.example\r\n" + TRANSACTION)) {
            assertFailsClosed(List.of(join(octets("STARTTLS\r\n" + injected), hello)));
            assertFailsClosed(List.of(octets("STARTTLS\r\n" + injected), hello));
            assertFailsClosed(List.of(octets("STARTTLS\r\n"), join(octets(injected), hello)));
        }
        // Not even the handshake itself: who can't wait for 220 may be somebody else's voice.
        assertFailsClosed(List.of(join(octets("STARTTLS\r\n"), hello)));
        assertThat(room.asked).isEmpty();
    }

    /** The octets end the connection: at most one reply to what came before STARTTLS, then 554 or an alert. */
    private void assertFailsClosed(List<byte[]> segments) {
        try (SegmentSocket socket = new SegmentSocket(server.address("mx"))) {
            // Who talks before the greeting fails because of that.
            assertThat(TlsAttacker.line(socket.getInputStream())).startsWith("220 mx");
            try {
                for (byte[] segment : segments) {
                    socket.getOutputStream().write(segment);
                }
            } catch (SocketException e) {
                assertThat(e).hasMessageMatching(CLOSED);
            }
            String said = new String(untilEnd(socket), ISO_8859_1);
            int alert = said.indexOf(SegmentSocket.ALERT + "\3");
            String clear = alert < 0 ? said : said.substring(0, alert);
            assertThat(clear)
                    .matches("(?s)(250-mx.*250 STARTTLS\r\n)?(250 2.1.0[^\r]*\r\n)?"
                            + "(554 5.5.0[^\r]*\r\n|220 2.0.0[^\r]*\r\n(\25.*)?)?");
            assertThat(said).as("a ServerHello").doesNotContain("\26\3");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a3ForgetsNameTransactionAndRecipientsOverTheUpgrade() throws IOException {
        for (String before : List.of(
                "",
                "EHLO clear.example\r\n",
                "EHLO clear.example\r\nMAIL FROM:<clear@x.example>\r\n",
                "EHLO clear.example\r\nMAIL FROM:<clear@x.example>\r\nRCPT TO:<clear@example.org>\r\n")) {
            try (LineClient client = LineClient.connect(server.address("mx"))) {
                client.expect("220 ").send(before);
                for (int i = 0; i < before.lines().count(); i++) {
                    client.expect("250");
                }
                client.send("STARTTLS\r\n").expect("220 ");
                client.turnToTls();
                client.send("MAIL FROM:<a@x.example>\r\n").expect("503 ");
                client.send("RCPT TO:<b@example.org>\r\n").expect("503 ");
                client.send("DATA\r\n")
                        .expect("503 ")
                        .send("EHLO tls.example\r\n")
                        .expect("250-");
                client.send("RCPT TO:<b@example.org>\r\n").expect("503 ");
                client.send("DATA\r\n").expect("503 ");
                client.send("MAIL FROM:<a@x.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
                client.expect("250 ").expect("250 ").expect("354 ");
                client.send("Subject: x\r\n\r\n.\r\n").expect("250 ");
            }
        }
        assertThat(room.messages).hasSize(4).allSatisfy(message -> {
            assertThat(message.envelope().reversePath()).hasToString("a@x.example");
            assertThat(message.envelope().recipients()).hasSize(1);
            assertThat(message.content()).contains("tls.example", "with ESMTPS").doesNotContain("clear");
        });
    }

    @Test
    void a4TakesNoLoginAndNoMailWhereTlsWasStripped() throws IOException {
        try (LineClient client = LineClient.connect(server.address("submission"))) {
            client.expect("220 ").send("EHLO x.example\r\n");
            assertThat(client.reply()).doesNotContain("AUTH").contains("STARTTLS");
            client.send("AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n").expect("538 ");
            client.send("MAIL FROM:<alice@example.org>\r\n").expect("530 ");
            client.send("RCPT TO:<b@example.org>\r\n").expect("530 ");
            client.send("DATA\r\n").expect("530 ");
            client.send("STARTTLS\r\n").expect("220 ");
            client.turnToTls();
            client.send("EHLO x.example\r\n");
            assertThat(client.reply()).contains("AUTH").doesNotContain("STARTTLS");
            client.send("MAIL FROM:<alice@example.org>\r\n").expect("530 ");
        }
        assertThat(room.asked).isEmpty();
    }

    @Test
    void a5RefusesStarttlsTwiceWithAnArgumentAndAfterAuth() throws IOException {
        try (LineClient client = LineClient.connect(server.address("submission"))) {
            client.expect("220 ").send("STARTTLS now\r\n").expect("501 ");
            client.send("STARTTLS\r\n").expect("220 ");
            client.turnToTls();
            client.send("STARTTLS\r\n")
                    .expect("503 ")
                    .send("EHLO x.example\r\n")
                    .expect("250-");
            client.send("STARTTLS\r\n").expect("503 ").send("STARTTLS now\r\n").expect("501 ");
            client.send("AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n").expect("235 ");
            client.send("STARTTLS\r\n").expect("503 ");
            client.send("MAIL FROM:<alice@example.org>\r\nSTARTTLS\r\nRCPT TO:<b@example.org>\r\n");
            client.expect("250 ").expect("503 ").expect("250 ");
        }
        try (LineClient client = LineClient.connectTls(server.address("submissions"))) {
            client.expect("220 ")
                    .send("STARTTLS\r\n")
                    .expect("503 ")
                    .send("QUIT\r\n")
                    .expect("221 ");
        }
    }

    @Test
    void a5TakesStarttlsInContentForContent() throws IOException {
        try (LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO x.example\r\n").expect("250-");
            client.send("MAIL FROM:<a@x.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n");
            client.expect("250 ").expect("250 ").expect("354 ");
            client.send("Subject: x\r\n\r\nSTARTTLS\r\n.\r\n").expect("250 ");
            client.send("BDAT 10\r\nSTARTTLS\r\nNOOP\r\n").expect("503 ").expect("250 ");
            client.send("MAIL FROM:<a@x.example>\r\nRCPT TO:<b@example.org>\r\n");
            client.expect("250 ").expect("250 ");
            client.send("BDAT 24\r\nSubject: x\r\n\r\nSTARTTLS\r\nBDAT 10 LAST\r\nSTARTTLS\r\nNOOP\r\n");
            client.expect("250 ").expect("250 ").expect("250 ");
            client.send("QUIT\r\n").expect("221 ").expectEnd();
        }
        assertThat(room.messages).hasSize(2);
        assertThat(room.messages.get(0).content()).endsWith("\r\n\r\nSTARTTLS\r\n");
        assertThat(room.messages.get(1).content()).endsWith("\r\n\r\nSTARTTLS\r\nSTARTTLS\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void a6NeverGoesBackToClearTextBehindCloseNotify(String protocol) throws Exception {
        for (boolean oneSegment : new boolean[] {true, false}) {
            try (SegmentSocket socket = new SegmentSocket(server.address("mx"));
                    TlsAttacker attacker = TlsAttacker.byStartTls(socket, protocol)) {
                attacker.send("EHLO x.example\r\n").expect("250-");
                attacker.send("MAIL FROM:<a@x.example>\r\n").expect("250 ");
                attacker.send("RCPT TO:<b@example.org>\r\n").expect("250 ");
                attacker.send("DATA\r\n").expect("354 ");
                if (oneSegment) {
                    socket.hold();
                }
                attacker.send("Subject: half\r\n\r\nhalf\r\n");
                attacker.tls().shutdownOutput();
                socket.getOutputStream().write(octets(".\r\nMAIL FROM:<evil@x.example>\r\n"));
                if (oneSegment) {
                    socket.release();
                }
                assertThat(new String(untilEnd(socket), ISO_8859_1)).doesNotContain("250 ", "221 ", "421 ");
            }
            assertThat(room.aborted.poll(20, TimeUnit.SECONDS)).isNotNull();
            assertThat(room.messages).isEmpty();
            assertThat(room.asked).noneMatch(command -> command.contains("evil"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void a6ForgetsABodyThatWasCutOffWithOrWithoutCloseNotify(String protocol) throws Exception {
        for (boolean closeNotify : new boolean[] {true, false}) {
            try (SegmentSocket socket = new SegmentSocket(server.address("mx"));
                    TlsAttacker attacker = TlsAttacker.byStartTls(socket, protocol)) {
                attacker.send("EHLO x.example\r\n").expect("250-");
                attacker.send("MAIL FROM:<a@x.example>\r\n").expect("250 ");
                attacker.send("RCPT TO:<b@example.org>\r\n").expect("250 ");
                attacker.send("DATA\r\n").expect("354 ").send("Subject: half\r\n\r\nhalf\r\n.");
                if (closeNotify) {
                    attacker.tls().shutdownOutput();
                }
                socket.shutdownOutput();
                assertThat(room.aborted.poll(20, TimeUnit.SECONDS)).isNotNull();
                assertThat(new String(untilEnd(socket), ISO_8859_1)).doesNotContain("250 ");
            }
            assertThat(room.messages).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS"})
    void a8ClosesOnHttpInClearAndUnderTls(String method) throws IOException {
        String request = method + " / HTTP/1.1\r\nHost: x\r\n\r\nEHLO x.example\r\nMAIL FROM:<a@x.example>\r\n";
        Cutter.everySplit(octets(request), parts -> assertClosedBehindTheGreeting("mx", parts));
        assertClosedUnderTls("submissions", request);
        assertClosedUnderTls("mx", request);
        assertThat(room.asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\0",
                "\r\n",
                "\26\3\1\2\0\1",
                "1EHLO x\r\n",
                " EHLO x\r\n",
                "\200\56\1\0\2",
                "{\"a\":1}\r\n",
                "\377\364"
            })
    void a8ClosesOnAFirstOctetThatIsNoLetter(String octets) throws IOException {
        String first = octets + "EHLO x.example\r\nMAIL FROM:<a@x.example>\r\n";
        assertClosedBehindTheGreeting("mx", List.of(octets(first)));
        assertClosedBehindTheGreeting("submission", Cutter.octetByOctet(octets(first)));
        assertClosedUnderTls("submissions", first);
        assertClosedUnderTls("mx", first);
        assertThat(room.asked).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void a8MakesNoHandshakeWithAClientThatMeansAnotherProtocol(String protocol) throws IOException {
        for (String profile : List.of("mx", "submissions")) {
            try (SegmentSocket socket = new SegmentSocket(server.address(profile))) {
                assertThatThrownBy(() -> TlsAttacker.to(socket, profile, protocol, "h2", "http/1.1"))
                        .isInstanceOf(SSLException.class)
                        .hasMessageContaining("no_application_protocol");
            }
            try (SegmentSocket socket = new SegmentSocket(server.address(profile));
                    TlsAttacker peer = TlsAttacker.to(socket, profile, protocol, "h2", "smtp")) {
                assertThat(peer.tls().getApplicationProtocol()).isEqualTo("smtp");
            }
        }
    }

    private void assertClosedBehindTheGreeting(String profile, List<byte[]> segments) {
        try (SegmentSocket socket = new SegmentSocket(server.address(profile))) {
            for (byte[] segment : segments) {
                socket.getOutputStream().write(segment);
            }
            assertThat(new String(untilEnd(socket), ISO_8859_1)).matches("(220 mx[^\r]*\r\n)?");
        } catch (SocketException e) {
            assertThat(e).hasMessageMatching(CLOSED);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertClosedUnderTls(String profile, String text) throws IOException {
        try (SegmentSocket socket = new SegmentSocket(server.address(profile));
                TlsAttacker attacker = TlsAttacker.to(socket, profile, "TLSv1.3")) {
            if (profile.equals("submissions")) {
                attacker.expect("220 ");
            }
            attacker.send(text);
            assertThat(attacker.untilEnd()).isEmpty();
        }
    }

    /** What came until the end, by FIN or by reset. */
    private static byte[] untilEnd(SegmentSocket socket) throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        byte[] octets = new byte[4096];
        try {
            for (int count = in.read(octets); count >= 0; count = in.read(octets)) {
                said.write(octets, 0, count);
            }
        } catch (SocketException e) {
            assertThat(e).hasMessageMatching(CLOSED);
        }
        return said.toByteArray();
    }

    private static byte[] clientHello() throws SSLException {
        SSLEngine engine =
                TlsContext.client(ClientTrust.insecure(), "mx.example.org").newEngine();
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        byte[] octets = new byte[hello.position()];
        hello.flip().get(octets);
        return octets;
    }

    private static byte[] join(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(first);
        both.writeBytes(second);
        return both.toByteArray();
    }

    private static byte[] octets(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
