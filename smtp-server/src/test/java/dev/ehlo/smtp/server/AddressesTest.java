package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.session.MailRoom;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who and where clients are, of both families, and by name. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class AddressesTest {
    private static final InetAddress IPV4 = address("127.0.0.1");
    private static final InetAddress IPV6 = address("::1");

    private final MailRoom room = new MailRoom();

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static void assumeIpv6() {
        boolean there;
        try (ServerSocket probe = new ServerSocket(0, 1, IPV6)) {
            there = probe.isBound();
        } catch (IOException e) {
            there = false;
        }
        assertThat(there || !"required".equals(System.getenv("EHLO_PEERS")))
                .as("this host must have ::1")
                .isTrue();
        assumeTrue(there, "this host has no ::1");
    }

    private static LineClient connect(InetAddress host, InetSocketAddress listener, Profile profile)
            throws IOException {
        InetSocketAddress address = new InetSocketAddress(host, listener.getPort());
        return profile.tls() == TlsMode.IMPLICIT ? LineClient.connectTls(address) : LineClient.connect(address);
    }

    private String traced(LineClient client) throws IOException {
        client.send("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n")
                .expect("250-")
                .expect("250 ")
                .expect("250 ")
                .expect("354 ");
        client.send(".\r\n").expect("250 ");
        String content = room.messages.get(room.messages.size() - 1).content();
        return content.substring(0, content.indexOf('\r'));
    }

    @Test
    void eachProfileListensOnBothFamiliesAtOnce() throws IOException {
        assumeIpv6();
        List<Profile> profiles = List.of(
                Profile.mx(),
                Profile.submission(),
                Profile.submissions(),
                Profile.alternateSubmission(),
                Profile.lmtp());
        SmtpServerBuilder builder = TestServers.with(room, true);
        for (Profile profile : profiles) {
            builder.listen(profile.at(new InetSocketAddress(IPV4, 0)))
                    .listen(profile.named(profile.name() + "6").at(new InetSocketAddress(IPV6, 0)));
        }
        try (SmtpServer server = builder.start()) {
            for (Profile profile : profiles) {
                connect(IPV4, server.address(profile.name()), profile)
                        .expect("220 ")
                        .close();
                connect(IPV6, server.address(profile.name() + "6"), profile)
                        .expect("220 ")
                        .close();
            }
        }
    }

    @Test
    void aWildcardTakesBothFamiliesAndSeesEachClientInItsOwn() throws Exception {
        assumeIpv6();
        BlockingQueue<SessionInfo> connected = new LinkedBlockingQueue<>();
        SmtpHandler handler = new SmtpHandler() {
            @Override
            public Reply connected(SessionInfo session) {
                connected.add(session);
                return YES;
            }

            @Override
            public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
                return room.data(session, envelope);
            }
        };
        Profile profile = Profile.mx().at(new InetSocketAddress(0));
        try (SmtpServer server = TestServers.with(handler, true)
                        .maxConnections(10, 1)
                        .listen(profile)
                        .start();
                LineClient ipv4 = connect(IPV4, server.address("mx"), profile).expect("220 ")) {
            assertThat(connected.take().remoteAddress().getAddress()).isInstanceOf(Inet4Address.class);
            // In the form of IPv6 it would lie in the same network of 64 bits as ::1.
            try (LineClient ipv6 = connect(IPV6, server.address("mx"), profile).expect("220 ")) {
                assertThat(connected.take().remoteAddress().getAddress()).isInstanceOf(Inet6Address.class);
                assertThat(traced(ipv6)).isEqualTo("Received: from c ([IPv6:0:0:0:0:0:0:0:1])");
            }
            assertThat(traced(ipv4)).isEqualTo("Received: from c ([127.0.0.1])");
            connect(IPV4, server.address("mx"), profile).expect("421 4.7.0 ").close();
        }
    }

    @Test
    void aWildcardKnowsIpv4NetworksByTheirClients() throws IOException {
        Profile profile = Profile.mx().at(new InetSocketAddress(0));
        for (String network : List.of("127.0.0.0/8", "::/0")) {
            try (SmtpServer server = TestServers.with(room, true)
                            .relayFrom(List.of(Network.parse(network)))
                            .listen(profile)
                            .start();
                    LineClient client = connect(IPV4, server.address("mx"), profile)) {
                client.expect("220 ").send("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@remote.example>\r\n");
                client.expect("250-").expect("250 ").expect(network.equals("::/0") ? "550 5.7.1 " : "250 ");
            }
        }
    }

    @Test
    void aHandlerThatAsksLearnsTheClientsNameAndSoDoesTheTrace() throws IOException {
        AtomicInteger lookUps = new AtomicInteger();
        ClientNames names = client -> {
            lookUps.incrementAndGet();
            return CompletableFuture.supplyAsync(() -> Optional.of("Mail.client.example."));
        };
        SmtpHandler asking = new SmtpHandler() {
            @Override
            public Reply hello(SessionInfo session) {
                try {
                    return session.findClientName(Duration.ofSeconds(20)).isPresent()
                            ? YES
                            : Reply.of(450, "4.7.25", "Who are you?");
                } catch (InterruptedException e) {
                    return Reply.of(421, "4.3.2", "Closing");
                }
            }

            @Override
            public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
                return room.data(session, envelope);
            }
        };
        Profile profile = Profile.mx();
        try (SmtpServer server = TestServers.with(asking, false)
                        .clientNames(names)
                        .listen(local(profile))
                        .start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            client.expect("220 ").send("EHLO c\r\n").expect("250-").send("STARTTLS\r\n");
            client.expect("220 ").turnToTls();
            assertThat(traced(client)).isEqualTo("Received: from c (mail.client.example [127.0.0.1])");
            assertThat(lookUps).hasValue(1);
        }
        try (SmtpServer server = TestServers.with(room, false)
                        .clientNames(names)
                        .listen(local(profile))
                        .start();
                LineClient client = LineClient.connect(server.address("mx"))) {
            assertThat(traced(client.expect("220 "))).isEqualTo("Received: from c ([127.0.0.1])");
        }
        assertThat(lookUps).hasValue(1);
    }
}
