package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.testkit.ManualClock;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Walks over real hosts: one takes mail at 127.0.0.1, others of the loopback network refuse connections, or are busy. */
@Timeout(60)
class MxWalkTest {
    private final ManualClock clock = new ManualClock();
    private final SmtpClient client = SmtpClient.builder()
            .localName("us.example")
            .reuse(ConnectionReuse.none())
            .clock(clock::nanoTime)
            .build();
    private final List<MxHost> hosts = new ArrayList<>();
    private ScriptedPeer live;

    @BeforeEach
    void start() throws IOException {
        live = ScriptedPeer.accepting();
    }

    @AfterEach
    void stop() {
        client.close();
        live.close();
    }

    @Test
    void triesTheOtherAddressesOfAHostThatDoesNotServe() throws Exception {
        host("mx", 10, "127.0.0.2", "127.0.0.3", "127.0.0.1");
        try (BusyServer busy = new BusyServer("127.0.0.2")) {
            RecipientOutcome outcome = deliver();
            assertThat(outcome.status()).isEqualTo(RELAYED);
            assertThat(outcome.remote().at()).contains(at("127.0.0.1"));
            assertThat(busy.connections()).isEqualTo(1);
        }
    }

    @Test
    void triesAHostBehindTheOthersForAMinuteWhereItWasNotReached() throws Exception {
        host("first", 10, "127.0.0.2");
        host("second", 20, "127.0.0.1");
        assertThat(deliver().host()).contains("second");
        try (BusyServer busy = new BusyServer("127.0.0.2")) {
            assertThat(deliver().host()).contains("second");
            assertThat(busy.connections()).isZero();
            clock.advance(Duration.ofNanos(FailedAddresses.FIRST_NANOS));
            assertThat(deliver().host()).contains("second");
            assertThat(busy.connections()).isEqualTo(1);
        }
    }

    @Test
    void triesAHostThatWasNotReachedAgainWhereThereIsNoOther() throws Exception {
        host("mx", 10, "127.0.0.2");
        assertThat(deliver().status()).isEqualTo(NOT_SENT);
        try (BusyServer busy = new BusyServer("127.0.0.2")) {
            assertThat(deliver().status()).isEqualTo(DEFERRED);
            assertThat(busy.connections()).isEqualTo(1);
        }
    }

    @Test
    void tellsWhatAHostSaidRatherThanThatOthersAreNotReached() throws Exception {
        host("first", 10, "127.0.0.3");
        host("second", 20, "127.0.0.2");
        host("third", 30, "127.0.0.4");
        try (BusyServer busy = new BusyServer("127.0.0.2")) {
            RecipientOutcome outcome = deliver();
            assertThat(outcome.status()).isEqualTo(DEFERRED);
            assertThat(outcome.reply().toString()).isEqualTo("421 4.3.2 busy");
            assertThat(outcome.host()).contains("second");
            assertThat(outcome.remote().at()).contains(at("127.0.0.2"));
            assertThat(outcome.phase()).isEqualTo(DeliveryPhase.GREETING);
            assertThat(busy.connections()).isEqualTo(1);
        }
    }

    @Test
    void tellsOfTheFirstHostWhereNoneIsReached() throws Exception {
        host("first", 10, "127.0.0.3", "127.0.0.4");
        host("second", 20, "127.0.0.2");
        RecipientOutcome outcome = deliver();
        assertThat(outcome.status()).isEqualTo(NOT_SENT);
        assertThat(outcome.phase()).isEqualTo(DeliveryPhase.CONNECT);
        assertThat(outcome.remote().at()).contains(at("127.0.0.3"));
        assertThat(outcome.reply().toString())
                .isEqualTo("451 4.4.1 first can't be reached at [127.0.0.3]:" + live.port());
    }

    private void host(String name, int preference, String... addresses) throws UnknownHostException {
        List<InetAddress> all = new ArrayList<>();
        for (String each : Arrays.asList(addresses)) {
            all.add(InetAddress.getByName(each));
        }
        hosts.add(new MxHost(name, preference, all));
    }

    private InetSocketAddress at(String address) {
        return new InetSocketAddress(address, live.port());
    }

    private RecipientOutcome deliver() throws Exception {
        return client.toMx(domain -> CompletableFuture.completedFuture(new MxAnswer.Hosts(hosts)), live.port())
                .deliver(
                        Envelope.from("a@example.org").to("b@one.example"),
                        MessageSource.of(Plans.CONTENT.getBytes(StandardCharsets.US_ASCII)))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS)
                .outcomes()
                .get(0);
    }

    /** Says 421 to each who comes, at the port of the host that takes mail. */
    private final class BusyServer implements AutoCloseable {
        private final AtomicInteger connections = new AtomicInteger();
        private final ServerSocket socket;
        private final Thread thread = new Thread(this::serve, "busy-server");

        BusyServer(String address) throws IOException {
            socket = new ServerSocket(live.port(), 0, InetAddress.getByName(address));
            thread.start();
        }

        int connections() {
            return connections.get();
        }

        private void serve() {
            while (!socket.isClosed()) {
                try (Socket client = socket.accept()) {
                    connections.incrementAndGet();
                    client.getOutputStream().write("421 4.3.2 busy\r\n".getBytes(StandardCharsets.US_ASCII));
                    client.shutdownOutput();
                    // Until the client has had the reply, which a close could overtake.
                    client.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    if (!socket.isClosed()) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
