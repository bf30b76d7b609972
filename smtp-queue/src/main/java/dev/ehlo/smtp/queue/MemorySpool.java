package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** The spool for tests: as the others, but that nothing outlives it. */
final class MemorySpool implements Spool {
    private final QueueIds ids = new QueueIds();
    private final Map<QueueId, Kept> messages = new TreeMap<>();
    private boolean started;

    private record Kept(Entry entry, Envelope envelope, MessageSource content) {
        SpooledMessage message() {
            return new SpooledMessage(entry.id(), entry.arrival(), envelope, entry.pending(), content);
        }
    }

    @Override
    public synchronized void start(SpoolOwner owner) {
        if (started) {
            throw new IllegalStateException("spool is started already");
        }
        started = true;
        List.copyOf(messages.values()).forEach(kept -> owner.owns(kept.entry.id(), kept.entry.pending()));
    }

    @Override
    public synchronized SpoolWriter open(Envelope envelope, Instant arrival) throws IOException {
        SpooledMessage.checkHasRecipients(envelope);
        if (!started) {
            throw new IOException("spool is closed");
        }
        return new Writer(ids.next(arrival), envelope, arrival);
    }

    @Override
    public synchronized CompletionStage<SpooledMessage> load(QueueId id) {
        Kept kept = messages.get(id);
        return started && kept != null
                ? CompletableFuture.completedFuture(kept.message())
                : CompletableFuture.failedFuture(new IOException("message " + id + " is not in the spool"));
    }

    @Override
    public CompletionStage<Void> crossOff(QueueId id, Collection<Integer> recipients, DeliveryStatus status) {
        if (status != DeliveryStatus.RELAYED && status != DeliveryStatus.FAILED) {
            throw new IllegalArgumentException("does not settle a recipient: " + status);
        }
        return change(id, entry -> recipients.forEach(entry::settle));
    }

    @Override
    public CompletionStage<Void> defer(QueueId id, Collection<Integer> recipients, Deferral deferral) {
        Instant due = Instant.ofEpochMilli(deferral.due().toEpochMilli());
        Deferral kept = new Deferral(deferral.attempts(), due, deferral.delayTold());
        return change(id, entry -> recipients.forEach(recipient -> entry.defer(recipient, kept)));
    }

    private synchronized CompletionStage<Void> change(QueueId id, Consumer<Entry> change) {
        if (!started) {
            return CompletableFuture.failedFuture(new IOException("spool is closed"));
        }
        Kept kept = messages.get(id);
        if (kept != null) {
            change.accept(kept.entry());
            if (kept.entry().isSettled()) {
                messages.remove(id);
            }
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized Optional<String> fault() {
        return started ? Optional.empty() : Optional.of("spool is closed");
    }

    @Override
    public synchronized void resume() throws IOException {
        if (!started) {
            throw new IOException("spool is closed");
        }
    }

    @Override
    public synchronized SpoolCounts counts() {
        return SpoolCounts.NONE;
    }

    @Override
    public synchronized void close() {
        started = false;
    }

    private synchronized CompletionStage<SpooledMessage> keep(QueueId id, Kept kept) {
        if (!started) {
            return CompletableFuture.failedFuture(new IOException("spool is closed"));
        }
        messages.put(id, kept);
        return CompletableFuture.completedFuture(kept.message());
    }

    private final class Writer implements SpoolWriter {
        private final QueueId id;
        private final Envelope envelope;
        private final Instant arrival;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private boolean ended;

        Writer(QueueId id, Envelope envelope, Instant arrival) {
            this.id = id;
            this.envelope = envelope;
            this.arrival = Instant.ofEpochMilli(arrival.toEpochMilli());
        }

        @Override
        public QueueId id() {
            return id;
        }

        @Override
        public void write(ByteBuffer slice) {
            checkNotEnded();
            byte[] octets = new byte[slice.remaining()];
            slice.get(octets);
            content.writeBytes(octets);
        }

        @Override
        public CompletionStage<SpooledMessage> complete() {
            checkNotEnded();
            ended = true;
            byte[] octets = content.toByteArray();
            Entry entry = new Entry(
                    id.value(), arrival.toEpochMilli(), envelope.recipients().size(), false, true, octets.length);
            return keep(id, new Kept(entry, envelope, MessageSource.of(octets)));
        }

        @Override
        public void abort() {
            ended = true;
        }

        private void checkNotEnded() {
            if (ended) {
                throw new IllegalStateException("content of " + id + " has ended");
            }
        }
    }
}
