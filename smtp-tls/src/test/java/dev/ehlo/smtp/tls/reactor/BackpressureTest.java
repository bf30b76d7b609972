package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BackpressureTest {
    private static final int OCTETS = 12_000_000;

    @Test
    void holdsLittleForAPeerThatDoesNotReadInClear() throws Exception {
        holdsLittleForAPeerThatDoesNotRead(null, null);
    }

    @RepeatedTest(3) // where it is stopped is the system's affair
    void holdsLittleForAPeerThatDoesNotReadUnderTls() throws Exception {
        holdsLittleForAPeerThatDoesNotRead(
                TlsContext.selfSigned("localhost"), TlsContext.client(ClientTrust.insecure(), "localhost"));
    }

    /** The peer reads nothing at all until the sender has stopped by itself, and then everything. */
    private static void holdsLittleForAPeerThatDoesNotRead(TlsContext server, TlsContext client) throws Exception {
        try (Reactor reactor = Reactor.start("backpressure-test", 2)) {
            Source source = new Source();
            Loopback.Recorder sink = new Loopback.Recorder() {
                private int octets;

                @Override
                public void opened(Connection connection) {
                    connection.pauseReading();
                    super.opened(connection);
                }

                @Override
                public void received(Connection connection, ByteBuffer in) {
                    octets += in.remaining();
                    in.position(in.limit());
                    if (octets == OCTETS) {
                        events.add("all");
                        connection.close();
                    }
                }
            };
            Listener listener = reactor.listen(Loopback.anyPort(), 0, server, () -> source);
            reactor.connect(listener.address(), TimeUnit.SECONDS.toNanos(10), client, sink);
            Connection reader = next(sink.opened);
            assertThat(next(source.events)).isEqualTo("stopped");
            assertThat(source.sent).isLessThan(OCTETS);
            Loopback.run(reader, reader::resumeReading);
            assertThat(next(sink.events)).isEqualTo("all");
            assertThat(source.mostUnsent).isLessThan(2 * Connection.UNSENT_BOUND);
            next(sink.closed);
            next(source.closed);
            Loopback.awaitNoBufferLent(reactor);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void tellsTheEndBehindWhatWasLeftWhenTheLoopIsBusy(boolean tls) throws Exception {
        Waiting waiting = new Waiting();
        Loopback.Recorder peer = new Loopback.Recorder();
        try (Reactor reactor = Reactor.start("backpressure-test", 2)) {
            Listener listener = reactor.listen(
                    Loopback.anyPort(), 0, tls ? TlsContext.selfSigned("localhost") : null, () -> waiting);
            TlsContext client = tls ? TlsContext.client(ClientTrust.insecure(), "localhost") : null;
            reactor.connect(listener.address(), TimeUnit.SECONDS.toNanos(10), client, peer);
            Connection sender = next(peer.opened);
            Loopback.run(sender, () -> {
                for (int sent = 0; sent < Waiting.OCTETS; sent += 1_000) {
                    sender.output(1_000).put(new byte[1_000]);
                }
                sender.close(); // under TLS, these are two records and close_notify
            });
            assertThat(next(waiting.events)).isEqualTo("paused");
            Connection connection = next(waiting.opened);
            Loopback.run(connection, () -> {
                for (int i = 0; i < 5_000; i++) {
                    connection.loop().execute(() -> {}); // the sockets have their turn before what resumes
                }
                connection.resumeReading();
                connection.output(1).put((byte) 'x');
                connection.flush();
            });
            assertThat(next(waiting.events)).isEqualTo("ended after " + Waiting.OCTETS);
            assertThat(next(waiting.closed).kind()).isEqualTo(CloseCause.Kind.LOCAL);
            next(peer.closed);
            Loopback.awaitNoBufferLent(reactor);
        }
    }

    /** Leaves the first octets where they are, and waits. */
    private static final class Waiting extends Loopback.Recorder {
        static final int OCTETS = 18_000;

        private boolean hasWaited;
        private int octets;

        @Override
        public void received(Connection connection, ByteBuffer in) {
            if (hasWaited) {
                octets += in.remaining();
                in.position(in.limit());
            } else {
                hasWaited = true;
                connection.pauseReading();
                events.add("paused");
            }
        }

        @Override
        public void inputEnded(Connection connection) {
            events.add("ended after " + octets);
            connection.close();
        }
    }

    /** Makes octets as long as they go out. */
    private static final class Source extends Loopback.Recorder {
        int sent;
        volatile long mostUnsent;

        @Override
        public void opened(Connection connection) {
            writable(connection);
        }

        @Override
        public void writable(Connection connection) {
            while (sent < OCTETS && connection.unsent() <= Connection.UNSENT_BOUND) {
                int count = Math.min(Connection.BUFFER_OCTETS, OCTETS - sent);
                connection.output(count).put(new byte[count]);
                sent += count;
                connection.flush();
                mostUnsent = Math.max(mostUnsent, connection.unsent());
            }
            if (sent < OCTETS) {
                events.add("stopped");
            }
        }
    }
}
