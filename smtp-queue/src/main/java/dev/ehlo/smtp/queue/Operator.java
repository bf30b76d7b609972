package dev.ehlo.smtp.queue;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at what is in the queue for an operator, without holding it up: the scheduler's thread goes through its memory in
 * slices, between deliveries, and finds which messages it may be; they are read by the spool's threads, some at a time.
 * Asked from any thread.
 */
final class Operator {
    private static final Logger LOG = LoggerFactory.getLogger(Operator.class);
    /** Buckets of a slice: well below a millisecond. */
    private static final int SLICE = 2048;

    private final Scheduler scheduler;
    private final Deliveries deliveries;
    private final Spool spool;
    private final Commands commands;
    private final Executor sorting;
    /** Those who wait for an answer. */
    private final Map<Long, CompletableFuture<?>> waiting = new ConcurrentHashMap<>();

    private final AtomicLong asked = new AtomicLong();

    private volatile boolean ended;
    /** Belongs to the scheduler thread. */
    private final ArrayDeque<Scan> scans = new ArrayDeque<>();

    Operator(Scheduler scheduler, Deliveries deliveries, Spool spool, Commands commands, Executor sorting) {
        this.scheduler = scheduler;
        this.deliveries = deliveries;
        this.spool = spool;
        this.commands = commands;
        this.sorting = sorting;
    }

    private static final class Scan {
        final Consumer<Delivery> viewer;
        final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();
        long position;

        Scan(Consumer<Delivery> viewer) {
            this.viewer = viewer;
        }
    }

    // From any thread.

    /** Fails it when the scheduler ends, which then completes nothing more. */
    <T> CompletableFuture<T> open(CompletableFuture<T> answer) {
        long number = asked.getAndIncrement();
        waiting.put(number, answer);
        CompletionStage<T> stage = answer;
        stage.whenComplete((done, failure) -> waiting.remove(number));
        if (ended) {
            answer.completeExceptionally(new IOException("the queue is closed"));
        }
        return answer;
    }

    /** The scheduler has ended. */
    void end() {
        ended = true;
        waiting.values().forEach(answer -> answer.completeExceptionally(new IOException("the queue is closed")));
    }

    QueueListing list(QueueSelection selection) {
        return new QueueListing(this, selection, candidates(selection));
    }

    /** Completes once all that is changed is durable. */
    CompletableFuture<QueueChange> change(Commands.Verb verb, QueueSelection selection) {
        String fault = spool.fault().orElse(null);
        if (fault != null) {
            return CompletableFuture.failedFuture(new IOException(fault));
        }
        return open(candidates(selection)
                .thenCompose(ids -> new Change(this, scheduler, commands, selection, verb, ids).start())
                .thenApply(change -> {
                    LOG.info("operator: {} of {}: {}", verb, selection, change);
                    return change;
                }));
    }

    /** The ids of messages that it may be, oldest first. */
    CompletableFuture<long[]> candidates(QueueSelection selection) {
        if (!selection.ids().isEmpty()) {
            Candidates few = new Candidates(selection);
            CompletableFuture<long[]> found = open(new CompletableFuture<>());
            scheduler.inbox().offer((Runnable) () -> {
                for (QueueId id : selection.ids()) {
                    deliveries.of(id.value()).forEach(few);
                }
                found.complete(few.sorted());
            });
            return found;
        }
        Candidates candidates = new Candidates(selection);
        return scan(candidates).thenApplyAsync(done -> candidates.sorted(), sorting);
    }

    /** How much there is, and where to most of it. */
    CompletableFuture<QueueDepth> depth(int destinations) {
        DepthGauge gauge = new DepthGauge(scheduler.millis());
        return open(scan(gauge)
                .thenApplyAsync(done -> gauge.most(destinations), sorting)
                .thenCompose(most -> depth(gauge, most)));
    }

    private CompletionStage<QueueDepth> depth(DepthGauge gauge, List<DepthGauge.Slot> most) {
        long[] samples = most.stream().mapToLong(slot -> slot.sample).toArray();
        return load(samples).thenCompose(read -> {
            Map<Long, SpooledMessage> byId = new HashMap<>();
            read.forEach(message -> byId.put(message.id().value(), message));
            CompletableFuture<QueueDepth> depth = new CompletableFuture<>();
            scheduler.inbox().offer((Runnable) () -> {
                List<QueueDepth.Destination> named = new ArrayList<>();
                for (DepthGauge.Slot slot : most) {
                    SpooledMessage sample = byId.get(slot.sample);
                    String domain = sample == null ? null : slot.domainIn(sample);
                    if (domain != null) {
                        named.add(slot.destination(domain, scheduler.lanes().show(domain, slot.lane)));
                    }
                }
                depth.complete(gauge.depth(named));
            });
            return open(depth);
        });
    }

