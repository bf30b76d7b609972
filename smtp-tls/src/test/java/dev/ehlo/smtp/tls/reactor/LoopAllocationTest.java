package dev.ehlo.smtp.tls.reactor;

import static dev.ehlo.smtp.tls.reactor.Loopback.next;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No octet of garbage for a request and its reply in clear, by the JVM's own count of the loop's thread. */
@Timeout(60)
class LoopAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 500;

    /** Of all rounds together, for what the JVM itself does on the thread now and then. */
    private static final long ODDS = 2 * ROUNDS;

    /** Answers with what it was sent, and sets its deadline anew, as a session does with each command. */
    private static final class Session extends Loopback.Recorder {
        @Override
        public void received(Connection connection, ByteBuffer in) {
            connection.output(in.remaining()).put(in);
            connection.deadline(TimeUnit.MINUTES.toNanos(5));
            connection.flush();
        }
    }

    /** Answers with slices of its own, as a session does whose replies lie ready. */
    private static final class Slicing extends Loopback.Recorder {
        private final ByteBuffer[] slices = {
            ByteBuffer.allocateDirect(4).put("NOOP".getBytes(US_ASCII)),
            ByteBuffer.allocateDirect(2).put("\r\n".getBytes(US_ASCII))
        };

        @Override
        public void received(Connection connection, ByteBuffer in) {
            in.position(in.limit());
            for (ByteBuffer slice : slices) {
                slice.rewind();
            }
            connection.write(slices);
        }
    }

    /** Answers later, with reading paused meanwhile, as a session does whose handler is on another thread. */
    private static final class Pausing extends Loopback.Recorder {
        @Override
        public void received(Connection connection, ByteBuffer in) {
            connection.output(in.remaining()).put(in);
            connection.pauseReading();
            connection.clearDeadline();
            connection.flush();
            connection.deadline(TimeUnit.MINUTES.toNanos(5));
            connection.resumeReading();
        }
    }

    @Test
    void echoesInClearWithoutAnObject() throws Exception {
        assertThat(allocated(new Session())).isLessThanOrEqualTo(ODDS);
    }

    @Test
    void sendsSlicesInClearWithoutAnObject() throws Exception {
        assertThat(allocated(new Slicing())).isLessThanOrEqualTo(ODDS);
    }

    @Test
    void pausesAndResumesWithoutAnObject() throws Exception {
        assertThat(allocated(new Pausing())).isLessThanOrEqualTo(ODDS);
    }

    /** The least of some measurements, since the JIT compiler may change code between them. */
    private static long allocated(Loopback.Recorder handler) throws Exception {
        try (Reactor reactor = Reactor.start("allocation-test", 1);
                Listener listener = reactor.listen(Loopback.anyPort(), 0, null, () -> handler);
                Socket socket = Loopback.connect(listener)) {
            socket.setTcpNoDelay(true);
            Connection connection = next(handler.opened);
            long thread =
                    Loopback.on(connection.loop(), () -> Thread.currentThread().getId());
            long least = Long.MAX_VALUE;
            for (int attempt = 0; attempt < 40 && least > ODDS; attempt++) {
                long before = THREADS.getThreadAllocatedBytes(thread);
                for (int i = 0; i < ROUNDS; i++) {
                    request(socket);
                }
                least = Math.min(least, THREADS.getThreadAllocatedBytes(thread) - before);
            }
            Loopback.run(connection, connection::abort);
            next(handler.closed);
            Loopback.awaitNoBufferLent(reactor);
            return least;
        }
    }

    private static void request(Socket socket) throws IOException {
        byte[] request = "NOOP\r\n".getBytes(US_ASCII);
        socket.getOutputStream().write(request);
        assertThat(socket.getInputStream().readNBytes(request.length)).isEqualTo(request);
    }
}
