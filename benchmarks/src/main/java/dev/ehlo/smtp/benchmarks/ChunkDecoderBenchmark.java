package dev.ehlo.smtp.benchmarks;

import dev.ehlo.smtp.codec.BareNewlines;
import dev.ehlo.smtp.codec.ChunkDecoder;
import dev.ehlo.smtp.codec.ContentConsumer;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Content of 1 MiB taken as one chunk per second, which is to say MiB/s; bare CR and LF are looked for. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ChunkDecoderBenchmark {
    /** What the lines are like. */
    @Param
    public Body body = Body.TEXT;

    /** Where the octets lie. */
    @Param
    public Buffers buffer = Buffers.HEAP;

    private final ChunkDecoder decoder = new ChunkDecoder(BareNewlines.REFUSE);
    private ByteBuffer in = ByteBuffer.allocate(0);
    private long octets;
    private final ContentConsumer consumer = slice -> octets += slice.remaining();

    /** Checks that the whole is one chunk. */
    @Setup
    public void prepare() {
        in = buffer.of(body.content());
        if (decode() != in.capacity() || decoder.isRefused()) {
            throw new IllegalStateException("decoded " + octets);
        }
        Body.check(in);
    }

    /** To the end of the chunk, in place. */
    @Benchmark
    public long decode() {
        octets = 0;
        decoder.reset();
        decoder.begin(in.limit(), true);
        decoder.decode(in.position(0), consumer);
        return octets;
    }

    /** The same octets looked at for CRLF alone. */
    @Benchmark
    public int floorScan() {
        return CrlfScan.count(in.position(0));
    }
}