    /** Shows all deliveries to it, on the scheduler's thread; completes there. */
    CompletableFuture<@Nullable Void> scan(Consumer<Delivery> viewer) {
        Scan scan = new Scan(viewer);
        scheduler.inbox().offer((Runnable) () -> scans.add(scan));
        return open(scan.end);
    }

    private final class Candidates implements Consumer<Delivery> {
        private static final int FIRST = 256;
        private final QueueSelection selection;
        private final long now = scheduler.millis();
        private long[] ids = new long[FIRST];
        private int count;

        Candidates(QueueSelection selection) {
            this.selection = selection;
        }

        @Override
        public void accept(Delivery delivery) {
            if (selection.mayBe(delivery, now) && (count == 0 || ids[count - 1] != delivery.id)) {
                if (count == ids.length) {
                    ids = Arrays.copyOf(ids, 2 * count);
                }
                ids[count++] = delivery.id;
            }
        }

        long[] sorted() {
            Arrays.sort(ids, 0, count);
            int kept = 0;
            for (int i = 0; i < count; i++) {
                if (i == 0 || ids[i] != ids[i - 1]) {
                    ids[kept++] = ids[i];
                }
            }
            return Arrays.copyOf(ids, kept);
        }
    }

    /** Reads messages back; those that can't be read are left out. Completes on a thread of the spool. */
    CompletableFuture<List<SpooledMessage>> load(long[] ids) {
        List<CompletableFuture<@Nullable SpooledMessage>> reading = new ArrayList<>(ids.length);
        for (long id : ids) {
            reading.add(load(new QueueId(id)));
        }
        return CompletableFuture.allOf(reading.toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    List<SpooledMessage> messages = new ArrayList<>(reading.size());
                    for (CompletableFuture<@Nullable SpooledMessage> read : reading) {
                        SpooledMessage message = read.join();
                        if (message != null) {
                            messages.add(message);
                        }
                    }
                    return messages;
                });
    }

    private CompletableFuture<@Nullable SpooledMessage> load(QueueId id) {
        CompletableFuture<@Nullable SpooledMessage> read = new CompletableFuture<>();
        try {
            spool.load(id).whenComplete((message, failure) -> {
                if (failure != null) {
                    // Most likely it is delivered by now; what is damaged the spool itself tells of.
                    LOG.debug("{}: not read for an operator", id, failure);
                }
                read.complete(message);
            });
        } catch (RuntimeException e) {
            LOG.warn("{}: not read for an operator", id, e);
            read.complete(null);
        }
        return read;
    }

    /** How messages stand that were just read. */
    CompletableFuture<List<QueuedMessage>> view(List<SpooledMessage> messages, List<int[]> recipients) {
        CompletableFuture<List<QueuedMessage>> view = new CompletableFuture<>();
        scheduler.inbox().offer((Runnable) () -> {
            List<QueuedMessage> shown = new ArrayList<>(messages.size());
            for (int i = 0; i < messages.size(); i++) {
                QueuedMessage message = view(messages.get(i), recipients.get(i));
                if (!message.recipients().isEmpty()) {
                    shown.add(message);
                }
            }
            view.complete(shown);
        });
        return open(view);
    }

    // The scheduler thread.

    /** Does a slice of what there is to look at. */
    void work() {
        Scan scan = scans.poll();
        if (scan == null) {
            return;
        }
        try {
            scan.position = deliveries.show(scan.position, SLICE, scan.viewer);
            if (scan.position < Deliveries.END && !ended) {
                scans.add(scan);
            } else {
                scan.end.complete(null);
            }
        } catch (RuntimeException e) {
            scan.end.completeExceptionally(e);
        }
        if (!scans.isEmpty()) {
            // So that it does not go to sleep meanwhile.
            scheduler.inbox().offer((Runnable) () -> {});
        }
    }

    private QueuedMessage view(SpooledMessage message, int[] recipients) {
        List<QueuedRecipient> shown = new ArrayList<>(recipients.length);
        for (Delivery delivery : deliveries.of(message.id().value())) {
            for (int i = 0; i < delivery.recipients.length; i++) {
                if (Arrays.binarySearch(recipients, delivery.recipients[i]) >= 0) {
                    shown.add(view(message, delivery, i));
                }
            }
        }
        return new QueuedMessage(
                message.id(),
                message.arrival(),
                message.envelope(),
                message.content().octets(),
                shown);
    }

    private static QueuedRecipient view(SpooledMessage message, Delivery delivery, int i) {
        Delivery.Reason reason = delivery.reason(i);
        return new QueuedRecipient(
                message.envelope().recipients().get(delivery.recipients[i]),
                QueuedRecipient.State.of(delivery),
                delivery.attempts,
                Instant.ofEpochMilli(Math.max(delivery.next, message.arrival().toEpochMilli())),
                reason == null ? null : reason.reply(),
                reason == null ? null : reason.host());
    }
}
