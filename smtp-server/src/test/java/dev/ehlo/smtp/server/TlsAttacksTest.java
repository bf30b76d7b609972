package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.server.session.MailRoom;
import dev.ehlo.smtp.testkit.Cutter;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Attack 7 of the list that {@link StartTlsAttacksTest} tells of: TLS itself, sent to a server in ways that no honest
 * client would. That a handshake has a deadline of its own is shown in smtp-tls, with a clock of the test's.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class TlsAttacksTest {
    /** More than the socket buffers of both sides hold. */
    private static final int FLOOD_OCTETS = 64 << 20;

    private SmtpServer server;

    @BeforeEach
    void start() throws IOException {
        server = TestServers.with(new MailRoom(), true)
                .listen(local(Profile.mx()))
                .listen(local(Profile.submissions()))
                .listen(local(Profile.submissions().named("others")))
                .start();
    }

    /** Whatever was done to it, it serves. */
    @AfterEach
    void stop() throws IOException {
        try (SmtpServer ended = server;
                LineClient client = LineClient.connectTls(ended.address("submissions"))) {
            client.expect("220 ").send("QUIT\r\n").expect("221 ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mx", "submissions"})
    void a7ReadsNoClientHelloThatClaimsAHugeLength(String profile) throws Exception {
        byte[] record = new byte[5 + 1000];
        System.arraycopy(new byte[] {SegmentSocket.HANDSHAKE, 3, 1, 3, (byte) 0xe8, 1, -1, -1, -1}, 0, record, 0, 9);
        try (SegmentSocket socket = new SegmentSocket(server.address(profile))) {
            if (profile.equals("mx")) {
                TlsAttacker.startTls(socket);
            }
            assertThatThrownBy(() -> flood(socket, record)).isInstanceOf(SocketException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, mx", "TLSv1.3, mx", "TLSv1.2, submissions", "TLSv1.3, submissions"})
    void a7TakesAHandshakeInSegmentsAndInRecordsOfOneOctet(String protocol, String profile) throws IOException {
        try (SegmentSocket socket = new SegmentSocket(server.address(profile))) {
            socket.segments(Cutter::octetByOctet);
            assertServed(TlsAttacker.to(socket, profile, protocol), profile);
        }
        try (SegmentSocket socket = new SegmentSocket(server.address(profile))) {
            socket.segments(written ->
                    written[0] == SegmentSocket.HANDSHAKE && written[5] == 1 // a ClientHello: what follows is encrypted
                            ? SegmentSocket.recordsOfOneOctet(written)
                            : Cutter.random(written, 7));
            assertServed(TlsAttacker.to(socket, profile, protocol), profile);
        }
    }

    private static void assertServed(TlsAttacker client, String profile) throws IOException {
        try (client) {
            if (profile.equals("submissions")) {
                client.expect("220 ");
            }
            client.send("EHLO x.example\r\n").expect("250-").send("QUIT\r\n").expect("221 ");
            assertThat(client.untilEnd()).isEmpty();
        }
    }

    @Test
    void a7EndsARenegotiation() throws IOException {
        try (SegmentSocket socket = new SegmentSocket(server.address("submissions"));
                TlsAttacker attacker = TlsAttacker.to(socket, "submissions", "TLSv1.2")) {
            attacker.expect("220 ").send("NOOP\r\n").expect("250 ");
            attacker.tls().startHandshake();
            assertThatThrownBy(() -> attacker.send("NOOP\r\n").expect("250 "))
                    .isInstanceOfAny(IOException.class, AssertionError.class);
        }
    }

    /** Each asks for one back; it's the attacker who has to read them in the end. */
    @Test
    void a7EndsAFloodOfKeyUpdates() throws Exception {
        try (SegmentSocket socket = new SegmentSocket(server.address("submissions"));
                TlsAttacker attacker = TlsAttacker.to(socket, "submissions", "TLSv1.3")) {
            attacker.expect("220 ");
            CompletableFuture<Void> ended = CompletableFuture.runAsync(() -> {
                try {
                    attacker.untilEnd();
                } catch (IOException e) {
                    assertThat(e).isInstanceOfAny(SocketException.class, SSLException.class);
                }
            });
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 1_000_000; i++) {
                            attacker.tls().startHandshake();
                        }
                    })
                    .isInstanceOf(IOException.class);
            ended.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void a7ResumesNoSessionOfAnotherListener() throws Exception {
        TlsContext client = TlsContext.client(ClientTrust.insecure(), "localhost");
        try (Reactor reactor = Reactor.start("tls-attacks-test", 1)) {
            assertThat(resumes(reactor, "submissions", client)).isFalse();
            assertThat(resumes(reactor, "submissions", client)).isTrue();
            assertThat(resumes(reactor, "others", client)).isFalse();
            assertThat(resumes(reactor, "others", client)).isTrue();
        }
    }

    private boolean resumes(Reactor reactor, String profile, TlsContext client) throws Exception {
        CompletableFuture<Boolean> resumed = new CompletableFuture<>();
        reactor.connect(server.address(profile), TimeUnit.SECONDS.toNanos(20), client, new ConnectionHandler() {
            private boolean isResumed;

            @Override
            public void opened(Connection connection) {
                isResumed = connection.tls().orElseThrow().resumed();
            }

            // The greeting, which comes behind the ticket.
            @Override
            public void received(Connection connection, ByteBuffer in) {
                in.position(in.limit());
                connection.close();
            }

            @Override
            public void deadlineReached(Connection connection) {}

            @Override
            public void closed(Connection connection, CloseCause cause) {
                resumed.complete(isResumed);
            }
        });
        return resumed.get(20, TimeUnit.SECONDS);
    }

    private static void flood(SegmentSocket socket, byte[] record) throws IOException {
        OutputStream out = socket.getOutputStream();
        for (int sent = 0; sent < FLOOD_OCTETS; sent += record.length) {
            out.write(record);
        }
    }
}
