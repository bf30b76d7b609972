package dev.ehlo.smtp.benchmarks;

import dev.ehlo.smtp.codec.Command;
import dev.ehlo.smtp.codec.CommandParser;
import dev.ehlo.smtp.codec.ParseResult;
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

/** Time for one command of a submission session as clients send them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CommandParserBenchmark {
    private static final List<String> STREAM = List.of(
            "EHLO client.mail.example.org",
            "AUTH PLAIN AHVzZXJAZXhhbXBsZS5vcmcAY29ycmVjdCBob3JzZSBiYXR0ZXJ5",
            "MAIL FROM:<bounce+12345@lists.example.org> SIZE=48213 BODY=8BITMIME",
            "RCPT TO:<first.last@example.net> NOTIFY=FAILURE,DELAY ORCPT=rfc822;first.last@example.net",
            "RCPT TO:<\"quoted local\"@[IPv6:2001:db8::25]>",
            "RCPT TO:<a@b.example>",
            "DATA",
            "RSET",
            "MAIL FROM:<>",
            "RCPT TO:<postmaster@a-rather-long-domain-name.example.co.uk>",
            "DATA",
            "QUIT");
    private static final int COMMANDS = 12;

    /** Where the stream lies. */
    @Param
    public Buffers buffer = Buffers.HEAP;

    private ByteBuffer in = ByteBuffer.allocate(0);
    private final CommandParser parser = new CommandParser();
    private final Command command = new Command();

    /** Checks that every command of the stream is taken. */
    @Setup
    public void prepare() {
        in = buffer.of((String.join("\r\n", STREAM) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        for (int i = 0; i < COMMANDS; i++) {
            if (parser.parse(in, command) != ParseResult.COMPLETE) {
                throw new IllegalStateException(command.copyLine());
            }
        }
        if (in.hasRemaining()) {
            throw new IllegalStateException("more commands than " + COMMANDS);
        }
    }

    /** Verb, path in its parts, parameters located. */
    @Benchmark
    @OperationsPerInvocation(COMMANDS)
    public int parse() {
        in.position(0);
        int parameters = 0;
        for (int i = 0; i < COMMANDS; i++) {
            parser.parse(in, command);
            parameters += command.parameterCount();
        }
        return parameters;
    }

    /** The same octets looked at for CRLF alone. */
    @Benchmark
    @OperationsPerInvocation(COMMANDS)
    public int floorScan() {
        return CrlfScan.count(in.position(0));
    }
}
