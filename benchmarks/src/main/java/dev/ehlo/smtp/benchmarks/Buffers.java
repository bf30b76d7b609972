package dev.ehlo.smtp.benchmarks;

import java.nio.ByteBuffer;

/** Where the octets of a benchmark lie. */
public enum Buffers {
    /** In an array. */
    HEAP,
    /** Outside the Java heap, as a channel reads and writes them. */
    DIRECT;

    ByteBuffer allocate(int octets) {
        return this == HEAP ? ByteBuffer.allocate(octets) : ByteBuffer.allocateDirect(octets);
    }

    ByteBuffer of(byte[] octets) {
        return allocate(octets.length).put(octets).flip();
    }
}
