package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.driver.WorkerSink;
import dev.ehlo.smtp.server.session.Replies;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The sink of {@link Content#asBytes}. */
final class BytesSink implements WorkerSink {
    private static final int FIRST_OCTETS = 4096;

    private final int maxOctets;
    private final Content.Taker<byte[]> taker;
    private byte[] octets = {};
    private int length;
    private boolean tooLarge;

    BytesSink(int maxOctets, Content.Taker<byte[]> taker) {
        this.maxOctets = maxOctets;
        this.taker = taker;
    }

    @Override
    public void write(ByteBuffer slice) {
        int more = slice.remaining();
        if (more > maxOctets - length) {
            tooLarge = true;
            abort();
        }
        if (tooLarge) {
            return;
        }
        if (more > octets.length - length) {
            long doubled = Math.max(FIRST_OCTETS, 2L * octets.length);
            octets = Arrays.copyOf(octets, (int) Math.min(maxOctets, Math.max(length + more, doubled)));
        }
        slice.get(octets, length, more);
        length += more;
    }

    @Override
    public CompletionStage<Reply> complete() {
        if (tooLarge) {
            return CompletableFuture.completedFuture(Replies.TOO_LARGE.reply());
        }
        byte[] content = Arrays.copyOf(octets, length);
        abort();
        return Content.replied(() -> taker.take(content));
    }

    @Override
    public void abort() {
        octets = new byte[0];
        length = 0;
    }
}
