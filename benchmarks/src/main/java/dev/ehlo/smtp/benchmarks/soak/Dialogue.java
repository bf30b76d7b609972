package dev.ehlo.smtp.benchmarks.soak;

import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A client's side of one session, on the connection's loop: greeting and EHLO, and then what the kind of client does. A
 * refusal is something to count, as it may be what the server should say.
 *
 * <pre>
 * GREETING ─ 220 → EHLO ─ 250 → READY
 * </pre>
 */
abstract class Dialogue implements ConnectionHandler {
    private enum Phase {
        GREETING,
        EHLO,
        READY
    }

    private static final byte[] EHLO = ascii("EHLO soak.example.net\r\n");

    private final CompletableFuture<Connection> ready = new CompletableFuture<>();
    private final CompletableFuture<CloseCause> gone = new CompletableFuture<>();
    private Phase phase = Phase.GREETING;

    /** Completes once the server has answered EHLO; fails if it does not. */
    final CompletionStage<Connection> ready() {
        return ready;
    }

    /** Completes when the connection is gone, or could not be made. */
    final CompletionStage<CloseCause> gone() {
        return gone;
    }

    final boolean isGone() {
        return gone.isDone();
    }

    /** Ends it without a word, if it is open. From any thread. */
    final void leave() {
        ready().thenAccept(connection -> connection.loop().execute(connection::abort));
    }

    /** The session is open. */
    abstract void begin(Connection connection);

    /** A reply to what was said since. */
    abstract void replied(Connection connection, int code, String lastLine);

    /** The greeting or EHLO was refused; the server closes. */
    void refused(int code) {}

    @Override
    public void opened(Connection connection) {}

    @Override
    public final void received(Connection connection, ByteBuffer in) {
        int end = end(in);
        while (end >= 0) {
            int start = in.position();
            boolean last = in.get(start + 3) != '-';
            if (last) {
                byte[] line = new byte[end - start];
                in.get(line);
                in.position(end + 1);
                String text = new String(line, StandardCharsets.ISO_8859_1).stripTrailing();
                reply(connection, Integer.parseInt(text.substring(0, 3)), text);
            } else {
                in.position(end + 1);
            }
            end = end(in);
        }
    }

    private void reply(Connection connection, int code, String text) {
        if (phase == Phase.READY) {
            replied(connection, code, text);
        } else if (code >= 400) {
            refused(code);
            ready.completeExceptionally(new IllegalStateException("refused: " + text));
            connection.close();
        } else if (phase == Phase.GREETING) {
            phase = Phase.EHLO;
            say(connection, EHLO);
        } else {
            phase = Phase.READY;
            begin(connection);
            ready.complete(connection);
        }
    }

    @Override
    public void deadlineReached(Connection connection) {}

    @Override
    public void closed(Connection connection, CloseCause cause) {
        ready.completeExceptionally(new IllegalStateException("closed: " + cause));
        gone.complete(cause);
    }

    static void say(Connection connection, byte[] octets) {
        connection.output(octets.length).put(octets);
        connection.flush();
    }

    static void say(Connection connection, String line) {
        say(connection, ascii(line + "\r\n"));
    }

    private static int end(ByteBuffer in) {
        for (int i = in.position(); i < in.limit(); i++) {
            if (in.get(i) == '\n') {
                return i;
            }
        }
        return -1;
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
