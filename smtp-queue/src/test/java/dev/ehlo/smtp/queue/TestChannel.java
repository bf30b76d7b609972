package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.queue.journal.StorageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A file of a {@link TestDisk} as what reads content knows it: at positions, and in no other way. */
final class TestChannel extends FileChannel {
    private final StorageFile file;

    TestChannel(StorageFile file) {
        this.file = file;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
        return file.read(into, position);
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    protected void implCloseChannel() throws IOException {
        file.close();
    }

    private static AssertionError notAsked() {
        return new AssertionError("content is read at positions only");
    }

    @Override
    public int read(ByteBuffer into) {
        throw notAsked();
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) {
        throw notAsked();
    }

    @Override
    public int write(ByteBuffer from) {
        throw notAsked();
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) {
        throw notAsked();
    }

    @Override
    public int write(ByteBuffer from, long position) {
        throw notAsked();
    }

    @Override
    public long position() {
        throw notAsked();
    }

    @Override
    public FileChannel position(long position) {
        throw notAsked();
    }

    @Override
    public FileChannel truncate(long size) {
        throw notAsked();
    }

    @Override
    public void force(boolean metaData) {
        throw notAsked();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel to) {
        throw notAsked();
    }

    @Override
    public long transferFrom(ReadableByteChannel from, long position, long count) {
        throw notAsked();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw notAsked();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw notAsked();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
        throw notAsked();
    }
}
