package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.MessageSource;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;

/**
 * Sends the content of one message after 354: reads its source block by block, and writes slices of the block by
 * gathering writes, with the dots stuffed and end of data behind. RFC 5321 §4.5.2. For blocking channels, and for
 * non-blocking ones, where it goes on as often as there is room. Used by one thread at a time.
 *
 * <pre>{@code
 * try (DataTransfer transfer = new DataTransfer(source, block, slices)) {
 *     transfer.writeTo(channel);              // of a blocking channel; else until it returns true
 * }
 * }</pre>
 */
public final class DataTransfer implements Closeable {
    private final ReadableByteChannel content;
    private final ByteBuffer block;
    private final DataSlices slices;
    private long unread;
    private boolean finished;

    /**
     * A transfer that has written nothing yet.
     *
     * @param block what is read into, direct for the least copying; the caller's again once the transfer is closed
     * @param slices reset here; the caller's again once the transfer is closed
     * @throws IOException if the source can't be opened
     * @throws IllegalArgumentException if the block has no room
     */
    public DataTransfer(MessageSource source, ByteBuffer block, DataSlices slices) throws IOException {
        if (block.capacity() == 0) {
            throw new IllegalArgumentException("a block without room");
        }
        this.content = source.open();
        this.unread = source.octets();
        this.block = block.clear().limit(0);
        this.slices = slices;
        slices.reset();
    }

    /**
     * Writes as much as the channel takes.
     *
     * @return whether all is written, with end of data; false if the channel is full for now
     * @throws IOException if reading or writing fails, the source ends early, or the content holds a bare CR or LF and
     *     the slices refuse that. The connection has to be closed then: no end of data has been sent, and none may be
     */
    public boolean writeTo(GatheringByteChannel channel) throws IOException {
        while (true) {
            while (slices.length() > 0) {
                if (channel.write(slices.buffers(), slices.offset(), slices.length()) == 0) {
                    return false;
                }
            }
            if (finished) {
                return true;
            }
            // What was written is the block's no more: only now may it be read into again.
            if (block.hasRemaining() || fill()) {
                slices.encode(block);
            } else {
                slices.finish();
                finished = true;
            }
            if (slices.isRefused()) {
                throw new IOException("content holds a bare CR or LF");
            }
        }
    }

    private boolean fill() throws IOException {
        if (unread == 0) {
            return false;
        }
        block.clear().limit((int) Math.min(block.capacity(), unread));
        int octets = content.read(block);
        if (octets <= 0) {
            throw new IOException("content ends " + unread + " octets early");
        }
        unread -= octets;
        block.flip();
        return true;
    }

    /** Closes the source. What was sent stays sent. */
    @Override
    public void close() throws IOException {
        content.close();
    }
}
