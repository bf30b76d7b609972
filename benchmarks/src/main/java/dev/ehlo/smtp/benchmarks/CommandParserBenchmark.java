package dev.ehlo.smtp.benchmarks;

import dev.ehlo.smtp.codec.Command;
import dev.ehlo.smtp.codec.CommandParser;
import dev.ehlo.smtp.codec.ParseResult;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
    private static final String STREAM = "EHLO client.mail.example.org\r\n"
            + "AUTH PLAIN AHVzZXJAZXhhbXBsZS5vcmcAY29ycmVjdCBob3JzZSBiYXR0ZXJ5\r\n"
            + "MAIL FROM:<bounce+12345@lists.example.org> SIZE=48213 BODY=8BITMIME\r\n"
            + "RCPT TO:<first.last@example.net> NOTIFY=FAILURE,DELAY ORCPT=rfc822;first.last@example.net\r\n"
            + "RCPT TO:<\"quoted local\"@[IPv6:2001:db8::25]>\r\n"
            + "RCPT TO:<a@b.example>\r\n"
            + "DATA\r\n"
            + "RSET\r\n"
            + "MAIL FROM:<>\r\n"
            + "RCPT TO:<postmaster@a-rather-long-domain-name.example.co.uk>\r\n"
            + "DATA\r\n"
            + "QUIT\r\n";
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
        in = buffer.of(STREAM.getBytes(StandardCharsets.US_ASCII));
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
