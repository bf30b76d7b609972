package dev.ehlo.smtp.client;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** A policy as it comes, up to the octets that it may have. Used by one thread at a time, as the HTTP client has it. */
final class StsText implements HttpResponse.BodySubscriber<String> {
    private final ByteBuffer octets = ByteBuffer.allocate(StsPolicy.MAX_OCTETS);
    private final CompletableFuture<String> text = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<String> getBody() {
        return text;
    }

    @Override
    public void onSubscribe(Flow.Subscription begun) {
        subscription = begun;
        begun.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer each : buffers) {
            if (each.remaining() <= octets.remaining()) {
                octets.put(each);
            } else if (text.completeExceptionally(new IOException("over " + StsPolicy.MAX_OCTETS + " octets"))
                    && subscription != null) {
                subscription.cancel();
            }
        }
    }

    @Override
    public void onError(Throwable failure) {
        text.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        text.complete(new String(octets.array(), 0, octets.position(), StandardCharsets.UTF_8));
    }
}
