package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ReceivedSession;
import dev.ehlo.smtp.testkit.Script;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many connections there are, and who waits for one, over real sockets. */
@Timeout(60)
class ConnectionLimitsTest extends ClientRig {
    @Test
    void manyDeliveriesGoByFewConnectionsInTheOrderTheyWereAskedFor() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            assertRelayed(deliver(warm(peer, most(1)), 0, 99));
            assertThat(peer.sessions()).hasSize(1);
            assertThat(peer.messages().subList(1, 100))
                    .extracting(ReceivedMessage::reversePath)
                    .containsExactlyElementsOf(IntStream.range(0, 99)
                            .mapToObj(i -> "a" + i + "@example.org")
                            .toList());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void theLimitIsTheDestinationsHoweverManyLoopsThereAre(int most) throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().endOfData(Fault.hold(held)).start()) {
            List<CompletableFuture<DeliveryReport>> all = deliver(to(peer, client(most(most), 3)), 0, 30);
            assertThat(greeted.tryAcquire(most, 20, TimeUnit.SECONDS)).isTrue();
            assertThat(peer.sessions()).hasSize(most);
            held.countDown();
            assertRelayed(all);
            assertThat(peer.sessions()).hasSizeBetween(1, most);
            assertThat(peer.messages())
                    .extracting(ReceivedMessage::reversePath)
                    .doesNotHaveDuplicates()
                    .hasSize(30);
        }
    }

    @Test
    void whoWaitsTooLongIsNotSentAndTheOthersGoOn() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .fault("MAIL FROM:<a0@*", Fault.hold(held))
                .start()) {
            DeliveryAgent agent = warm(peer, most(1).waiting(10, Duration.ofSeconds(60)));
            CompletableFuture<DeliveryReport> first = deliver(agent, 0);
            CompletableFuture<DeliveryReport> second = deliver(agent, 1);
            awaitLoop();
            clock.advance(Duration.ofSeconds(20));
            CompletableFuture<DeliveryReport> third = deliver(agent, 2);
            awaitLoop();
            clock.advance(Duration.ofSeconds(41));
            CompletableFuture<DeliveryReport> fourth = deliver(agent, 3);
            RecipientOutcome late = outcome(second);
            assertThat(late.status()).isEqualTo(NOT_SENT);
            assertThat(late.reply()).hasToString("451 4.4.5 no connection became free in time with 127.0.0.1");
            assertThat(third).isNotDone();
            held.countDown();
            assertRelayed(List.of(first, third, fourth));
        }
    }

    @Test
    void whoComesWhenTooManyWaitIsNotSentAtOnce() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .fault("MAIL FROM:<a0@*", Fault.hold(held))
                .start()) {
            DeliveryAgent agent = warm(peer, most(1).waiting(2, Duration.ofSeconds(60)));
            List<CompletableFuture<DeliveryReport>> three = deliver(agent, 0, 3);
            assertThat(status(deliver(agent, 3))).isEqualTo(NOT_SENT);
            held.countDown();
            assertRelayed(three);
        }
    }

    @Test
    void whoIsGivenUpWhileWaitingMakesRoomAtOnce() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .fault("MAIL FROM:<a0@*", Fault.hold(held))
                .start()) {
            DeliveryAgent agent = warm(peer, most(1).waiting(1, Duration.ofSeconds(60)));
            CompletableFuture<DeliveryReport> first = deliver(agent, 0);
            CompletableFuture<DeliveryReport> second = deliver(agent, 1);
            assertThat(status(deliver(agent, 2))).isEqualTo(NOT_SENT);
            assertThat(second.cancel(true)).isTrue();
            CompletableFuture<DeliveryReport> third = deliver(agent, 3);
            held.countDown();
            assertRelayed(List.of(first, third));
            assertThat(peer.messages()).hasSize(3);
        }
    }

    @Test
    void whoWaitsIsToldAtOnceWhenTheClientIsClosed() throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().fault("MAIL *", Fault.hold(held)).start()) {
            SmtpClient client = client(most(1), 1);
            List<CompletableFuture<DeliveryReport>> all = deliver(to(peer, client), 0, 3);
            peer.awaitCommand("MAIL *", PATIENCE);
            client.close();
            assertThat(all).allMatch(CompletableFuture::isDone);
            assertThat(status(all.get(2))).isEqualTo(NOT_SENT);
        }
    }

    @Test
    void anIdleConnectionIsLeftForAnotherDestinationWhereThereAreTooManyInAll() throws Exception {
        try (ScriptedPeer one = ScriptedPeer.accepting();
                ScriptedPeer other = ScriptedPeer.accepting()) {
            SmtpClient client = client(ConnectionLimits.standard().inAll(1), 1);
            for (int round = 0; round < 3; round++) {
                assertRelayed(deliver(to(one, client), 0, 5));
                assertRelayed(deliver(to(other, client), 0, 5));
            }
            assertThat(one.awaitSessions(3, PATIENCE))
                    .hasSize(3)
                    .allMatch(session -> session.commands().contains("QUIT"));
            assertThat(other.sessions()).hasSize(3);
        }
    }

    @Test
    void aServerThatTurnsMoreConnectionsAwayIsServedByThoseItTook() throws Exception {
        CountDownLatch later = new CountDownLatch(1);
        Script taken = Script.begin().hold(held).reply("220 mx.example").accept();
        Script turnedAway = Script.begin().hold(later).reply("421 4.7.0 too many connections");
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .script(taken)
                .script(taken)
                .script(turnedAway)
                .script(turnedAway)
                .script(turnedAway)
                .start()) {
            List<CompletableFuture<DeliveryReport>> all = deliver(to(peer, most(5)), 0, 50);
            await().atMost(PATIENCE).until(() -> peer.sessions().size() == 5);
            later.countDown();
            peer.awaitSessions(3, PATIENCE);
            held.countDown();
            assertRelayed(all);
            assertThat(peer.sessions()).hasSize(5);
            assertThat(peer.messages()).hasSize(50);
        }
    }

    @Test
    void whoIsTurnedAwayGoesByAConnectionThatIsIdleByThen() throws Exception {
        CountDownLatch later = new CountDownLatch(1);
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .script(Script.begin().hold(held).reply("220 mx.example").accept())
                .script(Script.begin().hold(later).reply("421 4.7.0 one at a time"))
                .start()) {
            DeliveryAgent agent = to(peer, most(2));
            CompletableFuture<DeliveryReport> first = deliver(agent, 0);
            CompletableFuture<DeliveryReport> second = deliver(agent, 1);
            await().atMost(PATIENCE).until(() -> peer.sessions().size() == 2);
            held.countDown();
            assertThat(status(first)).isEqualTo(RELAYED);
            awaitLoop();
            assertThat(second).isNotDone();
            later.countDown();
            assertThat(status(second)).isEqualTo(RELAYED);
            assertThat(peer.sessions()).hasSize(2);
        }
    }

    @Test
    void moreConnectionsAreTriedAgainAfterAWhile() throws Exception {
        CountDownLatch later = new CountDownLatch(1);
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .script(Script.begin().hold(held).reply("220 mx.example").accept())
                .greeting(Fault.reply(Reply.of(421, "4.7.0", "one at a time")).once())
                .fault("MAIL FROM:<a2@*", Fault.hold(later))
                .start()) {
            DeliveryAgent agent = to(peer, most(2));
            List<CompletableFuture<DeliveryReport>> two = deliver(agent, 0, 2);
            peer.awaitSessions(1, PATIENCE);
            held.countDown();
            assertRelayed(two);
            CompletableFuture<DeliveryReport> slow = deliver(agent, 2);
            peer.awaitCommand("MAIL FROM:<a2@*", PATIENCE);
            CompletableFuture<DeliveryReport> waiting = deliver(agent, 3);
            clock.advance(Duration.ofNanos(Pool.CAUTION_NANOS));
            assertRelayed(List.of(deliver(agent, 4), waiting));
            later.countDown();
            assertThat(status(slow)).isEqualTo(RELAYED);
            assertThat(peer.sessions()).hasSize(3);
        }
    }

    @Test
    void aServerThatTakesNobodySpeaksForAllWhoWait() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .greeting(Fault.hold(held))
                .greeting(Fault.reply(Reply.of(421, "4.3.2", "closed for today")))
                .start()) {
            List<CompletableFuture<DeliveryReport>> all = deliver(to(peer, most(2)), 0, 20);
            held.countDown();
            for (CompletableFuture<DeliveryReport> each : all) {
                assertThat(outcome(each).status()).isEqualTo(DEFERRED);
                assertThat(outcome(each).reply().code()).isEqualTo(421);
            }
            assertThat(peer.sessions()).as("nobody knocks for each message").hasSizeLessThan(20);
        }
    }

    @Test
    void aConnectionThatAllIsLeftByMakesRoomForANewOne() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .extensions("PIPELINING", "LIMITS MAILMAX=1")
                .start()) {
            assertRelayed(deliver(to(peer, most(1)), 0, 10));
            assertThat(peer.awaitSessions(9, PATIENCE))
                    .hasSize(10)
                    .filteredOn(ReceivedSession::isEnded)
                    .allMatch(session -> session.commands().contains("QUIT"));
        }
    }

    @Test
    void limitsAreChecked() {
        Duration minute = Duration.ofMinutes(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new ConnectionLimits(0, 1, minute, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new ConnectionLimits(1, 0, minute, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new ConnectionLimits(1, 1, Duration.ZERO, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new ConnectionLimits(1, 1, Duration.ofDays(2), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new ConnectionLimits(1, 1, minute, 0));
    }
}
