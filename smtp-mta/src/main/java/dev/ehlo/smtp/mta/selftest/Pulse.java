package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Connects and leaves again and again, so that something happens on each loop of a server whose clock runs fast: a loop
 * sleeps as long as its next deadline is away by a clock that does not.
 */
public final class Pulse implements AutoCloseable {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(15);

    private final InetSocketAddress server;
    private final Thread thread = new Thread(this::run, "pulse");
    private volatile boolean stopped;

    private Pulse(InetSocketAddress server) {
        this.server = server;
    }

    /** Begins. */
    public static Pulse start(InetSocketAddress server) {
        Pulse pulse = new Pulse(server);
        pulse.thread.setDaemon(true);
        pulse.thread.start();
        return pulse;
    }

    private void run() {
        while (!stopped) {
            try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
                socket.setSoLinger(true, 0);
            } catch (IOException e) {
                stopped |= Thread.currentThread().isInterrupted();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    @Override
    public void close() {
        stopped = true;
        LockSupport.unpark(thread);
    }
}
