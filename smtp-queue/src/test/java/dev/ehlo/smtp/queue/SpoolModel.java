package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A journal on a {@link TestDisk}, and beside it what it has promised, in maps. After each start both are compared:
 * everything acknowledged is there, and nothing settled comes back.
 */
final class SpoolModel {
    /** Small, so that a few messages roll segments, move survivors and spill. */
    static final JournalLimits LIMITS = new JournalLimits(1500, 1000, 0, 1);

    private TestDisk disk;
    private JournalSpool spool;
    private boolean started;
    private final Map<QueueId, Promise> promises = new TreeMap<>();
    private final Map<QueueId, Promise> refused = new TreeMap<>();
    private long seed;
    /** Refused before a fault that was overcome: cut off for certain. */
    private final java.util.Set<QueueId> gone = new java.util.HashSet<>();

    private final boolean cuts;
    private int resumed;

    private enum Fate {
        OPEN,
        /** Was to be settled, without an answer. */
        DOUBTFUL,
        SETTLED
    }

    private static final class Promise {
        final Envelope envelope;
        final byte[] content;
        final Fate[] fates;
        final int[] attempts;

        Promise(Envelope envelope, byte[] content) {
            this.envelope = envelope;
            this.content = content;
            fates = new Fate[envelope.recipients().size()];
            java.util.Arrays.fill(fates, Fate.OPEN);
            attempts = new int[fates.length];
        }

        Promise(Promise other) {
            envelope = other.envelope;
            content = other.content;
            fates = other.fates.clone();
            attempts = other.attempts.clone();
        }
    }

    SpoolModel() {
        this(false);
    }

    /** @param cuts whether what was refused before a {@link #resume} must not come back */
    SpoolModel(boolean cuts) {
        this.cuts = cuts;
        disk = new TestDisk();
        spool = new JournalSpool(disk.indexingAtOnce(), LIMITS);
    }

    /** The same promises, on another disk. */
    SpoolModel(SpoolModel other, TestDisk disk) {
        cuts = other.cuts;
        gone.addAll(other.gone);
        other.promises.forEach((id, promise) -> promises.put(id, new Promise(promise)));
        refused.putAll(other.refused);
        seed = other.seed;
        this.disk = disk;
        spool = new JournalSpool(disk.indexingAtOnce(), LIMITS);
    }

    boolean isAtFault() {
        return spool.fault().isPresent();
    }

    /** An operator's command; answers whether it went. */
    boolean resume() {
        try {
            spool.resume();
        } catch (IOException e) {
            assertThat(spool.fault()).as("fault after a resume that failed").isPresent();
            return false;
        }
        assertThat(spool.fault()).isEmpty();
        gone.addAll(refused.keySet());
        resumed++;
        return true;
    }

    int resumed() {
        return resumed;
    }

    TestDisk disk() {
        return disk;
    }

    boolean isStarted() {
        return started;
    }

    long alive() {
        return promises.values().stream()
                .filter(p -> java.util.Arrays.asList(p.fates).contains(Fate.OPEN))
                .mapToLong(p -> p.content.length)
                .sum();
    }

    /** Starts, and compares. Fails as the spool fails. */
    void start() throws IOException {
        List<SpooledMessage> owned = Mail.start(spool);
        started = true;
        compare(owned);
    }

    void put(int octets) throws Exception {
        Envelope envelope = octets % 2 == 0 ? Mail.ONE : Mail.THREE;
        Promise promise = new Promise(envelope, Mail.octets(octets, seed++));
        SpoolWriter writer;
        try {
            writer = spool.open(envelope, Mail.NOON);
        } catch (IOException e) {
            return;
        }
        try {
            writer.write(java.nio.ByteBuffer.wrap(promise.content));
        } catch (IOException e) {
            writer.abort();
            return;
        }
        try {
            SpooledMessage message = Mail.await(writer.complete());
            assertThat(message.id()).isEqualTo(writer.id());
            promises.put(writer.id(), promise);
        } catch (ExecutionException refusal) {
            refused.put(writer.id(), promise);
        }
    }

    /** Reads some message back, unless that would wait for room. */
    void load(int which) throws Exception {
        List<QueueId> known = new ArrayList<>(promises.keySet());
        if (!known.isEmpty() && !isAtFault()) {
            QueueId id = known.get(which % known.size());
            Promise promise = promises.get(id);
            List<Fate> fates = List.of(promise.fates);
            try {
                SpooledMessage message = Mail.await(spool.load(id));
                check(message, promise);
                for (int i = 0; i < fates.size(); i++) {
                    int index = i;
                    boolean pending = message.pending().stream().anyMatch(one -> one.index() == index);
                    assertThat(fates.get(i)).isNotEqualTo(pending ? Fate.SETTLED : Fate.OPEN);
                }
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(IOException.class);
                assertThat(e.getCause()).isNotInstanceOf(MessageLostException.class);
                assertThat(isAtFault() || !fates.contains(Fate.OPEN)).isTrue();
            }
        }
    }

