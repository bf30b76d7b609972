package dev.ehlo.smtp.tls.reactor;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * The end of a connection that this side closes. The rest is sent, then FIN, and what the peer still sends is discarded
 * until its FIN or a limit: a reset would destroy the last reply on its way. Owned by the {@link Lifecycle}, which
 * writes and reads, and tells it of that; used on the loop's thread only.
 *
 * <pre>
 *     FLUSHING ── all is sent: FIN ──► LINGERING ── FIN of the peer, or too many octets ──► over
 *         └────── all is sent, and the peer's FIN came before, or is needless ──────────────►
 * </pre>
 *
 * Both have a time limit, set here; when it is reached, the lifecycle resets the connection.
 */
final class Lingering {
    /** What a peer has to take the last octets after {@link Connection#close}. */
    private static final long FLUSH_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** What a peer has to close its side after it was sent FIN. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Octets of a peer that sends on after {@link Connection#close}, discarded before it is reset. */
    private static final long LINGER_OCTETS = 4 * 1024 * 1024;

    private final SelectorLoop loop;
    private final Timed deadline;
    private final Wire wire;
    private long discarded;
    private boolean needless;

    Lingering(SelectorLoop loop, Timed deadline, Wire wire) {
        this.loop = loop;
        this.deadline = deadline;
        this.wire = wire;
    }

    /** The peer is known to send nothing more: its FIN need not be waited for. */
    void needless() {
        needless = true;
    }

    /** From now on only what is in the wire's queue is sent. */
    void begin() {
        loop.deadline(deadline, FLUSH_NANOS);
    }

    /**
     * The wire was written to.
     *
     * @return whether it is over, and the wire closed
     */
    boolean written() throws IOException {
        if (wire.isBlocked()) {
            return false;
        }
        if (wire.isFinSeen() || needless) {
            wire.close();
            return true;
        }
        wire.shutdownOutput();
        loop.deadline(deadline, LINGER_NANOS);
        return false;
    }

    /**
     * So many octets were read and discarded, negative for FIN.
     *
     * @return whether it is over, and the wire closed
     */
    boolean discarded(int count) {
        discarded += Math.max(0, count);
        if (discarded > LINGER_OCTETS) {
            wire.reset();
            return true;
        }
        if (count < 0 && !wire.isBlocked()) {
            wire.close();
            return true;
        }
        return false;
    }
}
