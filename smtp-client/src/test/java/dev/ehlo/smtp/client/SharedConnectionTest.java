package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.DeliveryStatus.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.EventLoop;
import dev.ehlo.smtp.tls.reactor.LoopTimer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries behind each other on one connection, of which one is lost or given up at the worst of times. */
class SharedConnectionTest {
    private static final String OK = "250 ok\r\n";
    private static final int OCTETS = 60_000;
    private static final Hop HOP = new Hop(
            Plans.HOST,
            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 25)),
            false,
            TlsPolicy.none(),
            TlsContext.client(TlsPolicy.none()));

    @TempDir
    Path directory;

    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private final EventLoop loop = new EventLoop() {
        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public boolean isInLoop() {
            return true;
        }

        @Override
        public LoopTimer timer(Runnable due) {
            return new LoopTimer() {
                @Override
                public void set(long delayNanos) {}

                @Override
                public void clear() {}
            };
        }

        @Override
        public long nanoTime() {
            return 0;
        }
    };

    private final List<SessionHandler> handlers = new ArrayList<>();
    private final Pool pool = new Pool(
            new Shares(ConnectionLimits.standard().perDestination(1), 0, 1),
            this::open,
            new WaitingList.Terms(1, 10, loop, loop::nanoTime, loop::timer));
    private final SilentConnection connection = new SilentConnection(OCTETS / 2, loop);

    private void open(Place place, Hop hop, SessionHandler.Delivery delivery) {
        SessionHandler.Loop own = new SessionHandler.Loop(loop, pool, new ContentBlocks(), Runnable::run);
        handlers.add(new SessionHandler(own, place, hop, TlsMode.NONE, delivery));
    }

    private final class Sent {
        final CompletableFuture<Void> report = new CompletableFuture<>();
        final List<SessionOutcome> outcomes = new ArrayList<>();

        Sent(int number, MessageSource content) {
            SessionPlan like = Plans.kept(
                    Plans.inClear(Envelope.from("a" + number + "@example.org").to("b@example.net")),
                    ConnectionReuse.standard());
            SessionPlan plan = new SessionPlan(
                    like.localName(),
                    like.host(),
                    like.envelope(),
                    new Content(content),
                    like.policy(),
                    null,
                    like.timeouts(),
                    like.reuse(),
                    null);
            assertThat(pool.deliver(HOP, new SessionHandler.Delivery(plan, report, outcomes::add), false, true))
                    .isTrue();
        }

        DeliveryStatus status() {
            assertThat(outcomes).hasSize(1);
            List<RecipientOutcome> each = ((SessionOutcome.Decided) outcomes.get(0)).outcomes();
            assertThat(each).hasSize(1);
            return each.get(0).status();
        }
    }

    private static MessageSource small() {
        return MessageSource.of("x\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private MessageSource file() throws IOException {
        return MessageSource.of(
                Files.writeString(directory.resolve("message.eml"), ("x".repeat(98) + "\r\n").repeat(OCTETS / 100)));
    }

    private void receive(String octets) {
        handlers.get(0).received(connection, ByteBuffer.wrap(octets.getBytes(StandardCharsets.US_ASCII)));
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /** Up to where the whole of that is out, and there is no reply to it. */
    private Sent first() {
        Sent first = new Sent(1, small());
        handlers.get(0).opened(connection);
        receive("220 hi\r\n");
        receive("250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n");
        return first;
    }

    private boolean isAllOut() {
        return new String(connection.sent(), StandardCharsets.US_ASCII)
                .endsWith("BDAT " + OCTETS + " LAST\r\n" + ("x".repeat(98) + "\r\n").repeat(OCTETS / 100));
    }

    @Test
    void aChunkThatIsOutOfItsFileAsAWholeMayBeWithTheServerAlsoBeforeThatWasTold() throws IOException {
        Sent first = first();
        Sent second = new Sent(2, file());
        connection.makeRoom();
        receive(OK + OK + OK);
        assertThat(first.status()).isEqualTo(RELAYED);
        connection.makeRoom();
        receive(OK);
        assertThat(isAllOut()).isTrue();
        handlers.get(0).inputEnded(connection);
        assertThat(second.status()).isEqualTo(UNKNOWN);
    }

    @Test
    void theReplyToAChunkIsTakenAlsoBeforeItWasToldThatAllIsOut() throws IOException {
        first();
        Sent second = new Sent(2, file());
        connection.makeRoom();
        receive(OK + OK + OK + OK);
        connection.makeRoom();
        receive(OK);
        assertThat(isAllOut()).isTrue();
        receive(OK + OK);
        assertThat(second.status()).isEqualTo(RELAYED);
    }

    @Test
    void aChunkThatGoesOnWhenItIsGivenUpIsUnknown() throws IOException {
        Sent first = first();
        Sent second = new Sent(2, file());
        assertThat(isAllOut()).isFalse();
        second.report.cancel(false);
        runTasks();
        assertThat(second.status()).isEqualTo(UNKNOWN);
        connection.drain();
        connection.drain();
        handlers.get(0).writable(connection);
        assertThat(isAllOut()).isTrue();
        receive(OK + OK + OK);
        assertThat(first.status()).isEqualTo(RELAYED);
        receive(OK + OK + OK + OK);
        assertThat(second.outcomes).hasSize(1);
    }

    @Test
    void aChunkOfWhichTheSystemDoesNotHaveAllIsNotSent() throws IOException {
        first();
        Sent second = new Sent(2, file());
        assertThat(isAllOut()).isFalse();
        handlers.get(0).closed(connection, new CloseCause(CloseCause.Kind.LOST, new IOException("reset")));
        assertThat(second.outcomes).containsExactly(new SessionOutcome.Lapsed());
    }

    @Test
    void aChunkWhoseFileEndsEarlyIsNotSent() throws IOException {
        first();
        Sent second = new Sent(2, file());
        handlers.get(0).closed(connection, new CloseCause(CloseCause.Kind.UNREADABLE, new IOException("short")));
        assertThat(second.status()).isEqualTo(NOT_SENT);
    }

    @Test
    void nothingOfAChunkGoesOutOnceItIsToldToHaveLapsed() throws IOException {
        first();
        Sent second = new Sent(2, file());
        connection.makeRoom();
        receive(OK);
        connection.makeRoom();
        receive("421 bye\r\n");
        assertThat(second.outcomes).containsExactly(new SessionOutcome.Lapsed());
        assertThat(isAllOut()).isFalse();
        assertThat(connection.isClosing()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSourceThatFailsUnexpectedlyHarmsNobodyElse(boolean lookedThrough) {
        Sent first = first();
        Sent second = new Sent(2, new MessageSource() {
            @Override
            public long octets() {
                return 3;
            }

            @Override
            public boolean needsStuffing() {
                return lookedThrough;
            }

            @Override
            public ReadableByteChannel open() {
                throw new UncheckedIOException(new IOException("a source of the user's"));
            }
        });
        receive(OK + OK + OK);
        assertThat(first.status()).isEqualTo(RELAYED);
        assertThat(second.status()).isEqualTo(NOT_SENT);
    }

    @Test
    void nobodyBeginsOnAConnectionThatIsBrokenOffForAnother() {
        Sent first = first();
        first.report.cancel(false);
        runTasks();
        Sent second = new Sent(2, small());
        handlers.get(0).closed(connection, new CloseCause(CloseCause.Kind.LOCAL, null));
        assertThat(first.status()).isEqualTo(UNKNOWN);
        assertThat(second.outcomes).isEmpty();
        assertThat(handlers).hasSize(2);
    }
}
