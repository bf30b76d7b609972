package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Hands on to another spool all that it is told; for those that come in between somewhere. */
abstract class ForwardingSpool implements Spool {
    final Spool spool;

    ForwardingSpool(Spool spool) {
        this.spool = spool;
    }

    /** A message is whole, and is to become safe. */
    CompletionStage<SpooledMessage> complete(Supplier<CompletionStage<SpooledMessage>> completion) {
        return completion.get();
    }

    @Override
    public void start(SpoolOwner owner) throws IOException {
        spool.start(owner);
    }

    @Override
    public SpoolWriter open(Envelope envelope, Instant arrival) throws IOException {
        SpoolWriter writer = spool.open(envelope, arrival);
        return new SpoolWriter() {
            @Override
            public QueueId id() {
                return writer.id();
            }

            @Override
            public void write(ByteBuffer slice) throws IOException {
                writer.write(slice);
            }

            @Override
            public void needsNoStuffing() {
                writer.needsNoStuffing();
            }

            @Override
            public CompletionStage<SpooledMessage> complete() {
                return ForwardingSpool.this.complete(writer::complete);
            }

            @Override
            public void abort() {
                writer.abort();
            }
        };
    }

    @Override
    public CompletionStage<SpooledMessage> load(QueueId id) {
        return spool.load(id);
    }

    @Override
    public CompletionStage<Void> crossOff(QueueId id, Collection<Integer> recipients, DeliveryStatus status) {
        return spool.crossOff(id, recipients, status);
    }

    @Override
    public CompletionStage<Void> defer(QueueId id, Collection<Integer> recipients, Deferral deferral) {
        return spool.defer(id, recipients, deferral);
    }

    @Override
    public Optional<String> fault() {
        return spool.fault();
    }

    @Override
    public void resume() throws IOException {
        spool.resume();
    }

    @Override
    public SpoolCounts counts() {
        return spool.counts();
    }

    @Override
    public void close() throws IOException {
        spool.close();
    }
}
