package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.codec.HeaderField;
import dev.ehlo.smtp.codec.HeaderScanner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Passes content on to a sink, and puts the fields that its header lacks at the header's end. The content goes through
 * as it is, in place; held back is only the beginning of a line of which it is not yet clear whether it is a field.
 */
final class HeaderWatcher {
    /** What is to be put at the header's end. */
    @FunctionalInterface
    interface Missing {
        /** The fields to add, given which ones there are; empty for none. */
        String fields(boolean date, boolean messageId);
    }

    private final MessageSink sink;
    private final Missing missing;
    private final HeaderScanner header = new HeaderScanner();
    private final byte[] held = new byte[HeaderScanner.MAX_UNDECIDED];
    private int heldOctets;
    private boolean ended;

    HeaderWatcher(MessageSink sink, Missing missing) {
        this.sink = sink;
        this.missing = missing;
    }

    /** What there is in the header so far. */
    HeaderScanner header() {
        return header;
    }

    /** Passes the slice on, or what of it is clear. */
    void write(ByteBuffer slice) throws IOException {
        if (ended) {
            sink.write(slice);
            return;
        }
        int from = slice.position();
        int limit = slice.limit();
        long passed = header.octets();
        header.scan(slice);
        // What became clear of it began with the octets held.
        int clear = (int) (header.octets() - passed) - heldOctets;
        if (clear >= 0) {
            release();
            pass(slice, from, from + clear);
            from += clear;
        }
        if (header.isEnded()) {
            end(header.isEndedByEmptyLine());
            pass(slice, from, limit);
        } else {
            slice.limit(limit).position(from).get(held, heldOctets, limit - from);
            heldOctets += limit - from;
        }
    }

    /** There is no more content. */
    void finish() throws IOException {
        if (!ended) {
            end(true);
        }
    }

    private void end(boolean beforeEmptyLine) throws IOException {
        ended = true;
        String fields = missing.fields(header.count(HeaderField.DATE) > 0, header.count(HeaderField.MESSAGE_ID) > 0);
        if (!fields.isEmpty()) {
            String text = beforeEmptyLine ? fields : fields + "\r\n";
            sink.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }
        release();
    }

    private void release() throws IOException {
        if (heldOctets > 0) {
            int octets = heldOctets;
            heldOctets = 0;
            sink.write(ByteBuffer.wrap(held, 0, octets));
        }
    }

    private void pass(ByteBuffer slice, int from, int to) throws IOException {
        if (to > from) {
            sink.write(slice.limit(to).position(from));
        }
    }
}
