package dev.ehlo.smtp.testkit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * What a {@link ScriptedPeer} does on one connection, step by step; the connection is closed in order after the last.
 * Immutable: each method gives this script and one step more. Failures count the steps from 1.
 *
 * <pre>{@code
 * Script.begin().reply("220 mx.example").expect("EHLO *").reply("250 mx.example")
 *         .expect("MAIL FROM:<a@*").hold(latch).reply("250 ok").expect("RCPT *").drop()
 * }</pre>
 */
public final class Script {
    /** One step, taken on a connection. */
    interface Move {
        void make(PeerConnection connection) throws IOException, InterruptedException;
    }

    private static final Script EMPTY = new Script(List.of(), false);

    private final List<Move> moves;
    private final boolean isAccepting;

    private Script(List<Move> moves, boolean isAccepting) {
        this.moves = moves;
        this.isAccepting = isAccepting;
    }

    /** A script without steps: the connection is closed as soon as it is made. */
    public static Script begin() {
        return EMPTY;
    }

    /** Says these lines, as they stand on the wire but for the CRLF: {@code "250-mx.example", "250 STARTTLS"}. */
    public Script reply(String... lines) {
        int number = next();
        List<Step> steps = new ArrayList<>();
        for (String line : lines) {
            steps.add(new Step.Line(number, Side.SERVER, line));
        }
        return move(connection -> connection.play("script", steps));
    }

    /** Sends octets as they are. */
    public Script octets(byte[] octets) {
        return step(new Step.Raw(next(), Side.SERVER, Escapes.escape(octets)));
    }

    /** Expects one line from the client; {@code *} stands for any text. */
    public Script expect(String pattern) {
        return step(new Step.Line(next(), Side.CLIENT, pattern));
    }

    /** Expects content and end of data, whatever the content is. */
    public Script expectContent() {
        int number = next();
        return move(connection -> {
            if (!connection.takeContent()) {
                throw new AssertionError("script:" + number + ": the connection ended before the content did");
            }
        });
    }

    /** Expects the client to close. */
    public Script awaitClose() {
        return step(new Step.Closed(next(), Side.CLIENT));
    }

    /** Waits until the latch is at zero. */
    public Script hold(CountDownLatch latch) {
        return move(connection -> connection.hold(latch));
    }

    /** Does the TLS handshake; the peer must have been given a context. */
    public Script startTls() {
        return step(new Step.StartTls(next()));
    }

    /** Goes through a transcript, in the role of the server. */
    public Script play(Transcript transcript) {
        return move(connection -> connection.play(transcript.name(), transcript.steps()));
    }

    /** Ends the connection by FIN alone; under TLS that is a truncation. The last step. */
    public Script drop() {
        return move(PeerConnection::drop);
    }

    /** Ends the connection by RST. The last step. */
    public Script reset() {
        return move(PeerConnection::reset);
    }

    /**
     * Goes on as a peer that accepts everything, with the faults it was given. The last step; as the first, it is a
     * peer that accepts from the greeting on.
     */
    public Script accept() {
        return new Script(moves, true);
    }

    /** What to do, and then whether to go on accepting. */
    void perform(PeerConnection connection, Acceptance acceptance) throws IOException, InterruptedException {
        for (Move move : moves) {
            move.make(connection);
        }
        if (isAccepting) {
            new AcceptingSession(acceptance, connection).converse(moves.isEmpty());
        }
    }

    private int next() {
        return moves.size() + 1;
    }

    private Script step(Step step) {
        return move(connection -> connection.play("script", List.of(step)));
    }

    private Script move(Move move) {
        if (isAccepting) {
            throw new IllegalStateException("accept() is the last step");
        }
        List<Move> more = new ArrayList<>(moves);
        more.add(move);
        return new Script(List.copyOf(more), false);
    }
}
