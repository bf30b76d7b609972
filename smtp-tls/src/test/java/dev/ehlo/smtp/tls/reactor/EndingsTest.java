package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.ehlo.smtp.tls.LoopHealth;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How a connection ends from each state: what its handler is told, once, and that nothing is left of it. The clock stands
 * still, so that no time limit helps.
 */
@Timeout(60)
class EndingsTest {
    private final AtomicLong clock = new AtomicLong();
    private Reactor reactor;

    enum Ending {
        /** The peer sends no more, and reads on. */
        FIN,
        CLOSE_NOTIFY,
        RESET,
        /** This side closes its reactor. */
        STOP
    }

    @BeforeEach
    void start() throws IOException {
        reactor = Reactor.start("endings-test", 2, clock::get, Long.MAX_VALUE / 4);
    }

    static Stream<Arguments> table() {
        return Stream.of(
                arguments(EndingState.CONNECTING, Ending.STOP, "closed LOCAL"),
                arguments(EndingState.HANDSHAKE_SILENT, Ending.FIN, "closed HANDSHAKE_FAILED"),
                arguments(EndingState.HANDSHAKE_SILENT, Ending.RESET, "closed HANDSHAKE_FAILED"),
                arguments(EndingState.HANDSHAKE_SILENT, Ending.STOP, "closed LOCAL"),
                arguments(EndingState.HANDSHAKE_HALF_HELLO, Ending.FIN, "closed HANDSHAKE_FAILED"),
                arguments(EndingState.HANDSHAKE_HALF_HELLO, Ending.RESET, "closed HANDSHAKE_FAILED"),
                arguments(EndingState.HANDSHAKE_HALF_HELLO, Ending.STOP, "closed LOCAL"),
                arguments(EndingState.HANDSHAKE_ANSWERED, Ending.FIN, "closed HANDSHAKE_FAILED"),
                arguments(EndingState.HANDSHAKE_ANSWERED, Ending.RESET, "closed HANDSHAKE_FAILED"),
                arguments(EndingState.HANDSHAKE_ANSWERED, Ending.STOP, "closed LOCAL"),
                arguments(EndingState.HANDSHAKE_STARTTLS, Ending.FIN, "opened, closed HANDSHAKE_FAILED"),
                arguments(EndingState.HANDSHAKE_STARTTLS, Ending.RESET, "opened, closed HANDSHAKE_FAILED"),
                arguments(EndingState.HANDSHAKE_STARTTLS, Ending.STOP, "opened, closed LOCAL"),
                arguments(EndingState.CLIENT_HANDSHAKE_SILENT, Ending.FIN, "closed HANDSHAKE_FAILED"),
                arguments(EndingState.CLIENT_HANDSHAKE_SILENT, Ending.RESET, "closed HANDSHAKE_FAILED"),
                arguments(EndingState.CLIENT_HANDSHAKE_SILENT, Ending.STOP, "closed LOCAL"),
                arguments(EndingState.CLIENT_HANDSHAKE_HALF_RECORD, Ending.FIN, "closed HANDSHAKE_FAILED"),
                arguments(EndingState.CLIENT_HANDSHAKE_HALF_RECORD, Ending.RESET, "closed HANDSHAKE_FAILED"),
                arguments(EndingState.CLIENT_HANDSHAKE_HALF_RECORD, Ending.STOP, "closed LOCAL"),
                arguments(EndingState.OPEN, Ending.FIN, "opened, input ended, closed LOCAL"),
                arguments(EndingState.OPEN, Ending.RESET, "opened, closed LOST"),
                arguments(EndingState.OPEN, Ending.STOP, "opened, closed LOCAL"),
                arguments(EndingState.OPEN_PAUSED, Ending.FIN, "opened, resumed, input ended, closed LOCAL"),
                arguments(EndingState.OPEN_PAUSED, Ending.RESET, "opened, resumed, closed LOST"),
                arguments(EndingState.OPEN_PAUSED, Ending.STOP, "opened, closed LOCAL"),
                arguments(EndingState.OPEN_BLOCKED, Ending.FIN, "opened, input ended, closed LOCAL"),
                arguments(EndingState.OPEN_BLOCKED, Ending.RESET, "opened, closed LOST"),
                arguments(EndingState.OPEN_BLOCKED, Ending.STOP, "opened, closed LOCAL"),
                arguments(EndingState.TLS_OPEN, Ending.FIN, "opened, closed TRUNCATED"),
                arguments(EndingState.TLS_OPEN, Ending.CLOSE_NOTIFY, "opened, input ended, closed LOCAL"),
                arguments(EndingState.TLS_OPEN, Ending.RESET, "opened, closed LOST"),
                arguments(EndingState.TLS_OPEN, Ending.STOP, "opened, closed LOCAL"),
                arguments(EndingState.TLS_PAUSED, Ending.FIN, "opened, resumed, closed TRUNCATED"),
                arguments(EndingState.TLS_PAUSED, Ending.CLOSE_NOTIFY, "opened, resumed, input ended, closed LOCAL"),
                arguments(EndingState.TLS_PAUSED, Ending.RESET, "opened, resumed, closed LOST"),
                arguments(EndingState.TLS_PAUSED, Ending.STOP, "opened, closed LOCAL"),
                arguments(EndingState.TLS_BLOCKED, Ending.FIN, "opened, closed TRUNCATED"),
                arguments(EndingState.TLS_BLOCKED, Ending.CLOSE_NOTIFY, "opened, input ended, closed LOCAL"),
                arguments(EndingState.TLS_BLOCKED, Ending.RESET, "opened, closed LOST"),
                arguments(EndingState.TLS_BLOCKED, Ending.STOP, "opened, closed LOCAL"),
                arguments(EndingState.FLUSHING, Ending.FIN, "opened, closed LOCAL"),
                arguments(EndingState.FLUSHING, Ending.RESET, "opened, closed LOCAL"),
                arguments(EndingState.FLUSHING, Ending.STOP, "opened, closed LOCAL"),
                arguments(EndingState.TLS_FLUSHING, Ending.FIN, "opened, closed LOCAL"),
                arguments(EndingState.TLS_FLUSHING, Ending.CLOSE_NOTIFY, "opened, closed LOCAL"),
                arguments(EndingState.TLS_FLUSHING, Ending.RESET, "opened, closed LOCAL"),
                arguments(EndingState.TLS_FLUSHING, Ending.STOP, "opened, closed LOCAL"),
                arguments(EndingState.LINGERING, Ending.FIN, "opened, closed LOCAL"),
                arguments(EndingState.LINGERING, Ending.RESET, "opened, closed LOCAL"),
                arguments(EndingState.LINGERING, Ending.STOP, "opened, closed LOCAL"),
                arguments(EndingState.TLS_LINGERING, Ending.FIN, "opened, closed LOCAL"),
                arguments(EndingState.TLS_LINGERING, Ending.CLOSE_NOTIFY, "opened, closed LOCAL"),
                arguments(EndingState.TLS_LINGERING, Ending.RESET, "opened, closed LOCAL"),
                arguments(EndingState.TLS_LINGERING, Ending.STOP, "opened, closed LOCAL"));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("table")
    void tellsTheEndOnceAndLeavesNothing(EndingState state, Ending ending, String told) throws Exception {
        try (EndingScene scene = new EndingScene(reactor, state)) {
            end(scene, ending);
            if (state.isPaused() && ending != Ending.STOP) {
                Loopback.wake(reactor);
                assertThat(scene.handler.told).containsExactly("opened"); // as long as nobody wants to know
                scene.resume();
            }
            if (!state.isLingering() && ending == Ending.CLOSE_NOTIFY
                    || ending == Ending.FIN && scene.isOutputComplete(told)) {
                assertThat(readAll(scene.peerInput())).isEqualTo(scene.sent);
            }
            if (ending == Ending.CLOSE_NOTIFY) {
                scene.peer.shutdownOutput(); // close_notify alone does not bring FIN
            }
            next(scene.handler.closed);
            if (ending != Ending.STOP) {
                assertNothingIsLeft(scene);
            }
            assertThat(String.join(", ", scene.handler.told)).isEqualTo(told);
        } finally {
            reactor.close();
        }
        for (int i = 0; i < reactor.loops(); i++) {
            assertThat(reactor.loopInTurn().pool().lent()).isZero(); // its thread has ended
        }
    }

    private void end(EndingScene scene, Ending ending) throws IOException {
        Socket peer = scene.peer;
        switch (ending) {
            case FIN -> peer.shutdownOutput();
            case CLOSE_NOTIFY -> scene.tlsPeer().shutdownOutput();
            case RESET -> {
                peer.setSoLinger(true, 0);
                peer.close();
            }
            case STOP -> reactor.close();
        }
    }

    private void assertNothingIsLeft(EndingScene scene) throws Exception {
        Loopback.awaitNoBufferLent(reactor);
        long began = System.nanoTime();
        while (keys() > scene.listeners()) { // a selector lets go of a closed channel in its next turn
            assertThat(System.nanoTime() - began).isLessThan(Loopback.SECONDS * 1_000_000_000);
        }
        Loopback.wake(reactor);
        assertThat(reactor.health()).extracting(LoopHealth::connections).isEqualTo(List.of(0, 0));
        assertThat(scene.handler.closed).isEmpty();
    }

    private int keys() throws Exception {
        int keys = 0;
        for (int i = 0; i < reactor.loops(); i++) {
            SelectorLoop loop = reactor.loopInTurn();
            keys += Loopback.on(loop, () -> loop.selector().keys().size());
        }
        return keys;
    }

    private static long readAll(InputStream in) throws IOException {
        byte[] octets = new byte[64 * 1024];
        long count = 0;
        for (int read = in.read(octets); read >= 0; read = in.read(octets)) {
            count += read;
        }
        return count;
    }
}
