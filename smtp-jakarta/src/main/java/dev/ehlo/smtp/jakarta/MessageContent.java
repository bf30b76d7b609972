package dev.ehlo.smtp.jakarta;

import dev.ehlo.smtp.FileRegion;
import dev.ehlo.smtp.MessageSource;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes a message that writes itself, and has it for the client: each line end a CRLF, the last one too, and with what
 * the client has to know found out on the way. Small ones are in memory, once; from {@value #MAX_MEMORY} octets on in a
 * file that only the owner may read and that is gone when this is closed. Written by one thread, then read by others.
 */
final class MessageContent extends OutputStream implements MessageSource {
    /** Octets of a message in memory. */
    static final int MAX_MEMORY = 2 << 20;

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    /** In each octet of a word what is no control octet, at the least. */
    private static final long BLANKS = 0x2020202020202020L;

    private static final long TOPS = 0x8080808080808080L;

    private static final int FIRST_BLOCK = 8 << 10;
    private static final int LARGEST_BLOCK = 256 << 10;

    private final List<byte[]> blocks = new ArrayList<>();
    private byte[] block = new byte[FIRST_BLOCK];
    private int count;
    /** In the blocks that are full, or in the file. */
    private long before;

    private @Nullable FileChannel file;
    private MessageSource whole = MessageSource.of(new byte[0]);

    private boolean isLineBegun;
    private boolean isCrLast;
    private boolean isInHeader = true;
    private boolean hasDot;
    private boolean isEightBit;
    private boolean isHeaderEightBit;

    @Override
    public void write(int octet) throws IOException {
        if (octet == '\n') {
            newLine(isCrLast);
            isCrLast = false;
        } else if (octet == '\r') {
            newLine(false);
            isCrLast = true;
        } else {
            begin((byte) octet);
            see((byte) octet < 0);
            put((byte) octet);
        }
    }

    /** Copies at once what is in lines already. */
    @Override
    public void write(byte[] octets, int from, int length) throws IOException {
        int end = from + length;
        int run = from;
        int at = from;
        while (at < end) {
            byte octet = octets[at];
            if (octet == '\r' && at + 1 < end && octets[at + 1] == '\n') {
                endLine();
                isCrLast = false;
                at += 2;
            } else if (octet == '\n' || octet == '\r') {
                put(octets, run, at - run);
                write(octet);
                at++;
                run = at;
            } else {
                begin(octet);
                at = seeText(octets, at, end);
            }
        }
        put(octets, run, end - run);
    }

    /** Looks at text to the end of its line, eight octets at a time; where that is. */
    private int seeText(byte[] octets, int from, int end) {
        long all = 0;
        int at = from;
        while (at <= end - Long.BYTES) {
            long word = (long) WORD.get(octets, at);
            if ((word - BLANKS & ~word & TOPS) != 0 && newline(octets, at, at + Long.BYTES) < at + Long.BYTES) {
                break;
            }
            all |= word;
            at += Long.BYTES;
        }
        int stop = newline(octets, at, end);
        while (at < stop) {
            all |= octets[at++];
        }
        see((all & TOPS) != 0);
        return stop;
    }

    private static int newline(byte[] octets, int from, int end) {
        int at = from;
        while (at < end && octets[at] != '\n' && octets[at] != '\r') {
            at++;
        }
        return at;
    }

    /** A line end; the second half of one is none. */
    private void newLine(boolean isSecondHalf) throws IOException {
        if (isSecondHalf) {
            return;
        }
        endLine();
        put((byte) '\r');
        put((byte) '\n');
    }

    private void endLine() {
        isInHeader &= isLineBegun;
        isLineBegun = false;
    }

    private void begin(byte first) {
        hasDot |= !isLineBegun && first == '.';
        isLineBegun = true;
        isCrLast = false;
    }

    private void see(boolean hasEightBit) {
        isEightBit |= hasEightBit;
        isHeaderEightBit |= hasEightBit && isInHeader;
    }

    private void put(byte octet) throws IOException {
        if (count == block.length) {
            nextBlock();
        }
        block[count++] = octet;
    }

    private void put(byte[] octets, int from, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (count == block.length) {
                nextBlock();
            }
            int some = Math.min(length - done, block.length - count);
            System.arraycopy(octets, from + done, block, count, some);
            count += some;
            done += some;
        }
    }

    private void nextBlock() throws IOException {
        before += count;
        if (file == null && before < MAX_MEMORY) {
            blocks.add(block);
            block = new byte[Math.min(2 * block.length, LARGEST_BLOCK)];
        } else {
            FileChannel to = file == null ? spill() : file;
            write(to, ByteBuffer.wrap(block, 0, count));
        }
        count = 0;
    }

    private FileChannel spill() throws IOException {
        Path path = Files.createTempFile("smtp-jakarta", ".eml");
        FileChannel to = FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        file = to;
        for (byte[] each : blocks) {
            write(to, ByteBuffer.wrap(each));
        }
        blocks.clear();
        return to;
    }

    private static void write(FileChannel to, ByteBuffer octets) throws IOException {
        while (octets.hasRemaining()) {
            to.write(octets);
        }
    }

    /** Nothing more comes. */
    void complete() throws IOException {
        if (isLineBegun) {
            newLine(false);
        }
        long octets = before + count;
        FileChannel in = file;
        if (in != null) {
            write(in, ByteBuffer.wrap(block, 0, count));
            whole = new InFile(in, octets);
            return;
        }
        ByteBuffer[] pieces = new ByteBuffer[blocks.size() + 1];
        for (int i = 0; i < blocks.size(); i++) {
            pieces[i] = ByteBuffer.wrap(blocks.get(i));
        }
        pieces[blocks.size()] = ByteBuffer.wrap(block, 0, count);
        whole = MessageSource.of(pieces);
    }

    /** Whether any octet is beyond ASCII. */
    boolean isEightBit() {
        return isEightBit;
    }

    /** Whether one in the header is. RFC 6532. */
    boolean isHeaderEightBit() {
        return isHeaderEightBit;
    }

    @Override
    public long octets() {
        return whole.octets();
    }

    @Override
    public ReadableByteChannel open() throws IOException {
        return whole.open();
    }

    @Override
    public boolean isInMemory() {
        return whole.isInMemory();
    }

    @Override
    public boolean needsStuffing() {
        return hasDot;
    }

    /** Lets go of the file, if there is one. A client that still reads it can't. */
    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }

    /** Whoever reads it to its end leaves it open: it is closed with the whole. */
    private record InFile(FileChannel file, long octets) implements MessageSource {
        @Override
        public ReadableByteChannel open() {
            return FileRegion.of(file, 0, octets, () -> {});
        }
    }
}
