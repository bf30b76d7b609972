package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryAgent;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.testkit.ManualClock;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** Clients whose time stands still, and deliveries by them. */
class ClientRig {
    static final Duration PATIENCE = Duration.ofSeconds(40);

    final ManualClock clock = new ManualClock();
    final List<SmtpClient> clients = new ArrayList<>();
    final CountDownLatch held = new CountDownLatch(1);

    /** Sessions, beginnings of transactions and ends of content. */
    final Semaphore greeted = new Semaphore(0);

    final Semaphore begun = new Semaphore(0);

    final Semaphore ended = new Semaphore(0);

    /** Replies that the client has had by which a message was taken. */
    final Semaphore taken = new Semaphore(0);

    final SmtpClient client(ConnectionLimits limits, int loops) {
        SmtpClient client = SmtpClient.builder()
                .localName("client.example")
                .connections(limits)
                .loops(loops)
                .dialogue(new DialogueListener() {
                    @Override
                    public void sent(String line) {
                        if (line.startsWith("EHLO")) {
                            greeted.release();
                        } else if (line.startsWith("MAIL")) {
                            begun.release();
                        } else if (line.equals(".")) {
                            ended.release();
                        }
                    }

                    @Override
                    public void received(String line) {
                        if (line.equals("250 2.0.0 Taken")) {
                            taken.release();
                        }
                    }
                })
                .clock(clock::nanoTime)
                .build();
        clients.add(client);
        return client;
    }

    final SmtpAgent to(ScriptedPeer peer, ConnectionLimits limits) {
        return to(peer, client(limits, 1));
    }

    static SmtpAgent to(ScriptedPeer peer, SmtpClient client) {
        return client.to(Smarthost.relay("127.0.0.1", peer.port()));
    }

    /** With the address looked up, and so in step with what it is asked for. */
    final SmtpAgent warm(ScriptedPeer peer, ConnectionLimits limits) throws Exception {
        SmtpAgent agent = to(peer, limits);
        assertThat(status(deliver(agent, 1000))).isEqualTo(RELAYED);
        return agent;
    }

    /** Until the loop has seen all that it was asked for. */
    final void awaitLoop() throws Exception {
        try (ScriptedPeer other = ScriptedPeer.accepting()) {
            assertThat(status(deliver(to(other, clients.get(0)), 0))).isEqualTo(RELAYED);
        }
    }

    static ConnectionLimits most(int perDestination) {
        return ConnectionLimits.standard().perDestination(perDestination);
    }

    @AfterEach
    void close() {
        held.countDown();
        clients.forEach(SmtpClient::close);
    }

    static CompletableFuture<DeliveryReport> deliver(DeliveryAgent agent, int number) {
        return agent.deliver(
                Envelope.from("a" + number + "@example.org").to("b" + number + "@example.net"),
                MessageSource.of(("Subject: " + number + "\r\n\r\nx\r\n").getBytes(StandardCharsets.US_ASCII)));
    }

    static List<CompletableFuture<DeliveryReport>> deliver(DeliveryAgent agent, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> deliver(agent, i)).toList();
    }

    static RecipientOutcome outcome(CompletableFuture<DeliveryReport> report) throws Exception {
        List<RecipientOutcome> outcomes = report.get(20, TimeUnit.SECONDS).outcomes();
        assertThat(outcomes).hasSize(1);
        return outcomes.get(0);
    }

    static DeliveryStatus status(CompletableFuture<DeliveryReport> report) throws Exception {
        return outcome(report).status();
    }

    static void assertRelayed(List<CompletableFuture<DeliveryReport>> all) throws Exception {
        for (CompletableFuture<DeliveryReport> each : all) {
            assertThat(status(each)).isEqualTo(RELAYED);
        }
    }
}
