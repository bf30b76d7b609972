package dev.ehlo.smtp.benchmarks;

import dev.ehlo.smtp.codec.ParseResult;
import dev.ehlo.smtp.codec.ReplyParser;
import dev.ehlo.smtp.codec.ReplyView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Time for one reply of a submission session as servers send them; the one to EHLO has nine lines. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ReplyParserBenchmark {
    private static final List<String> STREAM = List.of(
            "220 submission.mail.example.org ESMTP ready",
            "250-submission.mail.example.org greets client.example.org [192.0.2.17]",
            "250-SIZE 52428800",
            "250-PIPELINING",
            "250-8BITMIME",
            "250-ENHANCEDSTATUSCODES",
            "250-AUTH PLAIN LOGIN SCRAM-SHA-256",
            "250-DSN",
            "250-LIMITS RCPTMAX=100 MAILMAX=20",
            "250 SMTPUTF8",
            "235 2.7.0 Authentication successful",
            "250 2.1.0 Sender OK",
            "250 2.1.5 Recipient OK",
            "550 5.1.1 <nobody@mail.example.org>: recipient address rejected: user unknown in local recipient table",
            "250 2.1.5 Recipient OK",
            "354 End data with <CR><LF>.<CR><LF>",
            "250 2.0.0 queued as 7F3A9C2E41B0",
            "250 2.1.0 Sender OK",
            "250 2.1.5 Ok",
            "354 Go ahead",
            "250 2.0.0 queued as 7F3A9C2E41B1",
            "221 2.0.0 Bye");
    private static final int REPLIES = 14;

    /** Where the stream lies. */
    @Param
    public Buffers buffer = Buffers.HEAP;

    private ByteBuffer in = ByteBuffer.allocate(0);
    private final ReplyParser parser = new ReplyParser();
    private final ReplyView view = new ReplyView();

    /** Checks that every reply of the stream is taken. */
    @Setup
    public void prepare() {
        in = buffer.of((String.join("\r\n", STREAM) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < REPLIES; i++) {
            if (parser.parse(in, view) != ParseResult.COMPLETE) {
                throw new IllegalStateException("not a reply, after " + i);
            }
        }
        if (in.hasRemaining()) {
            throw new IllegalStateException("more replies than " + REPLIES);
        }
    }

    /** Code, and where the reply ends. */
    @Benchmark
    @OperationsPerInvocation(REPLIES)
    public int parse() {
        in.position(0);
        int sum = 0;
        for (int i = 0; i < REPLIES; i++) {
            parser.parse(in, view);
            sum += view.code();
        }
        return sum;
    }

    /** The same octets looked at for CRLF alone. */
    @Benchmark
    @OperationsPerInvocation(REPLIES)
    public int floorScan() {
        return CrlfScan.count(in.position(0));
    }
}
