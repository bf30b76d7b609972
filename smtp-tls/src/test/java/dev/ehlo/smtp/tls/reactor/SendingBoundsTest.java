package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When nothing can be sent yet, and how little is held of what is much. */
@Timeout(60)
class SendingBoundsTest {
    private static final int MUCH = 64_000_000;

    private Reactor reactor;

    @BeforeEach
    void start() throws IOException {
        reactor = Reactor.start("sending-bounds-test", 1);
    }

    @AfterEach
    void stop() throws Exception {
        Loopback.awaitNoBufferLent(reactor);
        reactor.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusesToSendBeforeItStands(boolean tls, @TempDir Path directory) throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder() {
            @Override
            public void accepted(Connection connection) {
                ByteBuffer[] slices = {ByteBuffer.wrap("220 x".getBytes(US_ASCII))};
                assertThatThrownBy(() -> connection.output(1)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> connection.write(slices)).isInstanceOf(IllegalStateException.class);
                try (FileChannel none = FileChannel.open(
                        directory.resolve("none"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                    assertThatThrownBy(() -> connection.transfer(none, 0, 1)).isInstanceOf(IllegalStateException.class);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                events.add("refused");
                connection.close();
            }
        };
        try (Socket socket = connect(tls ? TlsContext.selfSigned("localhost") : null, handler)) {
            assertThat(next(handler.events)).isEqualTo("refused");
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
        next(handler.closed);
    }

    @Test
    void copiesLittleOfALargeSliceOnTheHeap() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder();
        try (Socket silent = connect(null, handler)) {
            Connection connection = next(handler.opened);
            ByteBuffer[] slices = {ByteBuffer.allocate(1), ByteBuffer.allocate(MUCH)};
            long before = directOctets();
            Loopback.run(connection, () -> {
                assertThat(connection.write(slices)).isBetween(1L, MUCH - 1L);
                assertThat(directOctets() - before).isLessThan(4_000_000);
                assertThat(slices[1].limit()).isEqualTo(MUCH);
                connection.abort();
            });
            next(handler.closed);
            assertThat(silent.isConnected()).isTrue();
        }
    }

    private Socket connect(TlsContext implicitTls, ConnectionHandler handler) throws IOException {
        return Loopback.connect(reactor.listen(Loopback.anyPort(), 0, implicitTls, () -> handler));
    }

    private static long directOctets() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
