package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.ParameterGrammar;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No octet of garbage on the hot path, by the JVM's own count of this thread. */
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 1000;

    private long found;

    /** The least of some measurements, since the JIT compiler may change code between them. */
    private static long allocated(Runnable run) {
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 50 && least > 0; attempt++) {
            long before = THREADS.getThreadAllocatedBytes(thread);
            for (int i = 0; i < ROUNDS; i++) {
                run.run();
            }
            least = Math.min(least, THREADS.getThreadAllocatedBytes(thread) - before);
        }
        return least;
    }

    private static ByteBuffer buffer(byte[] octets, boolean direct) {
        ByteBuffer in = direct ? ByteBuffer.allocateDirect(octets.length) : ByteBuffer.allocate(octets.length);
        return in.put(octets).flip();
    }

    @Test
    void theMeasureSeesAnObject() {
        Object[] last = new Object[1];
        assertThat(allocated(() -> last[0] = new Object())).isGreaterThanOrEqualTo(16L * ROUNDS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void parsingCommandsAllocatesNothing(boolean direct) {
        ByteBuffer in = buffer(
                Wire.lines(
                        "EHLO client.example",
                        "AUTH PLAIN AGEAYg==",
                        "MAIL FROM:<a.b@c.example> SIZE=10 BODY=8BITMIME",
                        "RCPT TO:<@r,@s:\"q r\"@[IPv6:2001:db8::1]> NOTIFY=NEVER ORCPT=rfc822;a@b",
                        "BDAT 5 LAST",
                        "DATA x",
                        "RCPT TO:<\u00c3\u00a9@[192.0.2.1]>",
                        "NOOP \u00ff",
                        "POST / HTTP/1.1",
                        "MAIL FROM:a@b",
                        "RSET",
                        "QUIT"),
                direct);
        CommandParser parser = new CommandParser();
        Command command = new Command();

        assertThat(allocated(() -> {
                    in.position(0);
                    while (parser.parse(in, command) != ParseResult.INCOMPLETE) {
                        found += command.length() + command.parameterCount() + command.chunkOctets();
                    }
                    parser.reset();
                }))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void checkingInternationalizedDomainsAllocatesNothing(boolean direct) {
        ByteBuffer in = buffer(
                Wire.octets(
                        Wire.utf8("m\u00fcnchen.\u4e2d\u6587.\u043f\u043e\u0447\u0442\u0430.xn--bcher-kva.xn--p1ai")),
                direct);
        assertThat(DomainGrammar.isDomain(in, 0, in.limit())).isTrue();

        assertThat(allocated(() -> found += DomainGrammar.isDomain(in, 0, in.limit()) ? 1 : 0))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readingValuesOfParametersAllocatesNothing(boolean direct) {
        String[] values = {
            "48213",
            "9223372036854775807",
            "8bitmime",
            "HDRS",
            "QQ+20314159",
            "SUCCESS,DELAY",
            "rfc822;a+2Bb@c.example",
            "utf-8;caf\\x{E9}@c.example",
            "e+3Dmc2@c.example",
            "2026-11-21T12:00:00.5+01:00",
            "120;RT",
            "-9"
        };
        ByteBuffer[] all = new ByteBuffer[values.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = buffer(Wire.octets(values[i]), direct);
        }
        EsmtpKeyword[] keywords = EsmtpKeyword.values();

        assertThat(allocated(() -> {
                    for (ByteBuffer in : all) {
                        for (EsmtpKeyword keyword : keywords) {
                            found += ParameterGrammar.value(keyword, in, 0, in.limit());
                        }
                    }
                }))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void parsingRepliesAllocatesNothing(boolean direct) {
        ByteBuffer in = buffer(
                Wire.octets(
                        "220 mx.example ESMTP\r\n250-mx.example\r\n250-SIZE 1000\r\n250 PIPELINING\r\n354\r\n550 5.1.1 \u00c3\u00a9\r\n25"),
                direct);
        ReplyParser parser = new ReplyParser();
        ReplyView view = new ReplyView();

        assertThat(allocated(() -> {
                    in.position(0);
                    while (parser.parse(in, view) == ParseResult.COMPLETE) {
                        found += view.code() + view.lineCount() + view.subject() + view.detail();
                    }
                    parser.reset();
                }))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void parsingProxyHeadersAllocatesNothing(boolean direct) {
        InetSocketAddress client = new InetSocketAddress(InetAddress.getLoopbackAddress(), 40000);
        ByteBuffer in = buffer(new byte[1024], direct).clear();
        ProxyHeaderEncoder.version2(in, client, client, List.of(ProxyTlv.checksum(), ProxyTlv.ssl(1, 0, List.of())));
        in.put(Wire.lines("PROXY TCP6 2001:db8::1 ::ffff:192.0.2.1 1 2", "PROXY UNKNOWN", "PROXY TCP4 x"))
                .flip();
        ProxyHeaderParser parser = new ProxyHeaderParser();
        ProxyHeader header = new ProxyHeader();

        assertThat(allocated(() -> {
                    in.position(0);
                    while (parser.parse(in, header) == ParseResult.COMPLETE) {
                        found += header.sourceLow() + header.tlvs().count() + header.sslClient();
                    }
                }))
                .isZero();
        assertThat(header.error()).isEqualTo(ProxyError.BAD_FIELD);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sendingAnEncodedReplyAllocatesNothing(boolean direct) {
        EncodedReply reply = new EncodedReply(Reply.of(250, "2.1.0", "Sender ok"));
        ByteBuffer out = buffer(new byte[512], direct);

        assertThat(allocated(() -> reply.writeTo(out.clear()))).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void decodingAndEncodingContentAllocatesNothing(boolean direct) {
        ByteBuffer content =
                buffer(Wire.octets("a line of text, long enough\r\n.dot\r\nbare\rcr\nlf\r\n\0.x\r\n.\r\n"), direct);
        ByteBuffer wire = buffer(new byte[256], direct);
        DataEncoder encoder = new DataEncoder();
        DataDecoder decoder = new DataDecoder(BareNewlines.REPAIR);
        ContentConsumer consumer = slice -> found += slice.remaining();

        assertThat(allocated(() -> {
                    encoder.reset();
                    encoder.encode(content.position(0), wire.clear());
                    encoder.finish(wire);
                    decoder.reset();
                    found += decoder.decode(wire.flip(), consumer) ? 1 : 0;
                    found += decoder.decode(content.position(0), consumer) ? 1 : 0;
                }))
                .isZero();
        assertThat(decoder.octets()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void slicingContentAllocatesNothingWhileTheBlockIsTheSame(boolean direct) {
        ByteBuffer content = buffer(Wire.octets("a line of text\r\n.dot\r\nbare\rcr\nlf\r\n\0.x\r\nopen"), direct);
        DataSlices slices = new DataSlices(8);

        assertThat(allocated(() -> {
                    slices.reset();
                    content.position(0);
                    while (content.hasRemaining()) {
                        slices.encode(content);
                        take(slices);
                    }
                    slices.finish();
                    take(slices);
                }))
                .isZero();
        assertThat(found).isPositive();
    }

    private void take(DataSlices slices) {
        while (slices.length() > 0) {
            ByteBuffer slice = slices.buffers()[slices.offset()];
            found += slice.remaining();
            slice.position(slice.limit());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void decodingChunksAndScanningTheHeaderAllocatesNothing(boolean direct) {
        ByteBuffer chunk = buffer(
                Wire.octets("Received: a\r\n b\r\nMessage-ID : <a>\r\nX-Other: y\r\n\r\nbare\rcr\nlf\r"), direct);
        ChunkDecoder decoder = new ChunkDecoder(BareNewlines.REPAIR);
        HeaderScanner header = new HeaderScanner();
        ContentConsumer consumer = header::scan;

        assertThat(allocated(() -> {
                    decoder.reset();
                    header.reset();
                    for (int i = 0; i < 3; i++) {
                        decoder.begin(chunk.capacity(), i == 2);
                        found += decoder.decode(chunk.position(0), consumer) ? 1 : 0;
                    }
                    found += header.fields() + header.count(HeaderField.RECEIVED);
                    header.reset();
                    chunk.position(0);
                    while (header.nextField(chunk)) {
                        found += header.fieldStart() + (header.field() == null ? 0 : 1);
                    }
                }))
                .isZero();
        assertThat(header.fields()).isEqualTo(3);
        assertThat(header.isEndedByEmptyLine()).isTrue();
    }
}
