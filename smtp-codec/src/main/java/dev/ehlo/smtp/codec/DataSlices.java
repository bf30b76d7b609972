package dev.ehlo.smtp.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Content to what goes after DATA, as {@link DataEncoder} has it, for gathering writes: slices of the content where it
 * lies, and only what is inserted from elsewhere. No octet of content is copied; text with no line that begins with a
 * dot is one slice. Resumable at any octet; used by one thread at a time.
 *
 * <pre>{@code
 * DataSlices slices = new DataSlices(64);
 * while (block.hasRemaining()) {
 *     slices.encode(block);
 *     while (slices.length() > 0) {
 *         channel.write(slices.buffers(), slices.offset(), slices.length());
 *     }
 * }
 * slices.finish();                            // and write what that gave
 * }</pre>
 *
 * <p>The slices share the octets of the block, which must stay as they are until all is written. Views of the block are
 * kept and used again while the block stays the same object, so that a block that is read into over and over costs
 * nothing; another block costs a view for each slice, and is held until another comes. Direct and mapped blocks are
 * written from where they are; what lies on the heap a channel copies.
 */
public final class DataSlices {
    /** The fewest slices: one of content, what is inserted behind it, and end of data. */
    public static final int MIN_CAPACITY = 3;

    private static final ByteBuffer END = ByteBuffer.allocateDirect(DotStuffing.END.length)
            .put(DotStuffing.END)
            .flip();

    private final DotStuffing stuffing;
    private final ByteBuffer[] slices;
    /** For each place a view of {@link #END}, since the same octets may wait in many places at once. */
    private final ByteBuffer[] framing;
    /** For each place a view of {@link #block}, made when it is first needed. */
    private final @Nullable ByteBuffer[] content;

    private @Nullable ByteBuffer block;
    private int first;
    private int count;

    /**
     * Slices before the first octet of a message, where a bare CR or LF becomes CRLF.
     *
     * @throws IllegalArgumentException if the capacity is below {@link #MIN_CAPACITY}
     */
    public DataSlices(int capacity) {
        this(capacity, BareNewlines.REPAIR);
    }

    /**
     * Slices before the first octet of a message.
     *
     * @param capacity how many there may be at a time; what a system takes in one write is 1024 mostly
     * @param policy as with {@link DataEncoder#DataEncoder(BareNewlines)}
     * @throws IllegalArgumentException if the capacity is below {@link #MIN_CAPACITY}
     */
    public DataSlices(int capacity, BareNewlines policy) {
        if (capacity < MIN_CAPACITY) {
            throw new IllegalArgumentException("too few slices: " + capacity);
        }
        this.stuffing = new DotStuffing(policy);
        this.slices = new ByteBuffer[capacity];
        this.framing = new ByteBuffer[capacity];
        this.content = new ByteBuffer[capacity];
        for (int i = 0; i < capacity; i++) {
            framing[i] = END.asReadOnlyBuffer();
            slices[i] = framing[i];
        }
    }

    /** Makes ready for another message, and forgets slices that were not written. */
    public void reset() {
        stuffing.reset();
        first = 0;
        count = 0;
    }

    /** Whether a bare CR or LF was met that must not leave; the connection has to be closed without end of data. */
    public boolean isRefused() {
        return stuffing.isRefused();
    }

    /**
     * Adds slices of the content between position and limit, until it is used up or there is no place for more; call
     * again with the rest when the slices are written.
     */
    public void encode(ByteBuffer in) {
        dropWritten();
        int limit = in.limit();
        int at = in.position();
        // Room for a run and what follows it, and always for end of data.
        while (at < limit && count <= slices.length - 3) {
            int end = stuffing.run(in, at, limit);
            if (stuffing.inserted() == '.') {
                // The dot is in the content already: it goes out twice, last in this slice and first in the next.
                addContent(in, at, end + 1);
            } else {
                if (end > at) {
                    addContent(in, at, end);
                }
                if (stuffing.inserted() != 0) {
                    int octet = stuffing.inserted() == '\r' ? 0 : 1;
                    addFraming(octet, octet + 1);
                }
            }
            at = end;
        }
        in.position(at);
    }

    /**
     * Adds what ends the last line if it is open, and end of data. There is always a place for it. Adds nothing, and
     * {@link #isRefused} is true from now on, if the last octet was a CR and the policy is REFUSE.
     *
     * @throws IllegalStateException if {@link #isRefused}, or if the slices are full because end of data is there
     *     already
     */
    public void finish() {
        dropWritten();
        if (count == slices.length) {
            throw new IllegalStateException("end of data is there already");
        }
        int end = stuffing.end();
        if (!stuffing.isRefused()) {
            addFraming(end, DotStuffing.END.length);
        }
    }

    /** What the slices stand in; neither to be changed nor kept. */
    public ByteBuffer[] buffers() {
        return slices;
    }

    /** Where in {@link #buffers} the first slice stands of which anything is left to write. */
    public int offset() {
        dropWritten();
        return first;
    }

    /** How many slices stand in {@link #buffers} from {@link #offset} on; 0 when all is written. */
    public int length() {
        dropWritten();
        return count - first;
    }

    private void dropWritten() {
        while (first < count && !slices[first].hasRemaining()) {
            first++;
        }
        if (first == count) {
            first = 0;
            count = 0;
        }
    }

    @SuppressWarnings("ReferenceEquality") // another block with equal octets is another block
    private void addContent(ByteBuffer in, int from, int to) {
        if (in != block) {
            block = in;
            Arrays.fill(content, null);
        }
        ByteBuffer slice = content[count];
        if (slice == null) {
            slice = in.duplicate();
            content[count] = slice;
        }
        slices[count++] = slice.limit(to).position(from);
    }

    private void addFraming(int from, int to) {
        slices[count] = framing[count].limit(to).position(from);
        count++;
    }
}
