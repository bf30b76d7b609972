package dev.ehlo.smtp.tls.reactor;

import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.TlsSession;
import java.nio.ByteBuffer;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TLS between octets of the network and octets in clear, without a socket, a thread or a clock. Moved on by its
 * connection, one call at a time; what it has to say itself it puts into the connection's output.
 *
 * <pre>
 *     HANDSHAKING ── finished ──► ESTABLISHED ── close_notify of the peer ──► ENDED
 * </pre>
 *
 * Any failure is an {@link SSLException}; the alert for it is fetched by {@link #alert}. Refused beside what the engine
 * refuses: a second handshake (renegotiation, TLS 1.2), a handshake of too many octets, and records without end that
 * carry nothing (key updates and empty records, TLS 1.3), and key updates whose answers nobody takes. RFC 8446 §6.1,
 * RFC 5246 §7.2.1, RFC 9325 §3.5.
 */
final class TlsLayer {
    /** What the caller is to do next. */
    enum Step {
        /** Bring more octets of the network. */
        NEEDS_INPUT,
        /** Take clear octets away. */
        NEEDS_ROOM,
        /** Run {@link #runTasks} off the loop, and come back. */
        NEEDS_TASKS,
        /** The handshake is done; told once. */
        ESTABLISHED,
        /** The peer has said close_notify. Octets behind it are not TLS. */
        ENDED
    }

    private enum State {
        HANDSHAKING,
        ESTABLISHED,
        ENDED
    }

    /** Octets a peer's handshake may take; certificate chains of the real world need less than a tenth. */
    static final int HANDSHAKE_OCTETS_BOUND = 256 * 1024;

    /** Records in a row that carry nothing for the application. */
    static final int EMPTY_RECORDS_BOUND = 32;

    /**
     * Octets that may wait when the engine has an answer to add, as it has to each key update: more than ever wait of
     * what the connection sends. So a peer that asks and reads nothing fills no memory, whatever it sends in between.
     */
    static final int UNSENT_ANSWERS_BOUND = 4 * Connection.UNSENT_BOUND;

    private static final Logger LOG = LoggerFactory.getLogger(TlsLayer.class);

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final SSLEngine engine;
    private State state = State.HANDSHAKING;
    private int handshakeOctets;
    private int emptyRecords;
    private int fullestRecord;

    /** Begins the handshake in the engine's role. */
    TlsLayer(SSLEngine engine) throws SSLException {
        this.engine = engine;
        engine.beginHandshake();
    }

    /**
     * Goes as far as it can with what is there.
     *
     * @param network from position to limit; whole records are consumed
     * @param clear room for what they hold
     * @param out takes what the handshake has to say
     */
    Step advance(ByteBuffer network, ByteBuffer clear, OutputQueue out) throws SSLException {
        while (state != State.ENDED) {
            HandshakeStatus status = engine.getHandshakeStatus();
            SSLEngineResult result;
            if (status == HandshakeStatus.NEED_TASK) {
                refuseRenegotiation(status);
                return Step.NEEDS_TASKS;
            } else if (status == HandshakeStatus.NEED_WRAP) {
                refuseRenegotiation(status);
                if (state == State.ESTABLISHED && out.octets() > UNSENT_ANSWERS_BOUND) {
                    throw new SSLException("a peer that asks for answers and takes none");
                }
                result = engine.wrap(NOTHING, out.room(engine.getSession().getPacketBufferSize()));
            } else if (network.hasRemaining() || status == HandshakeStatus.NEED_UNWRAP_AGAIN) {
                result = engine.unwrap(network, clear);
                count(result);
            } else {
                return Step.NEEDS_INPUT;
            }
            switch (result.getStatus()) {
                case BUFFER_UNDERFLOW -> {
                    return Step.NEEDS_INPUT;
                }
                case BUFFER_OVERFLOW -> {
                    return Step.NEEDS_ROOM;
                }
                case CLOSED -> closed();
                case OK -> {
                    if (state == State.HANDSHAKING && isFinished(result.getHandshakeStatus())) {
                        state = State.ESTABLISHED;
                        return Step.ESTABLISHED;
                    }
                }
            }
        }
        return Step.ENDED;
    }

    /** The computations that the handshake waits for. Meanwhile nothing else is called. */
    void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /**
     * Puts clear octets into records, as full as they can be, until no more than so many wait; lets them fall if TLS 1.2
     * is closed both ways.
     *
     * @return how many octets were put
     */
    long wrap(ByteBuffer[] clear, int from, int count, OutputQueue out, long bound) throws SSLException {
        long wrapped = 0;
        int end = from + count;
        for (int at = from; at < end && out.octets() <= bound; ) {
            if (!clear[at].hasRemaining()) {
                at++;
                continue;
            }
            ByteBuffer room = out.room(engine.getSession().getPacketBufferSize());
            SSLEngineResult result = engine.wrap(clear, at, end - at, room);
            wrapped += result.bytesConsumed();
            fullestRecord = Math.max(fullestRecord, result.bytesConsumed());
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                wrapped += clear[at].remaining();
                clear[at].position(clear[at].limit());
            } else if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
                throw new SSLException("nothing can be sent: " + result.getStatus());
            }
        }
        return wrapped;
    }

    /** How many of these octets to wrap at once so that records are full, as far as it is known how much they hold. */
    int fullRecords(int octets) {
        return fullestRecord == 0 ? octets : Math.max(octets / fullestRecord, 1) * fullestRecord;
    }

    /** Says close_notify. */
    void close(OutputQueue out) throws SSLException {
        engine.closeOutbound();
        SSLEngineResult result;
        do {
            result = engine.wrap(NOTHING, out.room(engine.getSession().getPacketBufferSize()));
        } while (result.bytesProduced() > 0 && !engine.isOutboundDone());
    }

    /** After an exception: the alert that the engine has for the peer, or close_notify if the refusal was not its own. */
    void alert(OutputQueue out) {
        try {
            close(out);
        } catch (SSLException e) {
            LOG.trace("the engine says again what it said before", e);
        }
    }

    /** What the handshake came to. */
    TlsSession session() {
        return TlsSession.of(engine);
    }

    /** What only the two ends of the connection know; made at each call. */
    Optional<ChannelBinding> channelBinding() {
        return ChannelBinding.of(engine);
    }

    /** As {@link #channelBinding()}, of that type. */
    Optional<ChannelBinding> channelBinding(String type) {
        return ChannelBinding.of(engine, type);
    }

    private void closed() throws SSLException {
        if (state == State.HANDSHAKING) {
            throw new SSLException("closed during the handshake");
        }
        if (engine.isInboundDone()) {
            state = State.ENDED;
        } else {
            throw new SSLException("closed by the engine");
        }
    }

    private void count(SSLEngineResult result) throws SSLException {
        if (state == State.HANDSHAKING) {
            handshakeOctets += result.bytesConsumed();
            if (handshakeOctets > HANDSHAKE_OCTETS_BOUND) {
                throw new SSLException("a handshake of more than " + HANDSHAKE_OCTETS_BOUND + " octets");
            }
        } else if (result.bytesProduced() > 0) {
            emptyRecords = 0;
        } else if (result.bytesConsumed() > 0 && ++emptyRecords > EMPTY_RECORDS_BOUND) {
            throw new SSLException("more than " + EMPTY_RECORDS_BOUND + " records without content");
        }
    }

    private void refuseRenegotiation(HandshakeStatus status) throws SSLException {
        boolean again = state == State.ESTABLISHED
                && !engine.isInboundDone()
                && !engine.isOutboundDone()
                && !engine.getSession().getProtocol().equals("TLSv1.3");
        if (again) {
            throw new SSLException("a second handshake, which is refused: " + status);
        }
    }

    private static boolean isFinished(HandshakeStatus status) {
        return status == HandshakeStatus.FINISHED || status == HandshakeStatus.NOT_HANDSHAKING;
    }
}
