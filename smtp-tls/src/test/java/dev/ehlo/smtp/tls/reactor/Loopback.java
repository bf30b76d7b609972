package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.TlsSession;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What the tests of this package share. */
final class Loopback {
    static final long SECONDS = 40;

    private Loopback() {}

    static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(SECONDS, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing came");
        }
        return next;
    }

    /** Runs it on the loop, and waits. */
    static <T> T on(EventLoop loop, Callable<T> task) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                result.complete(task.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result.get(SECONDS, TimeUnit.SECONDS);
    }

    /** Runs it on the loop of the connection, and waits. */
    static void run(Connection connection, Runnable task) throws Exception {
        on(connection.loop(), () -> {
            task.run();
            return true;
        });
    }

    /** What the handshake of the next connection came to. */
    static TlsSession session(Recorder recorder) throws Exception {
        Connection connection = next(recorder.opened);
        return on(connection.loop(), () -> connection.tls().orElseThrow());
    }

    /** Makes each loop look at its deadlines, and waits until it has. */
    static void wake(Reactor reactor) throws Exception {
        for (int i = 0; i < 2 * reactor.loops(); i++) { // a task may run in a turn that looked before
            on(reactor.loopInTurn(), () -> true);
        }
    }

    static Socket connect(Listener listener) throws IOException {
        Socket socket =
                new Socket(listener.address().getAddress(), listener.address().getPort());
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(SECONDS));
        return socket;
    }

    /** Waits until nobody holds a buffer of the reactor's loops; fails if that does not come. */
    static void awaitNoBufferLent(Reactor reactor) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (lent(reactor) > 0) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("buffers lent: " + lent(reactor));
            }
            Thread.onSpinWait();
        }
    }

    static int lent(Reactor reactor) throws Exception {
        int lent = 0;
        for (int i = 0; i < reactor.loops(); i++) {
            SelectorLoop loop = reactor.loopInTurn();
            lent += on(loop, () -> loop.pool().lent());
        }
        return lent;
    }

    /** Remembers what it is told. */
    static class Recorder implements ConnectionHandler {
        final BlockingQueue<Connection> opened = new LinkedBlockingQueue<>();
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        final BlockingQueue<CloseCause> closed = new LinkedBlockingQueue<>();

        @Override
        public void opened(Connection connection) {
            opened.add(connection);
        }

        @Override
        public void received(Connection connection, ByteBuffer in) {
            byte[] octets = new byte[in.remaining()];
            in.get(octets);
            events.add(new String(octets, java.nio.charset.StandardCharsets.ISO_8859_1));
        }

        @Override
        public void deadlineReached(Connection connection) {
            events.add("deadline");
        }

        @Override
        public void closed(Connection connection, CloseCause cause) {
            closed.add(cause);
        }
    }

    /** Sends back what it is sent, and stops reading from a peer that does not read. */
    static class Echo extends Recorder {
        @Override
        public void received(Connection connection, ByteBuffer in) {
            while (in.hasRemaining()) {
                if (connection.unsent() > Connection.UNSENT_BOUND) {
                    connection.pauseReading();
                    break;
                }
                ByteBuffer out = connection.output(1);
                int count = Math.min(out.remaining(), in.remaining());
                out.put(in.slice(in.position(), count));
                in.position(in.position() + count);
            }
            connection.flush();
        }

        @Override
        public void writable(Connection connection) {
            events.add("writable");
            connection.resumeReading();
        }
    }
}
