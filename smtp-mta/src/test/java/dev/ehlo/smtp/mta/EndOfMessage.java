package dev.ehlo.smtp.mta;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A policy service that a Postfix asks at the end of each message (SMTPD_POLICY_README), and that answers when the test
 * says so: each message is held until then. A thread for each process of Postfix's.
 */
final class EndOfMessage implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final List<CompletableFuture<String>> held = new ArrayList<>();
    private int taken;

    EndOfMessage() throws IOException {
        start(this::accept);
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "end-of-message");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                start(() -> serve(socket));
            }
        } catch (IOException closed) {
            if (!listener.isClosed()) {
                throw new AssertionError(closed);
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                Writer out = new OutputStreamWriter(socket.getOutputStream(), StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isEmpty()) {
                    out.write("action=" + hold().join() + "\n\n");
                    out.flush();
                }
            }
        } catch (IOException gone) {
            // The process of Postfix's has ended, or the test has.
            sockets.remove(socket);
        }
    }

    private synchronized CompletableFuture<String> hold() {
        CompletableFuture<String> answer = new CompletableFuture<>();
        held.add(answer);
        return answer;
    }

    /** How many messages wait at their end. */
    synchronized int held() {
        return held.size();
    }

    synchronized int taken() {
        return taken;
    }

    /** Takes all that is held; answers how much that was. */
    int take() {
        List<CompletableFuture<String>> all;
        synchronized (this) {
            all = List.copyOf(held);
            held.clear();
            taken += all.size();
        }
        all.forEach(answer -> answer.complete("dunno"));
        return all.size();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        take();
        for (Socket each : sockets) {
            each.close();
        }
    }
}
