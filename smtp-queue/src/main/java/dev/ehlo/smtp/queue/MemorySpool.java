package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.MessageSource;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A part in a {@link MemoryStore}. Shared between threads. Where the store's leases end, somebody has to {@link #renew}
 * this one in time.
 */
final class MemorySpool implements Spool {
    private final MemoryStore store;
    private final LongAdder accepted = new LongAdder();
    private volatile MemoryStore.@Nullable Lease lease;

    MemorySpool(MemoryStore store) {
        this.store = store;
    }

    @Override
    public void start(SpoolOwner owner) {
        if (lease != null) {
            throw new IllegalStateException("spool is started already");
        }
        lease = store.join(owner);
    }

    /** Well before the lease is out, over and over. Does nothing to a spool that is closed. */
    void renew() {
        MemoryStore.Lease mine = lease;
        if (mine != null) {
            store.renew(mine);
        }
    }

    @Override
    public SpoolWriter open(Envelope envelope, Instant arrival) throws IOException {
        SpooledMessage.checkHasRecipients(envelope);
        Optional<String> fault = fault();
        if (fault.isPresent()) {
            throw new IOException(fault.get());
        }
        long overhead = MemoryStore.overhead(envelope);
        // RFC 1870 §6.1.
        store.take(overhead + envelope.parameters().size().orElse(0), overhead);
        return new Writer(store.ids.next(arrival), envelope, arrival, overhead);
    }

    @Override
    public CompletionStage<SpooledMessage> load(QueueId id) {
        try {
            return CompletableFuture.completedFuture(store.load(lease(), id));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletionStage<Void> crossOff(QueueId id, Collection<Integer> recipients, DeliveryStatus status) {
        SpooledMessage.checkSettles(status);
        try {
            store.settle(lease(), id, List.copyOf(recipients));
            return CompletableFuture.completedFuture(null);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletionStage<Void> defer(QueueId id, Collection<Integer> recipients, Deferral deferral) {
        Instant due = Instant.ofEpochMilli(deferral.due().toEpochMilli());
        try {
            Deferral kept = new Deferral(deferral.attempts(), due, deferral.delayTold(), deferral.order());
            store.defer(lease(), id, List.copyOf(recipients), kept);
            return CompletableFuture.completedFuture(null);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public Optional<String> fault() {
        MemoryStore.Lease mine = lease;
        if (mine == null) {
            return Optional.of("spool is closed");
        }
        return store.isOut(mine) ? Optional.of("the lease of the spool is out") : Optional.empty();
    }

    @Override
    public void resume() throws IOException {
        store.renew(lease());
    }

    @Override
    public SpoolCounts counts() {
        return new SpoolCounts(accepted.sum(), 0);
    }

    @Override
    public void close() {
        MemoryStore.Lease mine = lease;
        lease = null;
        if (mine != null) {
            store.leave(mine);
        }
    }

    private MemoryStore.Lease lease() throws IOException {
        MemoryStore.Lease mine = lease;
        if (mine == null) {
            throw new IOException("spool is closed");
        }
        return mine;
    }

    private final class Writer implements SpoolWriter {
        private final QueueId id;
        private final Envelope envelope;
        private final Instant arrival;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();
        private boolean needsStuffing = true;
        private long taken;
        private boolean ended;

        Writer(QueueId id, Envelope envelope, Instant arrival, long taken) {
            this.id = id;
            this.envelope = envelope;
            this.arrival = arrival;
            this.taken = taken;
        }

        @Override
        public QueueId id() {
            return id;
        }

        @Override
        public void write(ByteBuffer slice) throws IOException {
            checkNotEnded();
            store.take(slice.remaining(), slice.remaining());
            taken += slice.remaining();
            byte[] octets = new byte[slice.remaining()];
            slice.get(octets);
            content.writeBytes(octets);
        }

        @Override
        public void needsNoStuffing() {
            needsStuffing = false;
        }

        @Override
        public CompletionStage<SpooledMessage> complete() {
            checkNotEnded();
            ended = true;
            try {
                MessageSource source = source(content.toByteArray(), needsStuffing);
                SpooledMessage message = store.keep(lease(), id, arrival, envelope, source);
                accepted.increment();
                return CompletableFuture.completedFuture(message);
            } catch (IOException e) {
                store.giveBack(taken);
                return CompletableFuture.failedFuture(e);
            }
        }

        @Override
        public void abort() {
            if (!ended) {
                ended = true;
                store.giveBack(taken);
            }
        }

        private void checkNotEnded() {
            if (ended) {
                throw new IllegalStateException("content of " + id + " has ended");
            }
        }
    }

    private static MessageSource source(byte[] octets, boolean needsStuffing) {
        return new MessageSource() {
            @Override
            public long octets() {
                return octets.length;
            }

            @Override
            public ReadableByteChannel open() {
                return Channels.newChannel(new ByteArrayInputStream(octets));
            }

            @Override
            public boolean needsStuffing() {
                return needsStuffing;
            }
        };
    }
}
