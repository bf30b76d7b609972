package dev.ehlo.smtp.codec;

import java.nio.ByteBuffer;

/**
 * Receives content that comes in chunks after BDAT: so many octets each, whatever they are. Nothing in them is framing:
 * no dot is stuffed, and no sequence ends a chunk before its last octet. Resumable at any octet; slices go out in
 * place, without a copy. One for each connection, used by one thread; holds no buffer between calls and allocates
 * nothing.
 *
 * <p>A chunk ends where its count says, so that a bare CR or LF can smuggle nothing in here; it can where the content
 * leaves by DATA, or meets a program that ends lines otherwise. What comes with {@code BODY=BINARYMIME} may hold both
 * anywhere and must be kept to the bit (RFC 3030 §3): {@link BareNewlines#KEEP}, which looks at no octet. Everything
 * else is lines of text as after DATA, and {@link BareNewlines#REFUSE} and {@link BareNewlines#REPAIR} mean the same as
 * there. A CRLF may be cut by the end of a chunk and is none the worse for it. RFC 3030 §2.
 */
public final class ChunkDecoder {
    private final BareNewlines policy;
    private final ByteBuffer crlf = ByteBuffer.wrap(new byte[] {'\r', '\n'});
    private long octetsLeft;
    private boolean last;
    private boolean crSeen;
    private boolean bareSeen;
    private long octets;

    /** A decoder before the first chunk of a message. */
    public ChunkDecoder(BareNewlines policy) {
        this.policy = policy;
    }

    /** Makes ready for another message; the rest of a chunk that is under way is forgotten. */
    public void reset() {
        octetsLeft = 0;
        last = false;
        crSeen = false;
        bareSeen = false;
        octets = 0;
    }

    /**
     * Begins a chunk, as its command says. A chunk of no octets is whole as soon as {@link #decode} or {@link #discard}
     * is called, with whatever there is in the buffer.
     *
     * @param octets as {@link Command#chunkOctets()} has it
     * @throws IllegalArgumentException if the number of octets is negative
     * @throws IllegalStateException if the chunk before is not whole
     */
    public void begin(long octets, boolean last) {
        if (octets < 0) {
            throw new IllegalArgumentException("no size of a chunk: " + octets);
        }
        if (octetsLeft > 0) {
            throw new IllegalStateException(octetsLeft + " octets left of the chunk before");
        }
        this.octetsLeft = octets;
        this.last = last;
    }

    /** The octets of the chunk that have not come yet. */
    public long octetsLeft() {
        return octetsLeft;
    }

    /** Whether the chunk is the last of its message. */
    public boolean isLast() {
        return last;
    }

    /** The octets of content given out so far, of all chunks of the message. */
    public long octets() {
        return octets;
    }

    /** Whether the content is to be refused for a bare CR or LF; final when the last chunk is whole. */
    public boolean isRefused() {
        return bareSeen && policy == BareNewlines.REFUSE;
    }

    /**
     * Decodes from the position on; {@code out} is given {@code in} itself with its position and limit around a slice.
     *
     * @return true when the chunk is whole, with the position after it; false if more is needed, with everything
     *     consumed
     */
    public boolean decode(ByteBuffer in, ContentConsumer out) {
        int limit = in.limit();
        int from = in.position();
        int to = from + (int) Math.min(octetsLeft, limit - from);
        octetsLeft -= to - from;
        if (policy != BareNewlines.KEEP) {
            from = lines(in, from, to, limit, out);
        }
        emit(in, from, to, limit, out);
        in.position(to);
        if (octetsLeft == 0 && last && crSeen) {
            bare(1, out);
        }
        return octetsLeft == 0;
    }

    /**
     * Consumes from the position on what belongs to the chunk, and gives nothing out: for a chunk that is refused, so
     * that the session stays in step.
     *
     * @return true when the chunk is whole, with the position after it
     */
    public boolean discard(ByteBuffer in) {
        int discarded = (int) Math.min(octetsLeft, in.remaining());
        octetsLeft -= discarded;
        in.position(in.position() + discarded);
        return octetsLeft == 0;
    }

    /** Looks for bare CR and LF; from where the octets are not given out yet. */
    private int lines(ByteBuffer in, int start, int to, int limit, ContentConsumer out) {
        int from = start;
        int at = from;
        while (at < to) {
            if (crSeen) {
                if (in.get(at) == '\n') {
                    crSeen = false;
                    at++;
                } else {
                    from = repair(in, from, at, limit, out);
                    bare(1, out);
                }
                continue;
            }
            at = Newlines.next(in, at, to);
            if (at == to) {
                break;
            }
            if (in.get(at) == '\r') {
                crSeen = true;
                at++;
            } else {
                from = repair(in, from, at, limit, out);
                bare(0, out);
                at++;
                if (policy == BareNewlines.REPAIR) {
                    from = at;
                }
            }
        }
        return from;
    }

    /** Gives out what stands before a repair; from where the rest is to be given out. */
    private int repair(ByteBuffer in, int from, int at, int limit, ContentConsumer out) {
        if (policy != BareNewlines.REPAIR) {
            return from;
        }
        emit(in, from, at, limit, out);
        return at;
    }

    /** A CRLF in place of a bare octet, or from {@code skip} on only what it lacks. */
    private void bare(int skip, ContentConsumer out) {
        crSeen = false;
        bareSeen = true;
        if (policy == BareNewlines.REPAIR) {
            octets += 2 - skip;
            // The limit first: it is where the consumer of the last one left it.
            out.accept(crlf.limit(2).position(skip));
        }
    }

    private void emit(ByteBuffer in, int from, int to, int limit, ContentConsumer out) {
        if (to > from) {
            octets += to - from;
            in.limit(to).position(from);
            out.accept(in);
            in.limit(limit);
        }
    }
}