    /** Settles a recipient of some message. */
    void settle(int which) throws Exception {
        List<QueueId> open = new ArrayList<>(promises.keySet());
        if (!open.isEmpty()) {
            QueueId id = open.get(which % open.size());
            Promise promise = promises.get(id);
            int recipient = which % promise.fates.length;
            boolean done = isDone(spool.crossOff(id, List.of(recipient), DeliveryStatus.RELAYED));
            promise.fates[recipient] = done || promise.fates[recipient] == Fate.SETTLED ? Fate.SETTLED : Fate.DOUBTFUL;
        }
    }

    void settleAll(int which) throws Exception {
        List<QueueId> open = new ArrayList<>(promises.keySet());
        if (!open.isEmpty()) {
            QueueId id = open.get(which % open.size());
            Promise promise = promises.get(id);
            List<Integer> all = java.util.stream.IntStream.range(0, promise.fates.length)
                    .boxed()
                    .toList();
            boolean done = isDone(spool.crossOff(id, all, DeliveryStatus.FAILED));
            for (int i : all) {
                promise.fates[i] = done || promise.fates[i] == Fate.SETTLED ? Fate.SETTLED : Fate.DOUBTFUL;
            }
        }
    }

    void defer(int which) throws Exception {
        List<QueueId> open = new ArrayList<>(promises.keySet());
        if (!open.isEmpty()) {
            QueueId id = open.get(which % open.size());
            Promise promise = promises.get(id);
            int recipient = which % promise.fates.length;
            int attempts = promise.attempts[recipient] + 1;
            Instant due = Mail.NOON.plusSeconds(attempts);
            if (isDone(spool.defer(id, List.of(recipient), new Deferral(attempts, due, attempts % 2 == 0)))) {
                promise.attempts[recipient] = attempts;
            }
        }
    }

    /** What waits for room is not waited for where there is none. */
    private boolean isDone(CompletionStage<Void> stage) throws Exception {
        for (int i = 0; i < 20_000; i++) {
            try {
                stage.toCompletableFuture().get(1, TimeUnit.MILLISECONDS);
                return true;
            } catch (ExecutionException refusal) {
                return false;
            } catch (TimeoutException e) {
                if (isAtFault() && disk.hasNoSpace()) {
                    return false;
                }
            }
        }
        throw new AssertionError("no answer from the spool");
    }

    void restart() throws IOException {
        close();
        start();
    }

    void kill() throws IOException {
        replace(disk.kill());
    }

    void losePower(Random random) throws IOException {
        replace(disk.crash(random));
    }

    private void replace(TestDisk after) throws IOException {
        close();
        disk = after;
        spool = new JournalSpool(after.indexingAtOnce(), LIMITS);
        start();
    }

    void close() throws IOException {
        spool.close();
        started = false;
    }

    private void compare(List<SpooledMessage> owned) throws IOException {
        Map<QueueId, SpooledMessage> found = new TreeMap<>();
        owned.forEach(message -> assertThat(found.put(message.id(), message)).isNull());
        for (Map.Entry<QueueId, Promise> entry : List.copyOf(promises.entrySet())) {
            Promise promise = entry.getValue();
            SpooledMessage message = found.remove(entry.getKey());
            List<Integer> pending = message == null
                    ? List.of()
                    : message.pending().stream().map(PendingRecipient::index).toList();
            for (int i = 0; i < promise.fates.length; i++) {
                switch (promise.fates[i]) {
                    case OPEN ->
                        assertThat(pending)
                                .as("recipients of %s after loss", entry.getKey())
                                .contains(i);
                    case SETTLED ->
                        assertThat(pending)
                                .as("settled ones of %s", entry.getKey())
                                .doesNotContain(i);
                    case DOUBTFUL -> promise.fates[i] = pending.contains(i) ? Fate.DOUBTFUL : Fate.SETTLED;
                }
            }
            if (message == null) {
                promises.remove(entry.getKey());
            } else {
                check(message, promise);
            }
        }
        for (SpooledMessage message : found.values()) {
            if (cuts) {
                assertThat(gone).as("refused, and back").doesNotContain(message.id());
            }
            Promise promise = refused.get(message.id());
            assertThat(promise)
                    .as("message %s that nobody put in, or was settled", message.id())
                    .isNotNull();
            check(message, promise);
        }
    }

    private static void check(SpooledMessage message, Promise promise) throws IOException {
        assertThat(message.envelope()).isEqualTo(promise.envelope);
        assertThat(message.arrival()).isEqualTo(Mail.NOON);
        assertThat(Mail.read(message.content())).isEqualTo(promise.content);
        for (PendingRecipient pending : message.pending()) {
            assertThat(pending.deferral().attempts()).isGreaterThanOrEqualTo(promise.attempts[pending.index()]);
            assertThat(pending.deferral().delayTold())
                    .isEqualTo(pending.deferral().attempts() > 0
                            && pending.deferral().attempts() % 2 == 0);
        }
    }
}
