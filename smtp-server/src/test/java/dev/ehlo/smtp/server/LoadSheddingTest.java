package dev.ehlo.smtp.server;

import static dev.ehlo.smtp.server.Siege.HEADER;
import static dev.ehlo.smtp.server.Siege.assertInStep;
import static dev.ehlo.smtp.server.Siege.envelope;
import static dev.ehlo.smtp.server.TestServers.await;
import static dev.ehlo.smtp.server.TestServers.local;
import static dev.ehlo.smtp.server.TestServers.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.server.session.MailRoom;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a server does that is short of something: who comes is sent away, then what begins, and never what has begun. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a blocked socket heeds no interrupt
class LoadSheddingTest {
    private static final String NEXT = "MAIL FROM:<alice@example.org>\r\n";

    private volatile double load;
    private final BlockingQueue<Shedding> changes = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> refused = new LinkedBlockingQueue<>();
    private final ServerEvents events = new ServerEvents() {
        @Override
        public void strained(Strain strain) {
            changes.add(strain.shedding());
        }

        @Override
        public void refused(Refusal reason, InetSocketAddress remote, String profile) {
            refused.add(reason + " on " + profile);
        }

        @Override
        public void limited(SessionInfo session, Refusal reason) {
            refused.add(reason + " in " + session.profile());
        }
    };

    private void load(SmtpServer server, double now, Shedding expected) {
        load = now;
        assertThat(server.lookAtStrain().shedding()).isEqualTo(expected);
    }

    private static void assertTurnsAway(SmtpServer server, Entrance entrance) throws IOException {
        try (LineClient late = LineClient.connect(server.address(entrance.profile()))) {
            if (entrance != Entrance.SUBMISSIONS) {
                late.expect("421 4.3.2 ");
            }
            late.expectEnd();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shedsConnectionsThenTransactionsAndNeverContent(Entrance entrance) throws IOException {
        MailRoom room = new MailRoom();
        try (SmtpServer server = with(room, true)
                        .events(events)
                        .pressure(Pressure.of("room", () -> load))
                        .listen(local(Profile.mx()))
                        .listen(local(Profile.submission()))
                        .listen(local(Profile.submissions()))
                        .start();
                LineClient first = envelope(entrance.ready(server));
                LineClient second = entrance.ready(server)) {
            load(server, 0.92, Shedding.CONNECTIONS);
            assertTurnsAway(server, entrance);
            second.send(NEXT).expect("250 2.1.0 ").send("RSET\r\n").expect("250 ");

            load(server, 0.97, Shedding.TRANSACTIONS);
            assertTurnsAway(server, entrance);
            second.send(NEXT).expect("452 4.3.1 ");
            assertInStep(second);
            first.send("RCPT TO:<c@example.org>\r\nDATA\r\n")
                    .expect("250 2.1.5 ")
                    .expect("354 ");
            first.send(HEADER + ".\r\n" + NEXT).expect("250 2.0.0 ").expect("452 4.3.1 ");
            assertThat(room.messages).hasSize(1);

            load(server, 0.88, Shedding.CONNECTIONS);
            assertTurnsAway(server, entrance);
            envelope(second).send("RSET\r\n").expect("250 ");

            load(server, 0.84, Shedding.NOTHING);
            try (LineClient late = entrance.ready(server)) {
                assertInStep(late);
            }
            assertThat(server.strain().readings())
                    .extracting(Strain.Reading::name)
                    .containsExactly("heap", "buffers", "handlers", "connections", "room");
        }
        assertThat(changes)
                .containsExactly(Shedding.CONNECTIONS, Shedding.TRANSACTIONS, Shedding.CONNECTIONS, Shedding.NOTHING);
        String on = "OVERLOAD on " + entrance.profile();
        String in = "OVERLOAD in " + entrance.profile();
        assertThat(refused).filteredOn(each -> each.startsWith("OVERLOAD")).containsExactly(on, on, in, in, on);
    }

    @Test
    void goesByWhatItSawLastWhereItCannotTell() throws IOException {
        try (SmtpServer server = with(new MailRoom(), true)
                .pressure(Pressure.of("fault", () -> {
                    if (load > 1) {
                        throw new StackOverflowError("the secret of the house");
                    }
                    return load;
                }))
                .listen(local(Profile.mx()))
                .start()) {
            load(server, 0.92, Shedding.CONNECTIONS);
            load(server, 2, Shedding.CONNECTIONS);
            load(server, Double.NaN, Shedding.CONNECTIONS);
            load(server, 0.1, Shedding.NOTHING);
        }
    }

    /** On a JVM without virtual threads as on one with them. */
    @Test
    void shedsWhenHandlersDoNotKeepUp() throws Exception {
        int sessions = 10;
        CountDownLatch asked = new CountDownLatch(sessions);
        CountDownLatch release = new CountDownLatch(1);
        SmtpHandler slow = new SmtpHandler() {
            @Override
            public Reply mail(SessionInfo session, ReversePath reversePath, EsmtpParameters parameters) {
                asked.countDown();
                await(release);
                return YES;
            }

            @Override
            public MessageSink data(SessionInfo session, Envelope envelope) throws IOException {
                throw new IOException("none");
            }
        };
        List<LineClient> clients = new ArrayList<>();
        try (SmtpServer server = with(slow, false)
                .maxHandlerBacklog(sessions)
                .listen(local(Profile.mx()))
                .start()) {
            for (int i = 0; i < sessions; i++) {
                clients.add(Entrance.MX_IN_CLEAR.ready(server));
            }
            for (LineClient client : clients) {
                client.send("MAIL FROM:<>\r\n");
            }
            await(asked);
            assertThat(server.lookAtStrain().readings())
                    .anyMatch(each -> each.name().equals("handlers") && each.shedding() == Shedding.TRANSACTIONS);
            assertTurnsAway(server, Entrance.MX_IN_CLEAR);
            release.countDown();
            for (LineClient client : clients) {
                client.expect("250 ");
            }
            // What a task still has to do after its answer is of no account to the client.
            Awaitility.await()
                    .atMost(Duration.ofSeconds(40))
                    .untilAsserted(
                            () -> assertThat(server.lookAtStrain().shedding()).isEqualTo(Shedding.NOTHING));
            Entrance.MX_IN_CLEAR.ready(server).close();
        } finally {
            for (LineClient client : clients) {
                client.close();
            }
        }
    }
}
