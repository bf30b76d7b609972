package dev.ehlo.smtp.tls.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class OutputQueueTest {
    private final BufferPool pool = new BufferPool();
    private final OutputQueue queue = new OutputQueue(pool);

    @Property(tries = 300)
    void writesEveryOctetOnceAndInOrderToAChannelThatTakesLittle(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 16_384) Integer> puts,
            @ForAll @Size(min = 1, max = 20) List<@IntRange(max = 50_000) Integer> takes)
            throws IOException {
        Trickle channel = new Trickle(takes);
        byte next = 0;
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        for (int count : puts) {
            ByteBuffer room = queue.room(count);
            for (int i = 0; i < count; i++) {
                room.put(next);
                expected.write(next++);
            }
            boolean done = queue.writeTo(channel);
            assertThat(queue.octets()).isEqualTo(expected.size() - channel.taken.size());
            assertThat(done).isEqualTo(queue.octets() == 0);
        }
        channel.endless = true;
        assertThat(queue.writeTo(channel)).isTrue();
        assertThat(channel.taken.toByteArray()).isEqualTo(expected.toByteArray());
        assertThat(pool.lent()).isZero();
    }

    @Test
    void sharesABufferAmongSmallPutsToAChannelThatTakesNothing() throws IOException {
        Trickle channel = new Trickle(List.of(0));
        for (int i = 0; i < 500; i++) {
            queue.room(10).put(new byte[10]);
            assertThat(queue.writeTo(channel)).isFalse();
        }
        assertThat(pool.lent()).isEqualTo(1);
        assertThat(queue.octets()).isEqualTo(5_000);
        queue.discard();
        assertThat(pool.lent()).isZero();
    }

    @Test
    void givesTheBufferBackWhenNothingWasPut() throws IOException {
        queue.room(100);
        assertThat(queue.writeTo(new Trickle(List.of(0)))).isTrue();
        assertThat(pool.lent()).isZero();
    }

    /** Takes as many octets as it is told, write by write, over and over. */
    private static final class Trickle implements GatheringByteChannel {
        final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        boolean endless;
        private final List<Integer> takes;
        private int turn;

        Trickle(List<Integer> takes) {
            this.takes = takes;
        }

        @Override
        public long write(ByteBuffer[] buffers, int offset, int length) {
            int allowed = endless ? Integer.MAX_VALUE : takes.get(turn++ % takes.size());
            int count = 0;
            for (int i = offset; i < offset + length; i++) {
                while (buffers[i].hasRemaining() && count < allowed) {
                    taken.write(buffers[i].get());
                    count++;
                }
            }
            return count;
        }

        @Override
        public long write(ByteBuffer[] buffers) {
            return write(buffers, 0, buffers.length);
        }

        @Override
        public int write(ByteBuffer buffer) {
            return (int) write(new ByteBuffer[] {buffer});
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
