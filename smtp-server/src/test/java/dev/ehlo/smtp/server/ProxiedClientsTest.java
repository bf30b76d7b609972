package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.ProxyHeaderEncoder;
import dev.ehlo.smtp.codec.ProxyTlv;
import dev.ehlo.smtp.testkit.Cutter;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Attack 32 of THREATS.md, and what a proxy is for: clients behind one, over sockets, in each TLS mode. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class ProxiedClientsTest {
    private static final List<Network> LOOPBACK = List.of(Network.parse("127.0.0.0/8"));
    private static final List<Network> ELSEWHERE = List.of(Network.parse("192.0.2.0/24"));
    private static final InetSocketAddress CLIENT = new InetSocketAddress("198.51.100.7", 40007);
    private static final InetSocketAddress CLIENT_6 = new InetSocketAddress("2001:db8::7", 40007);
    private static final InetSocketAddress PORT = new InetSocketAddress("203.0.113.1", 25);
    private static final InetSocketAddress PORT_6 = new InetSocketAddress("2001:db8::1", 25);

    /** Remembers who connected. */
    private static final class Guests implements SmtpHandler {
        final BlockingQueue<SessionInfo> connected = new LinkedBlockingQueue<>();

        @Override
        public Reply connected(SessionInfo session) {
            connected.add(session);
            return YES;
        }

        @Override
        public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
            throw new IOException("no place to put it");
        }

        SessionInfo next() throws InterruptedException {
            SessionInfo next = connected.poll(20, TimeUnit.SECONDS);
            assertThat(next).isNotNull();
            return next;
        }
    }

    private final Guests guests = new Guests();

    private SmtpServerBuilder behindAProxy(TlsMode mode, List<Network> proxies) {
        return TestServers.with(guests, true)
                .listen(local(Profile.mx().tls(mode).proxyFrom(proxies)));
    }

    private static String version1(InetSocketAddress client, InetSocketAddress port) {
        ByteBuffer header = ByteBuffer.allocate(200);
        ProxyHeaderEncoder.version1(header, client, port);
        return text(header);
    }

    private static String version2(InetSocketAddress client, InetSocketAddress port, ProxyTlv... tlvs) {
        ByteBuffer header = ByteBuffer.allocate(1000);
        ProxyHeaderEncoder.version2(header, client, port, List.of(tlvs));
        return text(header);
    }

    private static String text(ByteBuffer header) {
        return ISO_8859_1.decode(header.flip()).toString();
    }

    private static LineClient greeted(SmtpServer server, TlsMode mode, String header) throws IOException {
        LineClient client = LineClient.connect(server.address("mx"));
        client.send(header);
        if (mode == TlsMode.IMPLICIT) {
            client.turnToTls();
        }
        return client.expect("220 ");
    }

    @ParameterizedTest
    @EnumSource
    void takesTheClientFromTheHeaderOfATrustedProxy(TlsMode mode) throws Exception {
        List<String> headers = new ArrayList<>();
        headers.add(version1(CLIENT, PORT));
        headers.add(version2(CLIENT, PORT));
        headers.add(version2(CLIENT, PORT, ProxyTlv.text(ProxyTlv.AUTHORITY, "mx.example.org"), ProxyTlv.checksum()));
        headers.add(version1(CLIENT_6, PORT_6));
        headers.add(version2(CLIENT_6, PORT_6));
        try (SmtpServer server = behindAProxy(mode, LOOPBACK).start()) {
            for (String header : headers) {
                try (LineClient client = greeted(server, mode, header)) {
                    SessionInfo session = guests.next();
                    assertThat(session.remoteAddress()).isIn(CLIENT, CLIENT_6);
                    assertThat(session.localAddress())
                            .isEqualTo(session.remoteAddress().equals(CLIENT) ? PORT : PORT_6);
                    assertThat(session.tls().isPresent()).isEqualTo(mode == TlsMode.IMPLICIT);
                    client.send("QUIT\r\n").expect("221 ").expectEnd();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsTheProxysAddressWhereItSpeaksForItself(TlsMode mode) throws Exception {
        ByteBuffer local = ByteBuffer.allocate(100);
        ProxyHeaderEncoder.version2Local(local);
        try (SmtpServer server = behindAProxy(mode, LOOPBACK).start()) {
            for (String header :
                    List.of("PROXY UNKNOWN\r\n", "PROXY UNKNOWN " + "\033".repeat(107 - 16) + "\r\n", text(local))) {
                try (LineClient client = greeted(server, mode, header)) {
                    assertThat(guests.next().remoteAddress().getAddress().isLoopbackAddress())
                            .isTrue();
                    client.send("QUIT\r\n").expect("221 ").expectEnd();
                }
            }
        }
    }

    @Test
    void remembersTheClientAfterStartTls() throws Exception {
        try (SmtpServer server = behindAProxy(TlsMode.STARTTLS, LOOPBACK)
                        .relayFrom(LOOPBACK)
                        .start();
                LineClient client = greeted(server, TlsMode.STARTTLS, version1(CLIENT, PORT))) {
            client.send("STARTTLS\r\n").expect("220 ");
            client.turnToTls();
            client.send("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@remote.example>\r\n");
            // The proxy's network may relay, and its client may not.
            client.expect("250-").expect("250 ").expect("550 5.7.1 ");
        }
    }

    @ParameterizedTest
    @EnumSource
    void relaysForTheClientNotForTheProxy(TlsMode mode) throws Exception {
        try (SmtpServer server = behindAProxy(mode, LOOPBACK)
                        .relayFrom(List.of(Network.parse("198.51.100.0/24")))
                        .start();
                LineClient inside = greeted(server, mode, version1(CLIENT, PORT));
                LineClient outside = greeted(server, mode, version1(CLIENT_6, PORT_6))) {
            String mail = "EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@remote.example>\r\n";
            inside.send(mail).expect("250-").expect("250 ").expect("250 ");
            outside.send(mail).expect("250-").expect("250 ").expect("550 5.7.1 ");
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "IMPLICIT")
    void takesAHeaderCutAnywhere(TlsMode mode) throws IOException {
        try (SmtpServer server = behindAProxy(mode, LOOPBACK).start()) {
            for (String header : List.of(version1(CLIENT, PORT), version2(CLIENT_6, PORT_6, ProxyTlv.checksum()))) {
                Cutter.everySplit(header.getBytes(ISO_8859_1), parts -> assertGreeted(server, parts));
                assertGreeted(server, Cutter.octetByOctet(header.getBytes(ISO_8859_1)));
            }
            assertThat(guests.connected)
                    .isNotEmpty()
                    .allSatisfy(session -> assertThat(session.remoteAddress()).isIn(CLIENT, CLIENT_6));
        }
    }

    private static void assertGreeted(SmtpServer server, List<byte[]> parts) {
        try (SegmentSocket socket = new SegmentSocket(server.address("mx"))) {
            for (byte[] part : parts) {
                socket.getOutputStream().write(part);
            }
            assertThat(socket.getInputStream().readNBytes(4)).isEqualTo("220 ".getBytes(ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void takesAHeaderAndAClientHelloInOneSegmentOrCutAnywhere() throws Exception {
        byte[] header = version1(CLIENT, PORT).getBytes(ISO_8859_1);
        try (SmtpServer server = behindAProxy(TlsMode.IMPLICIT, LOOPBACK).start()) {
            for (int cut = 0; cut < header.length + 8; cut += 5) {
                try (SegmentSocket socket = new SegmentSocket(server.address("mx"))) {
                    int at = cut;
                    boolean[] begun = new boolean[1];
                    socket.segments(written -> {
                        if (begun[0]) {
                            return List.of(written);
                        }
                        begun[0] = true;
                        ByteArrayOutputStream both = new ByteArrayOutputStream();
                        both.writeBytes(header);
                        both.writeBytes(written);
                        byte[] octets = both.toByteArray();
                        return at == 0 ? List.of(octets) : Cutter.at(octets, at);
                    });
                    try (TlsAttacker client = TlsAttacker.on(socket, "TLSv1.3")) {
                        client.expect("220 ").send("EHLO x\r\n").expect("250-");
                        assertThat(guests.next().remoteAddress()).isEqualTo(CLIENT);
                        client.send("QUIT\r\n").expect("221 ");
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void closesWithoutAWordWhereATrustedProxySendsNoHeader(TlsMode mode) throws Exception {
        String good = version2(CLIENT, PORT, ProxyTlv.text(ProxyTlv.AUTHORITY, "mx.example.org"));
        List<String> bad = List.of(
                "EHLO x\r\n",
                "\26\3\1\2\0\1\0\1\374\3\3",
                "PROXY TCP4 198.51.100.7 203.0.113.1 40007\r\n",
                "PROXY TCP4 198.51.100.7 203.0.113.1 40007 25\n",
                "PROXY TCP4 198.51.100.7 203.0.113.1 40007 65536\r\n",
                "PROXY TCP4 mx.example.org 203.0.113.1 40007 25\r\n",
                "PROXY UNKNOWN " + "x".repeat(108 - 16) + "\r\n",
                "PROXY UNKNOWN " + "x".repeat(5000),
                // The TLV is longer than the header is.
                good.replace("\2\0\16mx", "\2\0\17mx"),
                good.replace("\2\0\16mx", "\2\1\16mx"),
                // So are the addresses.
                good.substring(0, 14) + "\0\13" + good.substring(16),
                good.substring(0, 14) + "\377\377" + good.substring(16),
                good.substring(0, 12) + "\42" + good.substring(13));
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.list = new CopyOnWriteArrayList<>(); // a loop tells of an end while its lines are looked at
        Logger log = (Logger) LoggerFactory.getLogger(ServerEvents.class);
        lines.start();
        log.addAppender(lines);
        try (SmtpServer server = behindAProxy(mode, LOOPBACK).start()) {
            for (String octets : bad) {
                lines.list.clear();
                assertThat(said(server, octets)).as(octets).isEmpty();
                assertThat(lines.list)
                        .filteredOn(line -> line.getLevel() != Level.DEBUG)
                        .singleElement()
                        .satisfies(line -> {
                            assertThat(line.getLevel()).isEqualTo(Level.INFO);
                            assertThat(line.getFormattedMessage())
                                    .matches("refused=no-proxy-header client=127\\.0\\.0\\.1:\\d+ profile=mx");
                        });
            }
            try (LineClient silent = LineClient.connect(server.address("mx"))) {
                silent.send("PROXY TCP4").endOutput();
                silent.expectEnd();
            }
            // The proxies that did better are served.
            greeted(server, mode, version1(CLIENT, PORT)).close();
        } finally {
            log.detachAppender(lines);
        }
        assertThat(guests.connected).hasSize(1);
    }

    private static String said(SmtpServer server, String octets) throws IOException {
        try (SegmentSocket socket = new SegmentSocket(server.address("mx"))) {
            socket.getOutputStream().write(octets.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void takesNoHeaderFromAnybodyElse(TlsMode mode) throws Exception {
        try (SmtpServer server = behindAProxy(mode, ELSEWHERE).start()) {
            try (LineClient client = LineClient.connect(server.address("mx"))) {
                if (mode == TlsMode.IMPLICIT) {
                    client.turnToTls();
                }
                client.expect("220 ").send(version1(CLIENT, PORT)).expect("500 5.5.1 ");
                assertThat(guests.next().remoteAddress().getAddress().isLoopbackAddress())
                        .isTrue();
            }
            try (LineClient client = LineClient.connect(server.address("mx"))) {
                if (mode == TlsMode.IMPLICIT) {
                    client.send(version1(CLIENT, PORT));
                    assertThatThrownBy(client::turnToTls).isInstanceOf(IOException.class);
                } else {
                    client.expect("220 ").send(version2(CLIENT, PORT)).expectEnd();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void countsAConnectionForItsClientOnceThatIsKnown(TlsMode mode) throws Exception {
        try (SmtpServer server =
                        behindAProxy(mode, LOOPBACK).maxConnections(4, 1).start();
                LineClient one = greeted(server, mode, version1(CLIENT, PORT));
                LineClient other = greeted(server, mode, version1(CLIENT_6, PORT_6));
                LineClient proxy = greeted(server, mode, "PROXY UNKNOWN\r\n")) {
            try (LineClient many = LineClient.connect(server.address("mx"))) {
                many.send(version2(CLIENT, PORT));
                if (mode == TlsMode.IMPLICIT) {
                    many.expectEnd();
                } else {
                    many.expect("421 4.7.0 Too many connections").expectEnd();
                }
            }
            other.send("QUIT\r\n").expect("221 ").expectEnd();
            proxy.send("NOOP\r\n").expect("250 ");
            one.send("NOOP\r\n").expect("250 ");
            // The place is given back, perhaps a moment after the client has seen the end.
            for (String greeting = ""; !greeting.startsWith("220 "); ) {
                try (LineClient next = LineClient.connect(server.address("mx"))) {
                    next.send(version1(CLIENT_6, PORT_6));
                    if (mode == TlsMode.IMPLICIT) {
                        next.turnToTls();
                    }
                    greeting = next.reply();
                } catch (IOException e) {
                    assertThat(mode).isEqualTo(TlsMode.IMPLICIT);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void countsAndDrainsConnectionsThatWaitForTheirHeader(TlsMode mode) throws Exception {
        try (SmtpServer server =
                        behindAProxy(mode, LOOPBACK).maxConnections(2, 1).start();
                LineClient silent = LineClient.connect(server.address("mx"));
                LineClient slow = LineClient.connect(server.address("mx"))) {
            slow.send("PROXY ");
            while (server.connections() < 2) { // accepted on another loop
                Thread.onSpinWait();
            }
            try (LineClient many = LineClient.connect(server.address("mx"))) {
                many.expectEnd();
            }
            CompletableFuture<Void> drained = CompletableFuture.runAsync(() -> server.drain(Duration.ofSeconds(60)));
            silent.expectEnd();
            slow.expectEnd();
            drained.get(60, TimeUnit.SECONDS);
            assertThat(server.connections()).isZero();
        }
    }
}
