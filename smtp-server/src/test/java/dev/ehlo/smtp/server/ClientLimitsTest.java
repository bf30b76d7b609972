package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.TestServers.local;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Rate;
import dev.ehlo.smtp.server.session.MailRoom;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@link ServerLimits} over sockets, from several addresses of this host and of clients that others name. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class ClientLimitsTest {
    private static final List<Network> LOOPBACK = List.of(Network.parse("127.0.0.0/8"));
    private static final String LOGIN = "EHLO x\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n";

    private final MailRoom room = new MailRoom();
    private final BlockingQueue<Refusal> refused = new LinkedBlockingQueue<>();
    private final BlockingQueue<Refusal> limited = new LinkedBlockingQueue<>();
    private final AtomicLong now = new AtomicLong();

    private SmtpServerBuilder builder(ServerLimits limits) {
        return TestServers.with(room, true)
                .limits(limits)
                .deadlineClock(now::get)
                .events(new ServerEvents() {
                    @Override
                    public void refused(Refusal reason, InetSocketAddress remote, String profile) {
                        refused.add(reason);
                    }

                    @Override
                    public void limited(SessionInfo session, Refusal reason) {
                        limited.add(reason);
                    }
                });
    }

    private SmtpServer mx(ServerLimits limits) throws IOException {
        return builder(limits).listen(local(Profile.mx())).start();
    }

    private static Refusal next(BlockingQueue<Refusal> told) throws InterruptedException {
        return told.poll(20, TimeUnit.SECONDS);
    }

    private static LineClient from(String address, SmtpServer server) throws IOException {
        return LineClient.connectFrom(address, server.address("mx"));
    }

    @Test
    void turnsAwayDeniedNetworksAndServesAllowedOnesWithin() throws Exception {
        try (SmtpServer server = mx(ServerLimits.STANDARD
                .connectionsPerAddress(1)
                .deny(List.of(Network.parse("127.0.0.0/24")))
                .allow(List.of(Network.parse("127.0.0.3"))))) {
            try (LineClient denied = from("127.0.0.2", server)) {
                denied.expect("554 5.7.1 ").expectEnd();
            }
            assertThat(next(refused)).isEqualTo(Refusal.DENIED);
            try (LineClient one = from("127.0.0.3", server);
                    LineClient two = from("127.0.0.3", server);
                    LineClient outside = from("127.0.1.2", server);
                    LineClient tooMany = from("127.0.1.2", server)) {
                one.expect("220 ");
                two.expect("220 ");
                List<String> greetings = new ArrayList<>(List.of(outside.reply(), tooMany.reply()));
                greetings.sort(null);
                assertThat(greetings.get(0)).startsWith("220 ");
                assertThat(greetings.get(1)).startsWith("421 4.7.0 ");
            }
            assertThat(next(refused)).isEqualTo(Refusal.TOO_MANY_OF_ADDRESS);
        }
    }

    @Test
    void closesDeniedNetworksWithoutAWordBeforeAHandshake() throws Exception {
        try (SmtpServer server = builder(ServerLimits.STANDARD.deny(LOOPBACK))
                        .listen(local(Profile.submissions()))
                        .start();
                LineClient denied = LineClient.connect(server.address("submissions"))) {
            denied.expectEnd();
            assertThat(next(refused)).isEqualTo(Refusal.DENIED);
        }
    }

    @Test
    void limitsHowOftenAnAddressConnects() throws Exception {
        ClientRates rates = ClientRates.UNLIMITED.connections(Rate.perMinute(3));
        try (SmtpServer server = mx(ServerLimits.STANDARD.perAddress(rates))) {
            for (int i = 0; i < 3; i++) {
                try (LineClient client = from("127.0.0.2", server)) {
                    client.expect("220 ").send("QUIT\r\n").expect("221 ").expectEnd();
                }
            }
            try (LineClient client = from("127.0.0.2", server)) {
                client.expect("421 4.7.0 ").expectEnd();
            }
            assertThat(next(refused)).isEqualTo(Refusal.CONNECTION_RATE);
            try (LineClient other = from("127.0.0.3", server)) {
                other.expect("220 ");
            }
            now.addAndGet(Duration.ofSeconds(20).toNanos());
            try (LineClient client = from("127.0.0.2", server)) {
                client.expect("220 ");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TlsMode.class,
            names = {"NONE", "IMPLICIT"})
    void countsTheClientsThatAProxyNames(TlsMode mode) throws Exception {
        ServerLimits limits = ServerLimits.STANDARD.connectionsPerNetwork(2).deny(List.of(Network.parse("10.0.0.0/8")));
        try (SmtpServer server = builder(limits)
                        .listen(local(Profile.mx().tls(mode).proxyFrom(LOOPBACK)))
                        .start();
                LineClient one = proxied("192.0.2.1", mode, server);
                LineClient two = proxied("192.0.2.2", mode, server);
                LineClient other = proxied("192.0.3.2", mode, server)) {
            one.expect("220 ");
            two.expect("220 ");
            other.expect("220 ");
            assertTurnedAway("192.0.2.3", "421 4.7.0 ", mode, server);
            assertThat(next(refused)).isEqualTo(Refusal.TOO_MANY_OF_NETWORK);
            assertTurnedAway("10.1.2.3", "554 5.7.1 ", mode, server);
            assertThat(next(refused)).isEqualTo(Refusal.DENIED);
        }
    }

    private static LineClient proxied(String address, TlsMode mode, SmtpServer server) throws IOException {
        LineClient client =
                LineClient.connect(server.address("mx")).send("PROXY TCP4 " + address + " 203.0.113.1 40007 25\r\n");
        if (mode == TlsMode.IMPLICIT) {
            client.turnToTls();
        }
        return client;
    }

    private static void assertTurnedAway(String address, String word, TlsMode mode, SmtpServer server)
            throws IOException {
        try (LineClient client = proxied(address, TlsMode.NONE, server)) {
            if (mode != TlsMode.IMPLICIT) {
                client.expect(word);
            }
            client.expectEnd();
        }
    }

    @Test
    void defersMessagesAndRecipientsBeyondTheirRates() throws Exception {
        ClientRates rates = new ClientRates(Rate.UNLIMITED, Rate.perMinute(2), Rate.perHour(3));
        try (SmtpServer server = mx(ServerLimits.STANDARD.perAddress(rates));
                LineClient client = from("127.0.0.2", server);
                LineClient other = from("127.0.0.3", server)) {
            client.expect("220 ")
                    .send("EHLO x\r\nMAIL FROM:<>\r\n")
                    .expect("250-")
                    .expect("250 ");
            client.send("RCPT TO:<a@example.org>\r\n".repeat(3))
                    .expect("250 ")
                    .expect("250 ")
                    .expect("250 ");
            client.send("RCPT TO:<a@example.org>\r\n").expect("451 4.7.1 Too many recipients, try again in 1 hour");
            assertThat(next(limited)).isEqualTo(Refusal.RECIPIENT_RATE);
            client.send("DATA\r\n").expect("354 ").send("\r\ntext\r\n.\r\n").expect("250 ");
            assertThat(room.messages)
                    .singleElement()
                    .satisfies(message ->
                            assertThat(message.envelope().recipients()).hasSize(3));
            client.send("MAIL FROM:<>\r\nRSET\r\nMAIL FROM:<>\r\n")
                    .expect("250 ")
                    .expect("250 ");
            client.expect("451 4.7.1 Too many messages, try again in 1 minute");
            assertThat(next(limited)).isEqualTo(Refusal.MESSAGE_RATE);
            other.expect("220 ")
                    .send("EHLO x\r\nMAIL FROM:<>\r\n")
                    .expect("250-")
                    .expect("250 ");
            now.addAndGet(Duration.ofSeconds(30).toNanos());
            client.send("MAIL FROM:<>\r\n").expect("250 ");
        }
    }

    @Test
    void limitsALoginOverAllItsSessions() throws Exception {
        ClientRates rates = ClientRates.UNLIMITED.messages(Rate.perHour(3));
        try (SmtpServer server = builder(ServerLimits.STANDARD.perLogin(rates))
                .listen(local(Profile.submissions()))
                .start()) {
            List<String> replies = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                try (LineClient client = LineClient.connectTls(server.address("submissions"))) {
                    client.expect("220 ").send(LOGIN).expect("250-").expect("235 ");
                    for (int message = 0; message < 2; message++) {
                        client.send("MAIL FROM:<alice@example.org>\r\n");
                        replies.add(client.reply().substring(0, 9));
                        client.send("RSET\r\n").expect("250 ");
                    }
                }
            }
            assertThat(replies).containsExactly("250 2.1.0", "250 2.1.0", "250 2.1.0", "451 4.7.1");
        }
    }

    @Test
    void neverStopsContentThatHasBegun() throws Exception {
        ClientRates rates = new ClientRates(Rate.UNLIMITED, Rate.perHour(1), Rate.perHour(1));
        try (SmtpServer server = mx(ServerLimits.STANDARD.perAddress(rates));
                LineClient client = from("127.0.0.2", server)) {
            client.expect("220 ").send("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.org>\r\n");
            client.expect("250-").expect("250 ").expect("250 ");
            client.send("BDAT 4\r\n\r\nab")
                    .expect("250 ")
                    .send("BDAT 2 LAST\r\n\r\n")
                    .expect("250 ");
            assertThat(room.messages).hasSize(1);
            client.send("MAIL FROM:<>\r\n").expect("451 4.7.1 ");
        }
    }
}
