package dev.ehlo.smtp.benchmarks;

import dev.ehlo.smtp.codec.DataSlices;
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

/** Content of 1 MiB sliced for gathering writes per second, which is to say MiB/s. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DataSlicesBenchmark {
    /** What the lines are like. */
    @Param
    public Body body = Body.TEXT;

    /** Where the octets lie. */
    @Param
    public Buffers buffer = Buffers.HEAP;

    private final DataSlices slices = new DataSlices(64);
    private ByteBuffer in = ByteBuffer.allocate(0);

    /** Checks that the whole is encoded. */
    @Setup
    public void prepare() {
        in = buffer.of(body.content());
        if (slice() != body.wire().length) {
            throw new IllegalStateException("sliced " + in);
        }
        Body.check(in);
    }

    /** Up to 64 slices at a time, taken up when full. */
    @Benchmark
    public long slice() {
        long octets = 0;
        slices.reset();
        in.position(0);
        while (in.hasRemaining()) {
            slices.encode(in);
            octets += take();
        }
        slices.finish();
        return octets + take();
    }

    /** As a channel does that takes all. */
    private long take() {
        long octets = 0;
        ByteBuffer[] buffers = slices.buffers();
        int end = slices.offset() + slices.length();
        for (int i = slices.offset(); i < end; i++) {
            octets += buffers[i].remaining();
            buffers[i].position(buffers[i].limit());
        }
        return octets;
    }

    /** The same octets looked at for CRLF alone. */
    @Benchmark
    public int floorScan() {
        return CrlfScan.count(in.position(0));
    }
}
