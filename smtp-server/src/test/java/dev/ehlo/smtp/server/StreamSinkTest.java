package dev.ehlo.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class StreamSinkTest {
    private static final Reply KEPT = Reply.of(250, "2.0.0", "kept");
    private static final int MOST = 80 * 1024;

    private static byte[] octets(int length) {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            octets[i] = (byte) (i * 31 + i / 251);
        }
        return octets;
    }

    @Property(tries = 100)
    void readsWhatIsWrittenHoweverBothAreCut(
            @ForAll @Size(min = 1, max = 8) List<@IntRange(min = 1, max = 40_000) Integer> writes,
            @ForAll @Size(min = 1, max = 4) List<@IntRange(min = 1, max = 30_000) Integer> reads,
            @ForAll boolean handsOver)
            throws Exception {
        byte[] content = octets(writes.stream().mapToInt(w -> w).sum());
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        // Nobody paces it, so that the writer waits for the reader.
        StreamSink sink = new StreamSink(in -> {
            read.complete(readAll(in, reads));
            return KEPT;
        });
        int at = 0;
        for (int write : writes) {
            sink.write(ByteBuffer.wrap(content, at, write));
            at += write;
            if (handsOver) {
                sink.handOver();
            }
        }
        assertThat(sink.complete().toCompletableFuture().get(60, TimeUnit.SECONDS))
                .isEqualTo(KEPT);
        assertThat(read.join()).isEqualTo(content);
    }

    private static byte[] readAll(InputStream in, List<Integer> sizes) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; ; i++) {
            int size = sizes.get(i % sizes.size());
            byte[] into = new byte[size];
            int octets = size == 1 ? in.read() : in.read(into);
            if (octets < 0) {
                return all.toByteArray();
            }
            if (size == 1) {
                all.write(octets);
            } else {
                all.write(into, 0, octets);
            }
        }
    }

    /** Runs nothing before it is told to. */
    private static final class Later {
        final List<Runnable> tasks = new ArrayList<>();
        final AtomicInteger rooms = new AtomicInteger();

        StreamSink sink(Content.Taker<InputStream> taker) {
            StreamSink sink = new StreamSink(taker);
            sink.on(tasks::add).onRoom(rooms::incrementAndGet);
            return sink;
        }
    }

    @Test
    void holdsNoThreadForASmallMessageBeforeItIsWhole() throws Exception {
        Later later = new Later();
        StreamSink sink = later.sink(in -> Reply.of(250, "2.0.0", "all " + in.readAllBytes().length));
        for (int i = 0; i < 60_000; i++) {
            sink.write(ByteBuffer.wrap(new byte[1]));
            sink.handOver();
        }
        assertThat(later.tasks).isEmpty();
        CompletableFuture<Reply> reply = sink.complete().toCompletableFuture();
        assertThat(reply).isNotDone();
        later.tasks.get(0).run();
        assertThat(reply.join()).hasToString("250 2.0.0 all 60000");
    }

    @Test
    void isFullBeforeItHoldsMuchAndTellsOfRoom() throws Exception {
        Later later = new Later();
        StreamSink sink = later.sink(in -> Reply.of(250, "2.0.0", "all " + in.readAllBytes().length));
        int written = 0;
        while (!sink.isFull()) {
            sink.write(ByteBuffer.wrap(new byte[1000]));
            written += 1000;
        }
        assertThat(written).isLessThanOrEqualTo(MOST + 1000);
        assertThat(later.tasks).hasSize(1);
        CompletableFuture<Reply> reply = sink.complete().toCompletableFuture();
        later.tasks.get(0).run();
        assertThat(later.rooms).hasPositiveValue();
        assertThat(sink.isFull()).isFalse();
        assertThat(reply.join()).hasToString("250 2.0.0 all " + written);
    }

    @Test
    void takesWhateverComesOnceNobodyWantsIt() throws Exception {
        Later later = new Later();
        StreamSink sink = later.sink(in -> Reply.of(550, "5.7.1", "no"));
        sink.write(ByteBuffer.wrap(new byte[MOST + 1000]));
        assertThat(sink.isFull()).isTrue();
        later.tasks.get(0).run();
        assertThat(sink.isFull()).isFalse();
        for (int i = 0; i < 100; i++) {
            sink.write(ByteBuffer.wrap(new byte[MOST]));
        }
        assertThat(sink.isFull()).isFalse();
        assertThat(sink.complete().toCompletableFuture()).isCompletedWithValue(Reply.of(550, "5.7.1", "no"));
    }

    @Test
    void failsTheNextWriteOnceTheReaderHasFailed() throws Exception {
        Later later = new Later();
        StreamSink sink = later.sink(in -> {
            throw new IllegalStateException("defect");
        });
        sink.write(ByteBuffer.wrap(new byte[MOST]));
        later.tasks.get(0).run();
        assertThatThrownBy(() -> sink.write(ByteBuffer.wrap(new byte[1])))
                .isInstanceOf(IOException.class)
                .hasCauseInstanceOf(IllegalStateException.class);
        sink.abort();
    }

    @Test
    void callsNobodyForAMessageThatIsAbortedEarly() throws Exception {
        Later later = new Later();
        StreamSink sink = later.sink(in -> KEPT);
        sink.write(ByteBuffer.wrap(new byte[1000]));
        sink.abort();
        assertThat(later.tasks).isEmpty();
    }

    @Test
    void wakesAReaderThatWaitsWhenTheContentIsLost() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        StreamSink sink = new StreamSink(in -> {
            in.readNBytes(MOST);
            reading.countDown();
            try {
                in.read();
            } catch (IOException e) {
                thrown.complete(e);
            }
            return KEPT;
        });
        sink.write(ByteBuffer.wrap(new byte[MOST]));
        assertThat(reading.await(60, TimeUnit.SECONDS)).isTrue();
        sink.abort();
        assertThat(thrown.get(60, TimeUnit.SECONDS)).hasMessageContaining("lost");
    }

    @Test
    void answersThatItFailedWhereNoWorkerIsToBeHad() {
        StreamSink sink = new StreamSink(in -> KEPT);
        sink.on(task -> {
                    throw new RejectedExecutionException("closed");
                })
                .onRoom(() -> {});
        CompletableFuture<Reply> reply = sink.complete().toCompletableFuture();
        assertThatThrownBy(reply::get).isInstanceOf(ExecutionException.class);
    }

    @Test
    void keepsOctetsThatComeOneByOneTogether() throws Exception {
        Later later = new Later();
        List<Integer> reads = new ArrayList<>();
        StreamSink sink = later.sink(in -> {
            byte[] into = new byte[MOST];
            for (int octets = in.read(into); octets > 0; octets = in.read(into)) {
                reads.add(octets);
            }
            return KEPT;
        });
        sink.write(ByteBuffer.wrap(new byte[64 * 1024]));
        for (int i = 0; i < 16 * 1024; i++) {
            sink.write(ByteBuffer.wrap(new byte[1]));
            sink.handOver();
        }
        sink.complete();
        later.tasks.get(0).run();
        int[] blocks = new int[5];
        Arrays.fill(blocks, 16 * 1024);
        assertThat(reads).containsExactly(Arrays.stream(blocks).boxed().toArray(Integer[]::new));
    }
}
