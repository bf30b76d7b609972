package dev.ehlo.smtp.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The server's end of one connection: what scripts and the accepting dialogue are made of. Used by one thread. */
final class PeerConnection {
    /** What is still read after our end, so that unread octets do not turn a FIN into a RST. */
    private static final int MAX_DRAINED = 1 << 28;

    private final SocketWire wire;
    private final Inbox inbox;
    private final SessionRecorder recorder;
    private final Duration patience;

    PeerConnection(PeerLog log, PeerLog.Entry entry, SocketWire wire, Duration patience) {
        this.wire = wire;
        this.inbox = new Inbox(wire);
        this.recorder = new SessionRecorder(log, entry);
        this.patience = patience;
    }

    SocketWire wire() {
        return wire;
    }

    Inbox inbox() {
        return inbox;
    }

    SessionRecorder recorder() {
        return recorder;
    }

    void play(String name, List<Step> steps) {
        new Player(name, steps, Side.SERVER, wire, inbox, Player.Cut.WHOLE, recorder).play();
    }

    void send(byte[] octets) throws IOException {
        recorder.sending(octets);
        wire.send(List.of(octets));
    }

    /** The next line, recorded; null if the client is gone. */
    @Nullable
    String takeLine() throws IOException {
        byte[] line = inbox.takeLine();
        if (line == null) {
            return null;
        }
        recorder.received(line);
        recorder.received(new byte[] {'\r', '\n'});
        return new String(line, StandardCharsets.UTF_8);
    }

    /** Takes content to end of data and records it; false if the client is gone before. */
    boolean takeContent() throws IOException {
        byte[] content = inbox.takeContent();
        if (content == null) {
            return false;
        }
        recorder.content(content);
        return true;
    }

    /** @throws IOException if the latch is not at zero in time */
    void hold(CountDownLatch latch) throws IOException, InterruptedException {
        if (!latch.await(patience.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new IOException("held for " + patience + " and not let go");
        }
    }

    /** Says no more, and reads until the client has gone too. */
    void finish() throws IOException {
        recorder.end();
        wire.close();
        drain();
    }

    /** FIN without close_notify, and reads until the client has gone too. */
    void drop() throws IOException {
        recorder.end();
        wire.drop();
        drain();
    }

    void reset() throws IOException {
        recorder.end();
        wire.reset();
    }

    private void drain() {
        try {
            int drained = 0;
            for (byte[] more = wire.receive(); more != null && drained < MAX_DRAINED; more = wire.receive()) {
                drained += more.length;
            }
        } catch (IOException e) {
            // All was said on our side: how the client takes its leave is its own matter.
        }
    }
}
