package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.codec.HeaderField;
import dev.ehlo.smtp.codec.HeaderScanner;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Content without the fields Return-Path of its header, which someone before has put there: final delivery adds the one
 * that is true. Used as the content it is made of. RFC 5321 §4.4.
 */
final class WithoutReturnPath implements MessageSource {
    private static final int BLOCK_OCTETS = 8 * 1024;

    private final MessageSource content;
    private final List<Cut> cuts;

    /** Octets of the content from one place up to another. */
    private record Cut(long from, long to) {}

    private WithoutReturnPath(MessageSource content, List<Cut> cuts) {
        this.content = content;
        this.cuts = cuts;
    }

    /** The content itself, if there is none; reads its header. */
    static MessageSource of(MessageSource content) throws IOException {
        List<Cut> cuts = cuts(content);
        return cuts.isEmpty() ? content : new WithoutReturnPath(content, cuts);
    }

    private static List<Cut> cuts(MessageSource content) throws IOException {
        List<Cut> cuts = new ArrayList<>();
        HeaderScanner header = new HeaderScanner();
        ByteBuffer block = ByteBuffer.allocate(BLOCK_OCTETS);
        long from = -1;
        try (ReadableByteChannel in = content.open()) {
            while (!header.isEnded() && in.read(block) >= 0) {
                block.flip();
                while (header.nextField(block)) {
                    if (from >= 0) {
                        cuts.add(new Cut(from, header.fieldStart()));
                    }
                    from = header.field() == HeaderField.RETURN_PATH ? header.fieldStart() : -1;
                }
                block.clear();
            }
        }
        if (from >= 0) {
            cuts.add(new Cut(from, header.octets()));
        }
        return cuts;
    }

    @Override
    public long octets() {
        return content.octets()
                - cuts.stream().mapToLong(cut -> cut.to() - cut.from()).sum();
    }

    /** Whole lines are missing. */
    @Override
    public boolean needsStuffing() {
        return content.needsStuffing();
    }

    @Override
    public ReadableByteChannel open() throws IOException {
        return new Rest(content.open(), new ArrayDeque<>(cuts));
    }

    private static final class Rest implements ReadableByteChannel {
        private final ReadableByteChannel in;
        private final Queue<Cut> cuts;
        private long at;

        Rest(ReadableByteChannel in, Queue<Cut> cuts) {
            this.in = in;
            this.cuts = cuts;
        }

        @Override
        public int read(ByteBuffer out) throws IOException {
            while (!cuts.isEmpty() && cuts.element().from() == at) {
                skipTo(cuts.remove().to());
            }
            int limit = out.limit();
            if (!cuts.isEmpty()) {
                out.limit((int) Math.min(limit, out.position() + cuts.element().from() - at));
            }
            int octets = in.read(out);
            out.limit(limit);
            at += Math.max(octets, 0);
            return octets;
        }

        private void skipTo(long to) throws IOException {
            ByteBuffer skipped = ByteBuffer.allocate(BLOCK_OCTETS);
            while (at < to) {
                skipped.clear().limit((int) Math.min(BLOCK_OCTETS, to - at));
                int octets = in.read(skipped);
                if (octets < 0) {
                    throw new EOFException("content ends " + (to - at) + " octets early");
                }
                at += octets;
            }
        }

        @Override
        public boolean isOpen() {
            return in.isOpen();
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
