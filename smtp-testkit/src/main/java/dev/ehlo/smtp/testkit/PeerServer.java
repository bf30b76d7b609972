package dev.ehlo.smtp.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The sockets and threads of a {@link ScriptedPeer}: one that accepts, and one for each connection. */
final class PeerServer implements AutoCloseable {
    private static final int BACKLOG = 256;

    private final PeerLog log;
    private final List<Script> scripts;
    private final Acceptance acceptance;
    private final @Nullable SSLContext tls;
    private final boolean isImplicitTls;
    private final Duration patience;
    private final ServerSocket listener;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();
    private boolean closed;

    private PeerServer(
            PeerLog log,
            List<Script> scripts,
            Acceptance acceptance,
            @Nullable SSLContext tls,
            boolean isImplicitTls,
            Duration patience)
            throws IOException {
        this.log = log;
        this.scripts = scripts;
        this.acceptance = acceptance;
        this.tls = tls;
        this.isImplicitTls = isImplicitTls;
        this.patience = patience;
        this.listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    }

    static PeerServer start(
            PeerLog log,
            List<Script> scripts,
            Acceptance acceptance,
            @Nullable SSLContext tls,
            boolean isImplicitTls,
            Duration patience)
            throws IOException {
        PeerServer server = new PeerServer(log, scripts, acceptance, tls, isImplicitTls, patience);
        server.spawn("smtp-peer-" + server.listener.getLocalPort(), server::accept);
        return server;
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private void accept() {
        for (int number = 0; !isClosed(); number++) {
            Script script = number < scripts.size()
                    ? scripts.get(number)
                    : Script.begin().accept();
            boolean isScripted = number < scripts.size();
            try {
                Socket socket = listener.accept();
                SocketWire wire = new SocketWire(socket, Side.SERVER, tls, patience);
                PeerLog.Entry entry = log.connection(wire::isTls);
                if (!admit(socket)) {
                    wire.abort();
                    return;
                }
                spawn(Thread.currentThread().getName() + '-' + number, () -> serve(wire, entry, script, isScripted));
            } catch (IOException e) {
                if (!isClosed()) {
                    log.deviation(new AssertionError("no more connections: " + e, e));
                }
                return;
            }
        }
    }

    private void serve(SocketWire wire, PeerLog.Entry entry, Script script, boolean isScripted) {
        Throwable failure = null;
        try {
            if (isImplicitTls) {
                wire.startTls();
            }
            PeerConnection connection = new PeerConnection(log, entry, wire, patience);
            script.perform(connection, acceptance);
            if (isScripted) {
                log.scriptPlayed();
            }
            connection.finish();
        } catch (AssertionError e) {
            failure = e;
            // A client that left has contradicted nothing; whether it should have stayed, awaitScripts is asked.
            if (!wire.isClosed() && !isClosed()) {
                log.deviation(e);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            failure = e;
        } finally {
            end(wire, entry, failure);
        }
    }

    private void end(SocketWire wire, PeerLog.Entry entry, @Nullable Throwable failure) {
        try {
            wire.abort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            log.ended(entry, failure);
        }
    }

    private synchronized boolean admit(Socket socket) {
        sockets.add(socket);
        return !closed;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void spawn(String name, Runnable work) {
        if (!closed) {
            Thread thread = new Thread(work, name);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    @Override
    public void close() {
        List<Thread> running;
        synchronized (this) {
            closed = true;
            running = List.copyOf(threads);
            try {
                listener.close();
                for (Socket socket : sockets) {
                    socket.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        running.forEach(Thread::interrupt);
        for (Thread thread : running) {
            join(thread);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (thread.isAlive()) {
            throw new IllegalStateException("thread does not end: " + thread.getName());
        }
    }
}
