package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.Reply;
import java.nio.ByteBuffer;

/** A reply with its octets made beforehand, so that to send it is to copy them. Immutable; shared between threads. */
public final class EncodedReply {
    private final Reply reply;
    private final byte[] octets;

    /** Encodes the reply once. */
    public EncodedReply(Reply reply) {
        this.reply = reply;
        this.octets = ReplyEncoder.encode(reply);
    }

    /** What the octets say. */
    public Reply reply() {
        return reply;
    }

    /** How many octets {@link #writeTo} puts. */
    public int length() {
        return octets.length;
    }

    /**
     * Puts the octets.
     *
     * @throws java.nio.BufferOverflowException if there is no room for {@link #length()} octets; none are put then
     */
    public void writeTo(ByteBuffer out) {
        out.put(octets);
    }
}
