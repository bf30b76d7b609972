package dev.ehlo.smtp.queue.journal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChunksTest {
    @Test
    void countsNothingWhereThereIsNoMemory() {
        Chunks chunks = new Chunks(octets -> {
            throw new OutOfMemoryError("(test)");
        });

        assertThat(chunks.take()).isNull();
        assertThat(chunks.out()).isZero();
    }
}
