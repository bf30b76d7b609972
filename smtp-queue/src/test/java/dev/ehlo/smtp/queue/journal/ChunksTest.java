package dev.ehlo.smtp.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Test;

class ChunksTest {
    @Test
    void countsNothingWhereThereIsNoMemory() {
        Chunks chunks = new Chunks(1, octets -> {
            throw new OutOfMemoryError("(test)");
        });

        assertThat(chunks.take()).isNull();
        assertThat(chunks.out()).isZero();
    }

    @Test
    void givesOutSoManyAndNoMore() {
        Chunks chunks = new Chunks(2, ByteBuffer::allocate);
        ByteBuffer first = chunks.take();
        assertThat(chunks.take()).isNotNull();
        assertThat(chunks.take()).isNull();
        chunks.give(first);
        assertThat(chunks.take()).isSameAs(first);
    }

    public static class Lending {
        // Not the instance's: Lincheck would say that it can't look into what a lambda has captured.
        private static final ByteBuffer CHUNK = ByteBuffer.allocate(1);
        private final Chunks chunks = new Chunks(2, octets -> CHUNK);

        @Operation
        public boolean take() {
            return chunks.take() != null;
        }

        @Operation
        public void give() {
            chunks.give(CHUNK);
        }

        @Operation
        public int out() {
            return chunks.out();
        }
    }

    @Test
    void countsThemWhateverTheOrder() {
        new ModelCheckingOptions()
                .threads(3)
                .actorsPerThread(3)
                .iterations(10)
                .invocationsPerIteration(200)
                .check(Lending.class);
    }
}
