package dev.ehlo.smtp.benchmarks;

import dev.ehlo.smtp.codec.DataEncoder;
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

/** Content of 1 MiB encoded per second, which is to say MiB/s. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DataEncoderBenchmark {
    private static final int OUT = 32 * 1024;

    /** What the lines are like. */
    @Param
    public Body body = Body.TEXT;

    /** Where the octets lie. */
    @Param
    public Buffers buffer = Buffers.HEAP;

    private final DataEncoder encoder = new DataEncoder();
    private ByteBuffer in = ByteBuffer.allocate(0);
    private ByteBuffer out = ByteBuffer.allocate(0);

    /** Checks that the whole is encoded. */
    @Setup
    public void prepare() {
        in = buffer.of(body.content());
        out = buffer.allocate(OUT);
        if (encode() != body.wire().length) {
            throw new IllegalStateException("encoded " + out);
        }
        Body.check(in);
    }

    /** Into a buffer that is emptied when full. */
    @Benchmark
    public long encode() {
        long octets = 0;
        encoder.reset();
        in.position(0);
        while (in.hasRemaining()) {
            encoder.encode(in, out.clear());
            octets += out.position();
        }
        encoder.finish(out.clear());
        return octets + out.position();
    }

    /** The same octets looked at for CRLF, and copied. */
    @Benchmark
    public int floorScanAndCopy() {
        int lines = CrlfScan.count(in.position(0));
        int limit = in.limit();
        while (in.position() < limit) {
            out.clear().put(in.limit(Math.min(limit, in.position() + OUT)));
            in.limit(limit);
        }
        return lines;
    }
}
