package dev.ehlo.smtp.tls.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.Test;

class OutputQueueTest {
    private static final byte[] CONTENT = new byte[200_000];
    private static Path path;
    private static FileChannel file;

    private final BufferPool pool = new BufferPool();
    private final OutputQueue queue = new OutputQueue(pool);
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();

    @BeforeContainer
    static void makeFile() throws IOException {
        new Random(3).nextBytes(CONTENT);
        path = Files.createTempFile("ehlo", ".region");
        Files.write(path, CONTENT);
        file = FileChannel.open(path);
    }

    @AfterContainer
    static void deleteFile() throws IOException {
        file.close();
        Files.delete(path);
    }

    enum Kind {
        PUT,
        PUT_AND_WRITE,
        SLICES,
        REGION
    }

    record Act(Kind kind, int octets) {}

    @Provide
    static Arbitrary<Act> act() {
        return Combinators.combine(
                        Arbitraries.of(Kind.class), Arbitraries.integers().between(0, 16_384))
                .as(Act::new);
    }

    /** Beside it, an array: whatever was handed over stands there in that order. */
    @Property(tries = 500)
    void bringsEveryOctetOnceAndInOrderToASinkThatTakesLittle(
            @ForAll @Size(min = 1, max = 60) List<@From("act") Act> acts,
            @ForAll @Size(min = 1, max = 20) List<@IntRange(max = 50_000) Integer> takes,
            @ForAll boolean onHeap)
            throws IOException {
        OutputQueue queue = new OutputQueue(pool);
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        Trickle sink = new Trickle(taken, takes);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        if (onHeap) {
            queue.useHeap();
        }
        int from = 0;
        for (Act act : acts) {
            from = (from + 7_919) % (CONTENT.length - act.octets());
            long handedOver = act.octets();
            switch (act.kind()) {
                case PUT -> queue.room(act.octets()).put(CONTENT, from, act.octets());
                case PUT_AND_WRITE -> {
                    queue.room(act.octets()).put(CONTENT, from, act.octets());
                    boolean done = queue.writeTo(sink);
                    assertThat(done).isEqualTo(queue.octets() == 0);
                }
                case REGION -> queue.add(file, from, act.octets());
                case SLICES -> {
                    ByteBuffer[] slices = slices(from, act.octets());
                    handedOver = queue.writeTo(sink, slices, 1, slices.length - 2);
                    assertThat(slices[1].remaining() + slices[2].remaining()).isEqualTo(act.octets() - handedOver);
                }
            }
            expected.write(CONTENT, from, (int) handedOver);
            assertThat(queue.octets()).isEqualTo(expected.size() - taken.size());
        }
        sink.endless = true;
        while (!queue.writeTo(sink)) {
            assertThat(queue.octets()).isPositive();
        }
        assertThat(taken.toByteArray()).isEqualTo(expected.toByteArray());
        assertThat(queue.octets()).isZero();
        assertThat(pool.lent()).isZero();
    }

    /** Two that hold the octets, one direct, between two that are not to be touched. */
    private static ByteBuffer[] slices(int from, int octets) {
        int half = octets / 2;
        ByteBuffer direct =
                ByteBuffer.allocateDirect(half).put(CONTENT, from, half).flip();
        ByteBuffer heap = ByteBuffer.wrap(CONTENT, from + half, octets - half);
        return new ByteBuffer[] {ByteBuffer.allocate(1), direct, heap, ByteBuffer.allocate(1)};
    }

    @Test
    void sharesABufferAmongSmallPutsToASinkThatTakesNothing() throws IOException {
        Trickle sink = new Trickle(taken, 0);
        for (int i = 0; i < 500; i++) {
            queue.room(10).put(new byte[10]);
            assertThat(queue.writeTo(sink)).isFalse();
        }
        assertThat(pool.lent()).isEqualTo(1);
        assertThat(queue.octets()).isEqualTo(5_000);
        queue.discard();
        assertThat(pool.lent()).isZero();
    }

    @Test
    void givesTheBufferBackWhenNothingWasPut() throws IOException {
        queue.room(100);
        assertThat(queue.writeTo(new Trickle(taken, 0))).isTrue();
        assertThat(pool.lent()).isZero();
    }

    @Test
    void takesWhatWasPutAndSlicesInOneGo() throws IOException {
        queue.room(10).put(new byte[10]);
        Trickle sink = new Trickle(taken, 25, 0);
        ByteBuffer[] slices = {ByteBuffer.allocate(10), ByteBuffer.allocate(10)};
        assertThat(queue.writeTo(sink, slices, 0, 2)).isEqualTo(15);
        assertThat(taken.size()).isEqualTo(25);
        assertThat(slices[1].remaining()).isEqualTo(5);
        assertThat(pool.lent()).isZero();
    }

    @Test
    void keepsNoSliceInThePlaceWhereTheyAreGathered() throws IOException {
        queue.room(10).put(new byte[10]);
        queue.writeTo(new Trickle(taken, 0), new ByteBuffer[] {ByteBuffer.allocate(10)}, 0, 1);
        assertThat(pool.gathered(1)).containsOnlyNulls();
        queue.discard();
    }

    @Test
    void endsATurnInTheMiddleOfALongFile() throws IOException {
        Path sparse = Files.createTempFile("ehlo", ".sparse");
        try (FileChannel zeros = FileChannel.open(sparse, java.nio.file.StandardOpenOption.WRITE)) {
            zeros.write(ByteBuffer.allocate(1), 3 * OutputQueue.TURN_OCTETS - 1);
        }
        try (FileChannel zeros = FileChannel.open(sparse)) {
            queue.add(zeros, 0, zeros.size());
            Trickle everything = new Trickle(taken);
            assertThat(queue.writeTo(everything)).isFalse();
            assertThat(taken.size()).isEqualTo((int) OutputQueue.TURN_OCTETS);
            assertThat(queue.writeTo(everything)).isFalse();
            assertThat(queue.writeTo(everything)).isTrue();
        } finally {
            Files.delete(sparse);
        }
    }

    @Test
    void failsWhenAFileIsShorterThanWasPromised() throws IOException {
        Path two = Files.createTempFile("ehlo", ".short");
        Files.write(two, new byte[2]);
        try (FileChannel small = FileChannel.open(two)) {
            queue.add(small, 1, 2);
            assertThatThrownBy(() -> queue.writeTo(new Trickle(taken)))
                    .isInstanceOf(UnreadableFileException.class)
                    .hasMessageContaining("1 octets early");
            queue.discard();
            assertThat(queue.octets()).isZero();
        } finally {
            Files.delete(two);
        }
    }
}
