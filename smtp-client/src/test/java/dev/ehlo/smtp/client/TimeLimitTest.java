package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ReceivedMessage;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries that take too long, or are given up, over real sockets. */
@Timeout(60)
class TimeLimitTest extends ClientRig {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final MessageSource CONTENT =
            MessageSource.of("Subject: x\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII));

    private void pass(Duration time) throws Exception {
        awaitLoop();
        clock.advance(time);
        awaitLoop();
    }

    @Test
    void whoWaitsForAConnectionWhenTimeIsUpIsNotSent() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .fault("MAIL FROM:<a0@*", Fault.hold(held))
                .start()) {
            SmtpAgent agent = warm(peer, most(1));
            CompletableFuture<DeliveryReport> first = deliver(agent, 0);
            CompletableFuture<DeliveryReport> second = deliver(agent.within(LIMIT), 1);
            pass(LIMIT.plusSeconds(1));
            assertThat(outcome(second).status()).isEqualTo(NOT_SENT);
            assertThat(outcome(second).reply())
                    .hasToString("451 4.4.7 given up while waiting for a connection with 127.0.0.1");
            assertThat(first).isNotDone();
            held.countDown();
            assertRelayed(List.of(first));
            assertThat(peer.messages()).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EHLO *", "MAIL *", "RCPT *", "DATA"})
    void whatIsNotAtEndOfDataWhenTimeIsUpIsNotSent(String stage) throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().fault(stage, Fault.hold(held).once()).start()) {
            SmtpAgent agent = to(peer, most(5));
            CompletableFuture<DeliveryReport> late = deliver(agent.within(LIMIT), 0);
            peer.awaitCommand(stage, PATIENCE);
            pass(LIMIT.plusSeconds(1));
            assertThat(status(late)).isEqualTo(NOT_SENT);
            assertRelayed(List.of(deliver(agent, 1)));
            held.countDown();
            assertThat(peer.awaitSessions(1, PATIENCE)).hasSize(2);
            assertThat(peer.messages()).hasSize(1);
        }
    }

    @Test
    void whatIsAtEndOfDataWhenTimeIsUpIsUnknown() throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().endOfData(Fault.hold(held).once()).start()) {
            SmtpAgent agent = to(peer, most(5));
            CompletableFuture<DeliveryReport> late = deliver(agent.within(LIMIT), 0);
            assertThat(ended.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            pass(LIMIT.plusSeconds(1));
            assertThat(status(late)).isEqualTo(UNKNOWN);
            assertRelayed(List.of(deliver(agent, 1)));
            assertThat(peer.sessions())
                    .as("not by a connection that was broken off")
                    .hasSize(2);
        }
    }

    @Test
    void whoIsBehindAnotherOnItsConnectionGoesWithoutHarmToThat() throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().endOfData(Fault.hold(held).once()).start()) {
            SmtpAgent agent = to(peer, most(1));
            CompletableFuture<DeliveryReport> first = deliver(agent, 0);
            assertThat(ended.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            CompletableFuture<DeliveryReport> late = deliver(agent.within(LIMIT), 1);
            assertThat(begun.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
            pass(LIMIT.plusSeconds(1));
            assertThat(status(late)).isEqualTo(NOT_SENT);
            assertThat(first).isNotDone();
            CompletableFuture<DeliveryReport> next = deliver(agent, 2);
            held.countDown();
            assertRelayed(List.of(first, next));
            assertThat(peer.messages())
                    .extracting(ReceivedMessage::reversePath)
                    .containsExactly("a0@example.org", "a2@example.org");
        }
    }

    @Test
    void whoIsInFrontOfAnotherOnItsConnectionIsUnknownAtOnceAndTheOtherGoesOn() throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().endOfData(Fault.hold(held).once()).start()) {
            SmtpAgent agent = to(peer, most(1));
            CompletableFuture<DeliveryReport> late = deliver(agent.within(LIMIT), 0);
            assertThat(ended.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            CompletableFuture<DeliveryReport> second = deliver(agent, 1);
            assertThat(begun.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
            pass(LIMIT.plusSeconds(1));
            assertThat(status(late)).isEqualTo(UNKNOWN);
            held.countDown();
            assertRelayed(List.of(second));
            assertThat(peer.sessions()).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource(TlsMode.class)
    void aHostThatSaysNothingIsGivenUpWhenTimeIsUp(TlsMode tls) throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            SmtpAgent agent = client(most(5), 1)
                    .to(Smarthost.relay("127.0.0.1", silent.getLocalPort())
                            .tls(tls)
                            .trust(ClientTrust.insecure()));
            CompletableFuture<DeliveryReport> late = deliver(agent.within(LIMIT), 0);
            Socket accepted = silent.accept();
            pass(LIMIT.plusSeconds(1));
            assertThat(status(late)).isEqualTo(NOT_SENT);
            accepted.close();
        }
    }

    @Test
    void eachDomainHasTheTimeThatTheWholeHas() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            MxResolver resolver = domain -> domain.equals("slow.example")
                    ? new CompletableFuture<>()
                    : CompletableFuture.completedFuture(new MxAnswer.Hosts(
                            List.of(new MxHost("localhost", 0, List.of(InetAddress.getLoopbackAddress())))));
            SmtpAgent agent = client(most(5), 1).toMx(resolver, peer.port()).within(LIMIT);
            CompletableFuture<DeliveryReport> report = agent.deliver(
                    Envelope.from("a@example.org").to("b@one.example", "c@slow.example", "d@two.example"), CONTENT);
            assertThat(taken.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            pass(LIMIT.plusSeconds(1));
            assertThat(statuses(report)).containsExactly(RELAYED, NOT_SENT, RELAYED);
            assertThat(peer.messages()).hasSize(1);
        }
    }

    @Test
    void whatIsDoneInTimeIsNotTouchedLater() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            SmtpAgent agent = to(peer, most(5)).within(Duration.ofSeconds(1));
            for (int i = 0; i < 5; i++) {
                assertRelayed(List.of(deliver(agent, i)));
                clock.advance(Duration.ofMillis(900));
            }
            assertThat(peer.sessions()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"EHLO *", "MAIL *", "DATA"})
    void whoIsCancelledIsCancelledAndTakesNobodyAlong(String stage) throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().fault(stage, Fault.hold(held).once()).start()) {
            SmtpAgent agent = to(peer, most(1)).within(LIMIT);
            CompletableFuture<DeliveryReport> first = deliver(agent, 0);
            peer.awaitCommand(stage, PATIENCE);
            CompletableFuture<DeliveryReport> second = deliver(agent, 1);
            awaitLoop();
            assertThat(first.cancel(true)).isTrue();
            assertRelayed(List.of(second));
            assertThat(first).isCancelled();
            assertThat(peer.sessions()).hasSize(2);
        }
    }

    @Test
    void whatIsAtEndOfDataIsUnknownAlsoWhereAThreadThatServesConnectionsClosesTheClient() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        try (ScriptedPeer peer =
                        ScriptedPeer.builder().endOfData(Fault.hold(held)).start();
                ScriptedPeer other =
                        ScriptedPeer.builder().endOfData(Fault.hold(answer)).start()) {
            SmtpClient client = client(most(1), 1);
            CompletableFuture<DeliveryReport> first = deliver(to(peer, client), 0);
            CompletableFuture<DeliveryReport> second = deliver(to(other, client), 1);
            assertThat(ended.tryAcquire(2, 20, TimeUnit.SECONDS)).isTrue();
            CompletableFuture<Void> closed = second.thenRun(client::close);
            answer.countDown();
            closed.get(20, TimeUnit.SECONDS);
            assertThat(status(first)).isEqualTo(UNKNOWN);
        }
    }

    @Test
    void whatWasRelayedBeforeTheClientWasClosedStaysRelayed() {
        Envelope envelope = Plans.TO_TWO;
        OpenReport report = new OpenReport(envelope, OpenReport.NEVER);
        RecipientOutcome relayed =
                RecipientOutcome.replied(envelope.recipients().get(0), Reply.of(250, "2.0.0", "taken"), "mx.example");
        AtomicInteger attempts = new AtomicInteger();
        HostWalk.begin(
                (hop, message, anew, whole, told) -> {
                    if (attempts.getAndIncrement() == 0) {
                        told.accept(new SessionOutcome.Partly(List.of(relayed), List.of(1)));
                    }
                },
                new FailedAddresses(clock::nanoTime),
                new Message(envelope, new Content(CONTENT), null),
                List.of(new Hop(
                        "mx.example",
                        List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 25)),
                        false,
                        TlsPolicy.none(),
                        TlsContext.client(TlsPolicy.none()))),
                report);
        report.giveUp();
        assertThat(attempts).hasValue(2);
        assertThat(report.join().outcomes())
                .extracting(RecipientOutcome::status)
                .containsExactly(RELAYED, NOT_SENT);
    }

    @Test
    void whoMayWaitGetsTheReportItself() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            DeliveryReport report = to(peer, most(1))
                    .deliverAndWait(Envelope.from("a@example.org").to("b@example.net"), CONTENT);
            assertThat(report.isRelayedToAll()).isTrue();
        }
    }

    @Test
    void whoIsInterruptedWhileWaitingGivesTheDeliveryUp() throws Exception {
        try (ScriptedPeer peer =
                ScriptedPeer.builder().fault("MAIL *", Fault.hold(held)).start()) {
            SmtpAgent agent = to(peer, most(1));
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Thread waiting = new Thread(() -> {
                try {
                    agent.deliverAndWait(Envelope.from("a@example.org").to("b@example.net"), CONTENT);
                } catch (Throwable e) {
                    thrown.set(e);
                }
            });
            waiting.start();
            peer.awaitCommand("MAIL *", PATIENCE);
            waiting.interrupt();
            waiting.join();
            assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
            awaitLoop();
            held.countDown();
            assertThat(peer.awaitSessions(1, PATIENCE).get(0).commands()).doesNotContain("QUIT");
            assertThat(peer.messages()).isEmpty();
        }
    }

    @Test
    void aThreadThatServesConnectionsIsNotLetWait() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .fault("MAIL FROM:<a0@*", Fault.hold(held))
                .start()) {
            SmtpAgent agent = warm(peer, most(1));
            CompletableFuture<DeliveryReport> second = deliver(agent, 0).thenApply(report -> {
                try {
                    return agent.deliverAndWait(Envelope.from("a@example.org").to("b@example.net"), CONTENT);
                } catch (InterruptedException e) {
                    throw new CompletionException(e);
                }
            });
            held.countDown();
            assertThatThrownBy(() -> second.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("smtp-client-0");
        }
    }

    @Test
    void aTimeLimitIsChecked() {
        SmtpAgent agent = client(most(1), 1).to(Smarthost.relay("127.0.0.1", 25));
        assertThatIllegalArgumentException().isThrownBy(() -> agent.within(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> agent.within(Duration.ofMillis(-1)));
        assertThatIllegalArgumentException().isThrownBy(() -> agent.within(Duration.ofDays(2)));
    }

    private static List<DeliveryStatus> statuses(CompletableFuture<DeliveryReport> report) throws Exception {
        return report.get(20, TimeUnit.SECONDS).outcomes().stream()
                .map(RecipientOutcome::status)
                .toList();
    }
}
