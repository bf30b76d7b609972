package dev.ehlo.smtp.benchmarks;

import dev.ehlo.smtp.codec.HeaderField;
import dev.ehlo.smtp.codec.HeaderScanner;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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

/** The header of one relayed message scanned, which is what a message pays for the boundary, however long its body. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HeaderScannerBenchmark {
    private static final String HOP = """
            Received: from relay.example.net (relay.example.net [192.0.2.25])
            \tby mx.example.org with ESMTPS id 4Xyz0123456789ab;
            \tFri, 02 Jan 2026 03:04:05 +0000
            """;
    private static final String HEADER = (HOP.repeat(4) + """
            DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=2026;
            \th=from:to:subject:date:message-id:mime-version:content-type;
            \tbh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;
            \tb=dGhpcyBpcyBubyBzaWduYXR1cmUgYnV0IGhhcyB0aGUgbGVuZ3RoIG9mIG9uZS4gLi4u
            From: Alice Example <alice@example.net>
            To: Bob Example <bob@example.org>
            Subject: The minutes of our last meeting
            Date: Fri, 02 Jan 2026 04:04:01 +0100
            Message-ID: <20260102030401.4711@client.example.net>
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: 8bit
            User-Agent: Example Mail 1.0
            """).replace("\n", "\r\n");

    /** Where the octets lie. */
    @Param
    public Buffers buffer = Buffers.HEAP;

    private final HeaderScanner scanner = new HeaderScanner();
    private ByteBuffer in = ByteBuffer.allocate(0);

    /** Checks that the whole is one header. */
    @Setup
    public void prepare() {
        in = buffer.of((HEADER + "\r\n").getBytes(StandardCharsets.US_ASCII));
        if (scan() != HEADER.length() || scanner.count(HeaderField.RECEIVED) != 4) {
            throw new IllegalStateException("scanned " + scanner.octets());
        }
    }

    /** To the empty line, with the fields counted. */
    @Benchmark
    public long scan() {
        scanner.reset();
        scanner.scan(in);
        return scanner.octets();
    }

    /** The same octets looked at for CRLF alone. */
    @Benchmark
    public int floorScan() {
        return CrlfScan.count(in.position(0));
    }
}
