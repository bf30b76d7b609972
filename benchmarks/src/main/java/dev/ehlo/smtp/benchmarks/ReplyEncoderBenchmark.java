package dev.ehlo.smtp.benchmarks;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.codec.ReplyEncoder;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Time for one reply of one line. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReplyEncoderBenchmark {
    private final Reply reply = Reply.of(250, "2.1.5", "Recipient ok");
    private final EncodedReply constant = new EncodedReply(reply);
    private final byte[] octets = ReplyEncoder.encode(reply);
    private final ByteBuffer out = ByteBuffer.allocateDirect(512);

    /** A reply that is sent over and over. */
    @Benchmark
    public ByteBuffer constant() {
        constant.writeTo(out.clear());
        return out;
    }

    /** A reply that is made for once. */
    @Benchmark
    public ByteBuffer encoded() {
        return out.clear().put(ReplyEncoder.encode(reply));
    }

    /** The same octets copied. */
    @Benchmark
    public ByteBuffer floorCopy() {
        return out.clear().put(octets);
    }
}
