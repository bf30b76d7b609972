package dev.ehlo.smtp;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The sink of {@link MessageSink#refusing}. */
record RefusingSink(Reply reply) implements MessageSink {
    RefusingSink {
        if (!reply.isTransient() && !reply.isPermanent()) {
            throw new IllegalArgumentException("not a refusal: " + reply);
        }
    }

    @Override
    public Optional<Reply> refusal() {
        return Optional.of(reply);
    }

    @Override
    public void write(ByteBuffer slice) {
        slice.position(slice.limit());
    }

    @Override
    public CompletionStage<Reply> complete() {
        return CompletableFuture.completedFuture(reply);
    }

    @Override
    public void abort() {}
}
