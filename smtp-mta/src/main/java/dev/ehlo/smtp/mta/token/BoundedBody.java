package dev.ehlo.smtp.mta.token;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** The content of an answer, if it is not too large. Used by one thread at a time, as the HTTP client has it. */
final class BoundedBody implements HttpResponse.BodySubscriber<byte[]> {
    private final int maxOctets;
    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    BoundedBody(int maxOctets) {
        this.maxOctets = maxOctets;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription begun) {
        subscription = begun;
        begun.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            if (body.isDone()) {
                return;
            }
            if (buffer.remaining() > maxOctets - octets.size()) {
                body.completeExceptionally(new IOException("more than " + maxOctets + " octets"));
                if (subscription != null) {
                    subscription.cancel();
                }
                return;
            }
            byte[] slice = new byte[buffer.remaining()];
            buffer.get(slice);
            octets.writeBytes(slice);
        }
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        body.complete(octets.toByteArray());
    }
}
