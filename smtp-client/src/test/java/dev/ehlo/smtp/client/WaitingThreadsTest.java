package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.testkit.Fault;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.tls.TlsMode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** Threads that wait for their deliveries, and do the work of the loop meanwhile where they are alone. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class WaitingThreadsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    /** Ample: it takes a few without company, and a loop whose thread has let go. */
    private static final int MANY = 1000;

    private final Queue<String> threads = new ConcurrentLinkedQueue<>();
    private final SmtpClient client = SmtpClient.builder()
            .localName("client.example")
            .dialogue(new DialogueListener() {
                @Override
                public void sent(String line) {
                    threads.add(Thread.currentThread().getName());
                }

                @Override
                public void received(String line) {}
            })
            .build();

    @AfterEach
    void close() {
        client.close();
    }

    private SmtpAgent to(ScriptedPeer peer) {
        return client.to(Smarthost.relay("127.0.0.1", peer.port()).tls(TlsMode.NONE));
    }

    private static Envelope envelope(int number) {
        return Envelope.from("a@example.org").to("b" + number + "@example.net");
    }

    private static MessageSource content(int number) {
        return MessageSource.of(("Subject: " + number + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Until this thread is the one that speaks with the server. */
    private int becomeTheLoop(SmtpAgent agent) throws InterruptedException {
        String here = Thread.currentThread().getName();
        int sent = 0;
        while (!threads.contains(here) && sent < MANY) {
            assertThat(agent.deliverAndWait(envelope(sent), content(sent)).isRelayedToAll())
                    .isTrue();
            sent++;
        }
        assertThat(threads).contains(here);
        return sent;
    }

    @Test
    void speakWithTheServerThemselves() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            SmtpAgent agent = to(peer);
            assertThat(agent.connectAndWait().stands()).isTrue();
            int sent = becomeTheLoop(agent);
            assertThat(agent.connectAndWait().stands()).isTrue();
            assertThat(peer.awaitMessages(sent, PATIENCE)).hasSize(sent);
            assertThat(peer.sessions()).hasSize(1);
        }
    }

    @Test
    void areNoneOfTheClientsWhereSomethingDependsOnADelivery() throws Exception {
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            SmtpAgent agent = to(peer);
            CompletableFuture<DeliveryReport> second = agent.deliver(envelope(1), content(1))
                    .thenApply(first -> {
                        try {
                            return agent.deliverAndWait(envelope(2), content(2));
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    });
            assertThatThrownBy(() -> second.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("can't wait for a delivery");
        }
    }

    @Test
    void giveUpWhenTheyAreInterrupted() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .fault("MAIL FROM:<slow@*", Fault.hold(never))
                .start()) {
            SmtpAgent agent = to(peer);
            becomeTheLoop(agent);
            Thread here = Thread.currentThread();
            ExecutorService other = Executors.newSingleThreadExecutor();
            try {
                Future<?> interrupted = other.submit(() -> {
                    peer.awaitCommand("MAIL FROM:<slow@*", PATIENCE);
                    here.interrupt();
                    return null;
                });
                assertThatThrownBy(() -> agent.deliverAndWait(
                                Envelope.from("slow@example.org").to("b@example.net"), content(0)))
                        .isInstanceOf(InterruptedException.class);
                interrupted.get(20, TimeUnit.SECONDS);
            } finally {
                other.shutdown();
                never.countDown();
            }
            assertThat(agent.deliverAndWait(envelope(0), content(0)).isRelayedToAll())
                    .isTrue();
        }
    }

    @Test
    void readNoFileOfOthers() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        Queue<String> readers = new ConcurrentLinkedQueue<>();
        byte[] octets = "Subject: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        MessageSource file = MessageSource.of(octets.length, () -> {
            readers.add(Thread.currentThread().getName());
            return new ByteArrayInputStream(octets);
        });
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .fault("MAIL FROM:<slow@*", Fault.hold(held))
                .start()) {
            SmtpAgent agent = to(peer);
            becomeTheLoop(agent);
            ExecutorService other = Executors.newSingleThreadExecutor();
            try {
                Future<DeliveryReport> theirs = other.submit(() -> {
                    peer.awaitCommand("MAIL FROM:<slow@*", PATIENCE);
                    try {
                        return agent.deliverAndWait(envelope(0), file);
                    } finally {
                        held.countDown();
                    }
                });
                assertThat(agent.deliverAndWait(
                                        Envelope.from("slow@example.org").to("b@example.net"), content(0))
                                .isRelayedToAll())
                        .isTrue();
                assertThat(theirs.get(20, TimeUnit.SECONDS).isRelayedToAll()).isTrue();
            } finally {
                other.shutdown();
                held.countDown();
            }
            assertThat(readers).isNotEmpty().allMatch(name -> name.startsWith("smtp-client"));
        }
    }

    @Test
    void areToldWhenTheClientIsClosed() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .fault("MAIL FROM:<slow@*", Fault.hold(never))
                .start()) {
            SmtpAgent agent = to(peer);
            becomeTheLoop(agent);
            ExecutorService other = Executors.newSingleThreadExecutor();
            try {
                Future<?> closed = other.submit(() -> {
                    peer.awaitCommand("MAIL FROM:<slow@*", PATIENCE);
                    client.close();
                    return null;
                });
                DeliveryReport report =
                        agent.deliverAndWait(Envelope.from("slow@example.org").to("b@example.net"), content(0));
                assertThat(report.isRelayedToAll()).isFalse();
                closed.get(20, TimeUnit.SECONDS);
            } finally {
                other.shutdown();
                never.countDown();
            }
        }
    }

    @Test
    void mayBeManyBesideThoseWhoDoNotWait() throws Exception {
        int each = 300;
        try (ScriptedPeer peer = ScriptedPeer.accepting()) {
            SmtpAgent agent = to(peer);
            ExecutorService others = Executors.newFixedThreadPool(3);
            try {
                List<Future<Boolean>> waiting = new ArrayList<>();
                for (int t = 0; t < 3; t++) {
                    boolean alsoAsync = t == 0;
                    waiting.add(others.submit(() -> {
                        boolean relayed = true;
                        for (int i = 0; i < each; i++) {
                            if (alsoAsync && i % 10 == 0) {
                                relayed &= agent.deliver(envelope(i), content(i))
                                        .get(20, TimeUnit.SECONDS)
                                        .isRelayedToAll();
                            }
                            relayed &= agent.deliverAndWait(envelope(i), content(i))
                                    .isRelayedToAll();
                        }
                        return relayed;
                    }));
                }
                for (Future<Boolean> thread : waiting) {
                    assertThat(thread.get(50, TimeUnit.SECONDS)).isTrue();
                }
            } finally {
                others.shutdown();
            }
            assertThat(peer.awaitMessages(3 * each + each / 10, PATIENCE)).hasSize(3 * each + each / 10);
        }
    }
}
