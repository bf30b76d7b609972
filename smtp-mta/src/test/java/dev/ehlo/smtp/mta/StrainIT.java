package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.ehlo.smtp.queue.Durability;
import dev.ehlo.smtp.queue.LanePolicy;
import dev.ehlo.smtp.queue.RetrySchedule;
import dev.ehlo.smtp.server.ServerLimits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A mail server whose disk fills up under load: what it refuses first, and that it keeps what it has said 250 to. */
@Timeout(120)
class StrainIT {
    private static final long MIB = 1 << 20;
    private static final long CALM = SpoolPressure.RESERVE + 900 * MIB;
    private static final long SHEDS_CONNECTIONS = SpoolPressure.RESERVE + 80 * MIB;
    private static final long SHEDS_TRANSACTIONS = SpoolPressure.RESERVE + 20 * MIB;
    private static final int SENDERS = 3;
    private static final int MESSAGES_EACH = 40;

    @TempDir
    private Path scratch;

    private final AtomicLong free = new AtomicLong(CALM);
    private final Queue<String> accepted = new ConcurrentLinkedQueue<>();

    /** One session, greeted or turned away. */
    private static final class Client implements AutoCloseable {
        private final Socket socket = new Socket();
        private final BufferedReader in;
        final String greeting;

        Client(InetSocketAddress server) throws IOException {
            socket.connect(server, 20_000);
            socket.setSoTimeout(20_000);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            greeting = reply();
            if (greeting.startsWith("220 ")) {
                say("EHLO client.example");
            }
        }

        String say(String lines) throws IOException {
            socket.getOutputStream().write((lines + "\r\n").getBytes(StandardCharsets.US_ASCII));
            return reply();
        }

        private String reply() throws IOException {
            String line = in.readLine();
            while (line != null && line.length() > 3 && line.charAt(3) == '-') {
                line = in.readLine();
            }
            return line == null ? "" : line;
        }

        /** A transaction up to its content; the first reply that was not positive, if any. */
        Optional<String> begin() throws IOException {
            for (String line : new String[] {"MAIL FROM:<a@remote.example>", "RCPT TO:<user@localhost>", "DATA"}) {
                String reply = say(line);
                if (!reply.startsWith("2") && !reply.startsWith("3")) {
                    return Optional.of(reply);
                }
            }
            return Optional.empty();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private void finish(Client client, String id) throws IOException {
        assertThat(client.say(Mail.empty(id) + ".")).startsWith("250 2.0.0 ");
        accepted.add(id);
    }

    /** Sends until it is turned away, and again when there is room. */
    private void send(InetSocketAddress server, int number, CountDownLatch refused, CountDownLatch relieved) {
        try {
            for (int sent = 0; sent < MESSAGES_EACH; ) {
                try (Client client = new Client(server)) {
                    while (sent < MESSAGES_EACH
                            && client.greeting.startsWith("220 ")
                            && client.begin().isEmpty()) {
                        finish(client, "sender" + number + "-" + sent++);
                        if (sent == MESSAGES_EACH / 2) {
                            // The rest is for when there is room again.
                            break;
                        }
                    }
                }
                refused.countDown();
                assertThat(relieved.await(60, TimeUnit.SECONDS)).isTrue();
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitGreeting(InetSocketAddress server, String expected) {
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            try (Client late = new Client(server)) {
                return late.greeting.startsWith(expected);
            }
        });
    }

    private Settings settings() throws Failure {
        return new Settings(
                DataDirectory.at(scratch.resolve("data")),
                "localhost",
                Map.of("mx", new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                Optional.empty(),
                RetrySchedule.standard(),
                List.of(),
                ServerLimits.STANDARD,
                LanePolicy.STANDARD,
                Optional.empty(),
                Optional.of(Durability.POWER),
                false,
                List.of(),
                false,
                Optional.empty(),
                RelayTls.STANDARD);
    }

    @Test
    void shedsConnectionsThenTransactionsAndDeliversAllThatItAccepted() throws Exception {
        Settings settings = settings();
        try (MailServer server =
                MailServer.start(settings, Clock.systemUTC(), SpoolPressure.disk(100L << 30, free::get))) {
            server.users().add("user", "a password of his");
            InetSocketAddress mx = server.addresses(settings).get("mx");
            CountDownLatch refused = new CountDownLatch(SENDERS);
            CountDownLatch relieved = new CountDownLatch(1);
            List<CompletableFuture<Void>> senders = new ArrayList<>();
            ExecutorService threads = Executors.newFixedThreadPool(SENDERS);
            try (Client first = new Client(mx);
                    Client within = new Client(mx);
                    Client envelope = new Client(mx)) {
                for (int i = 0; i < SENDERS; i++) {
                    int number = i;
                    senders.add(CompletableFuture.runAsync(() -> send(mx, number, refused, relieved), threads));
                }
                assertThat(within.begin()).isEmpty();
                assertThat(envelope.say("MAIL FROM:<a@remote.example>")).startsWith("250 ");

                free.set(SHEDS_CONNECTIONS);
                awaitGreeting(mx, "421 4.3.2 ");
                assertThat(first.begin()).isEmpty();
                finish(first, "first");

                free.set(SHEDS_TRANSACTIONS);
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> first.say("MAIL FROM:<a@remote.example>").startsWith("452 4.3.1 ")
                                || !first.say("RSET").startsWith("250 "));
                awaitGreeting(mx, "421 4.3.2 ");
                assertThat(refused.await(60, TimeUnit.SECONDS)).isTrue();
                finish(within, "within");
                assertThat(envelope.say("RCPT TO:<user@localhost>")).startsWith("250 ");
                assertThat(envelope.say("DATA")).startsWith("354 ");
                finish(envelope, "envelope");

                free.set(CALM);
                awaitGreeting(mx, "220 ");
                relieved.countDown();
                CompletableFuture.allOf(senders.toArray(CompletableFuture[]::new))
                        .get(60, TimeUnit.SECONDS);
                assertThat(first.begin()).isEmpty();
                finish(first, "last");
            } finally {
                threads.shutdownNow();
            }
            assertThat(accepted).hasSize(SENDERS * MESSAGES_EACH + 4);
            String all = String.join("", Mail.arrived(scratch.resolve("data"), "user", accepted.size()));
            assertThat(accepted).allMatch(id -> all.contains("Message-ID: <" + id + "@localhost>"));
        }
    }
}
