package dev.ehlo.smtp.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class OffloadedSinkTest {
    private final List<String> told = new ArrayList<>();
    private final MessageSink sink = new MessageSink() {
        @Override
        public void write(ByteBuffer slice) {
            told.add("octets: " + slice.remaining());
        }

        @Override
        public void needsNoStuffing() {
            told.add("needs no stuffing");
        }

        @Override
        public CompletionStage<Reply> complete() {
            told.add("complete");
            return CompletableFuture.completedFuture(Reply.of(250, "2.0.0", "ok"));
        }

        @Override
        public void abort() {
            told.add("abort");
        }
    };

    @Test
    void tellsTheSinkOnAWorkerAndInOrderWhatItIsTold() throws Exception {
        List<Runnable> work = new ArrayList<>();
        OffloadedSink offloaded = new OffloadedSink(sink, work::add);
        offloaded.write(ByteBuffer.allocate(5));
        offloaded.needsNoStuffing();
        CompletionStage<Reply> reply = offloaded.complete();
        assertThat(told).isEmpty();
        work.forEach(Runnable::run);
        assertThat(told).containsExactly("octets: 5", "needs no stuffing", "complete");
        assertThat(reply.toCompletableFuture().join().code()).isEqualTo(250);
    }
}
