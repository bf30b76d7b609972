package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.Frame;
import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The records of one batch on their way to the file: small pieces are copied one behind the other, to be written as
 * one, and large ones are gathered from where they are. Belongs to the commit thread.
 */
final class RecordOutput {
    /** Pieces from this size on are not copied. */
    private static final int LARGE = 8 << 10;

    private static final int LEAST_STAGE = 16 << 10;
    private static final int MOST_STAGE = 1 << 20;
    /** No more go into one call of the system. */
    private static final int MOST_PIECES = 1000;

    private ByteBuffer stage = ByteBuffer.allocateDirect(LEAST_STAGE);
    /** Where in the stage begins what is not among the pieces yet. */
    private int staged;

    private final List<ByteBuffer> pieces = new ArrayList<>();
    private @Nullable StorageFile file;
    private long octets;
    private boolean tooSmall;

    /** Begins a batch. */
    void to(StorageFile next) {
        file = next;
        octets = 0;
        clear();
        if (tooSmall && stage.capacity() < MOST_STAGE) {
            stage = ByteBuffer.allocateDirect(2 * stage.capacity());
        }
        tooSmall = false;
    }

    /** Octets since the batch began. */
    long octets() {
        return octets;
    }

    /** The beginning of a record whose payload, so many octets that {@code sum} has summed, is put next. */
    void head(long mark, byte type, int length, CRC32C sum) throws IOException {
        ensureRoom(Frame.HEAD);
        Frame.putHead(stage, mark, type, length, sum);
        octets += Frame.HEAD;
    }

    void put(byte[] piece) throws IOException {
        put(ByteBuffer.wrap(piece));
    }

    /** Large ones must not change until the batch is written. */
    void put(ByteBuffer piece) throws IOException {
        int count = piece.remaining();
        octets += count;
        if (count < LARGE) {
            ensureRoom(count);
            stage.put(piece);
        } else {
            endPiece();
            pieces.add(piece);
            if (pieces.size() >= MOST_PIECES) {
                flush();
            }
        }
    }

    /** The end of a record. */
    void tail() throws IOException {
        ensureRoom(Frame.TAIL);
        Frame.putTail(stage);
        octets += Frame.TAIL;
    }

    /** Writes what was put and not yet written. */
    void flush() throws IOException {
        StorageFile to = file;
        if (to == null) {
            throw new IllegalStateException("no batch was begun");
        }
        endPiece();
        if (!pieces.isEmpty()) {
            to.append(pieces);
        }
        clear();
    }

    private void ensureRoom(int count) throws IOException {
        if (stage.remaining() < count) {
            tooSmall = true;
            flush();
        }
    }

    private void endPiece() {
        if (stage.position() > staged) {
            pieces.add(stage.slice(staged, stage.position() - staged));
            staged = stage.position();
        }
    }

    private void clear() {
        pieces.clear();
        stage.clear();
        staged = 0;
    }
}
