package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.testkit.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A scheduler over a journal, and beside it, for each recipient by its address, what was promised and what has become of
 * it. Whether it may be attempted is checked at each attempt; whether it was served, at the end.
 */
final class QueueModel implements GatedSpool.Ledger {
    static final RetrySchedule RETRY =
            RetrySchedule.of(List.of(Duration.ofSeconds(10), Duration.ofSeconds(60)), Duration.ofSeconds(300));

    private static final Duration DELAY = Duration.ofSeconds(40);
    private static final Pattern BOUNDARY = Pattern.compile(" boundary=\"([^\"]+)\"");
    private static final Pattern TOLD = Pattern.compile("Final-Recipient: rfc822; (\\S+)\r\nAction: (failed|delayed)");
    private static final List<Commands.Verb> VERBS = List.of(Commands.Verb.values());
    private static final Reply[] REPLIES = {
        Reply.of(250, "2.0.0", "taken"), Reply.of(451, "4.3.0", "later"), Reply.of(550, "5.1.1", "no such user")
    };

    private final ManualClock clock = new ManualClock(Mail.NOON);
    private final Map<String, Fate> fates = new LinkedHashMap<>();
    private final Map<QueueId, List<Fate>> messages = new HashMap<>();
    private final Map<QueueId, Envelope> envelopes = new HashMap<>();
    private final List<CompletionStage<SpooledMessage>> incoming = new ArrayList<>();
    private final List<Attempt> attempts = new ArrayList<>();
    private final Queue<Order> orders = new ArrayDeque<>();
    /** Of whom an order was forgotten. */
    private final List<String> dropped = new ArrayList<>();

    private TestDisk disk = new TestDisk();
    private GatedSpool spool;
    private Scheduler scheduler;
    private boolean held;
    private boolean draining;
    private int number;

    /** Of one recipient of one message; of a notice too, which is known by its boundary. */
    private static final class Fate {
        final String name;
        /** So that nobody is told of a failure. */
        final boolean fromNobody;
        /** 250 was sent, or the notice is safe. */
        boolean accepted;

        boolean crossedOff;
        /** By this process. */
        boolean inFlight;

        boolean takenNow;
        boolean refusedNow;
        /** In all. */
        boolean taken;
        /** An operator wanted it, maybe too late. */
        boolean removed;
        /** An operator has ended it for good, and knows that. */
        boolean ended;
        /** What an operator said last of holding it. */
        @Nullable
        Order holding;

        boolean onHold;

        int notices;
        int delays;
        /** Attempted when its sender was to have heard of the delay, by this process, and nothing has kept that from the disk. */
        boolean late;
        /** A write has failed, after which a record may tell of a notice that failed with it. */
        boolean unsure;
        /** When its message came in. */
        long arrival;
        /** Of the process, since it was safe. */
        int restarts;
        /** A process ended between what it did and the record of it. */
        int doubts;

        Fate(String name, boolean fromNobody) {
            this.name = name;
            this.fromNobody = fromNobody;
        }
    }

    /** @param open recipients that it means, as far as the disk knows */
    private record Order(Commands.Verb verb, List<Fate> fates, long open, CompletableFuture<QueueChange> done) {}

    private record Attempt(Envelope envelope, List<Fate> fates, CompletableFuture<DeliveryReport> end) {}

    QueueModel() throws IOException {
        start();
    }

    private void start() throws IOException {
        spool = new GatedSpool(new JournalSpool(disk.indexingAtOnce(), SpoolModel.LIMITS), this);
        MailQueueBuilder settings = MailQueue.builder()
                .spool(spool)
                .agent(this::deliver)
                .clock(clock)
                .retry(RETRY)
                .random(new SplittableRandom(number))
                .delayNoticeAfter(DELAY)
                .knownSenders(envelope -> true)
                .hostname("queue.test");
        settings.boundaries = new SplittableRandom(number++);
        settings.sorting = Runnable::run;
        scheduler = new Scheduler(spool, settings);
        scheduler.hold(held);
        spool.start(scheduler);
        run();
    }

    private void run() {
        while (scheduler.run().isZero()) {
            assertThat(attempts).hasSizeLessThan(10_000);
        }
        assertThat(dropped).as("told a record that drops the order").isEmpty();
        // In their order: one that finds nothing left to do is done before the one that has done it is on the disk.
        for (Order first = orders.peek(); first != null && first.done.isDone(); first = orders.peek()) {
            Order order = orders.remove();
            // Or it may be for others: who has his mail already, though that is not on the disk, can't be held.
            if (!order.done.isCompletedExceptionally() && order.done.join().recipients() == order.open) {
                order.fates.forEach(fate -> obeyed(fate, order));
            }
        }
    }

    private static void obeyed(Fate fate, Order order) {
        fate.ended |= order.verb == Commands.Verb.REMOVE || order.verb == Commands.Verb.BOUNCE;
        fate.onHold |= order.verb == Commands.Verb.HOLD && order.equals(fate.holding);
    }

    // What may happen.

    void accept(int which) throws Exception {
        List<String> to = new ArrayList<>();
        for (int i = 0; i <= which % 3; i++) {
            to.add("r" + number++ + "@d" + (which / 3 + i) % 4 + ".test");
        }
        String from = which % 7 == 0 ? "" : sender(which);
        Envelope envelope = Envelope.from(from).to(to.toArray(String[]::new));
        incoming.add(Mail.write(spool, envelope, clock.instant(), Mail.octets("X: y\r\n\r\n" + which)));
        run();
    }

    private static String sender(int which) {
        return "s" + which % 4 + "@home.test";
    }

    void write(int which) throws Exception {
        spool.pass(1 + which % 8);
        told();
    }

    void failToWrite() {
        spool.fail();
        incoming.clear();
        fates.values().forEach(fate -> {
            fate.late = false;
            fate.unsure = true;
        });
        run();
    }

    private void told() {
        incoming.removeIf(one -> {
            boolean done = one.toCompletableFuture().isDone();
            if (done) {
                SpooledMessage message = one.toCompletableFuture().join();
                messages.get(message.id()).forEach(fate -> fate.accepted = true);
                scheduler.accept(message);
            }
            return done;
        });
        run();
    }

    void answer(int which) {
        if (!attempts.isEmpty()) {
            Attempt attempt = attempts.remove(which % attempts.size());
            int each = which / 3;
            List<RecipientOutcome> outcomes = new ArrayList<>();
            for (int i = 0; i < attempt.fates.size(); i++) {
                outcomes.add(outcome(attempt, i, each % 5));
                each /= 5;
            }
            attempt.end.complete(new DeliveryReport(outcomes));
            run();
        }
    }

    private static RecipientOutcome outcome(Attempt attempt, int index, int which) {
        Recipient recipient = attempt.envelope.recipients().get(index);
        Fate fate = attempt.fates.get(index);
        fate.inFlight = false;
        if (which < 2) {
            fate.taken = true;
            fate.takenNow = true;
        } else if (which == 2) {
            fate.refusedNow = true;
        }
        return which == 4
                ? new RecipientOutcome(recipient, DeliveryStatus.UNKNOWN, REPLIES[1], "mx.test")
                : RecipientOutcome.replied(recipient, REPLIES[which < 2 ? 0 : 4 - which], "mx.test");
    }

    void advance(int seconds) {
        clock.advance(Duration.ofSeconds(seconds));
        run();
    }

    void hold(boolean value) {
        held = value;
        scheduler.hold(value);
        run();
    }

    /** An operator's command for up to three messages, or for what is from somebody, to somebody, or of an age. */
    void order(int which) throws Exception {
        List<QueueId> known = messages.entrySet().stream()
                .filter(e -> !e.getValue().stream().allMatch(fate -> fate.crossedOff))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        if (known.isEmpty()) {
            return;
        }
        Commands.Verb verb = VERBS.get(which % VERBS.size());
        int other = which / VERBS.size();
        int first = other % known.size();
        QueueId one = known.get(first);
        Mailbox recipient = envelopes.get(one).recipients().get(0).mailbox();
        QueueSelection all = QueueSelection.EVERYTHING;
        switch (other % 7) {
            case 0 -> {
                ReversePath sender = ReversePath.parse(sender(which));
                order(
                        verb,
                        all.sender(sender),
                        (id, to) -> envelope(id).reversePath().equals(sender));
            }
            case 1 -> order(verb, all.recipient(recipient), (id, to) -> to.equals(recipient));
            case 2 -> {
                String domain = recipient.domain();
                order(verb, all.destination(domain), (id, to) -> to.domain().equals(domain));
            }
            case 3 -> {
                long age = other % 60 * 1000L;
                long now = clock.millis();
                order(verb, all.olderThan(Duration.ofMillis(age)), (id, to) -> now - id.millis() >= age);
            }
            default -> order(verb, known.subList(first, Math.min(first + 1 + which % 3, known.size())));
        }
    }

    private Envelope envelope(QueueId id) {
        return Objects.requireNonNull(envelopes.get(id));
    }

    private void order(Commands.Verb verb, List<QueueId> ids) throws Exception {
        order(verb, QueueSelection.EVERYTHING.ids(ids), (id, to) -> ids.contains(id));
    }

    private void order(Commands.Verb verb, QueueSelection selection, BiPredicate<QueueId, Mailbox> means)
            throws Exception {
        List<Fate> meant = new ArrayList<>();
        messages.forEach((id, all) -> {
            for (int i = 0; i < all.size(); i++) {
                if (means.test(id, envelope(id).recipients().get(i).mailbox())) {
                    meant.add(all.get(i));
                }
            }
        });
        long open = meant.stream().filter(fate -> !fate.crossedOff).count();
        Order order = new Order(verb, meant, open, scheduler.operator().change(verb, selection));
        for (Fate fate : order.fates) {
            fate.removed |= verb == Commands.Verb.REMOVE;
            if (verb == Commands.Verb.HOLD || verb == Commands.Verb.RELEASE) {
                fate.holding = order;
                fate.onHold &= verb == Commands.Verb.HOLD;
            }
        }
        orders.add(order);
        run();
    }

    /** In order, once all is written that follows from what is over. */
    void drain() throws Exception {
        CompletableFuture<?> quiet = scheduler.drain();
        draining = true;
        run();
        for (int i = 0; i < 10; i++) {
            spool.pass(Integer.MAX_VALUE);
            told();
            // What a failed write kept from being recorded is told again after a second.
            advance(1);
        }
        assertThat(quiet.isDone()).as("quiet").isEqualTo(attempts.isEmpty());
        for (Fate fate : fates.values()) {
            assertThat(fate.takenNow && !fate.crossedOff)
                    .as("%s, drained without a record", fate.name)
                    .isFalse();
        }
        close();
    }

    /** Without a word, with all that was written or only with what is on the disk. */
    void crash(int which) throws IOException {
        TestDisk after = which % 2 == 0 ? disk.kill() : disk.crash(new Random(which));
        spool.close();
        restart(after);
    }

    /** In order, but what is not written yet is not waited for. */
    void close() throws IOException {
        scheduler.cancel();
        spool.close();
        restart(disk);
    }

    private void restart(TestDisk after) throws IOException {
        disk = after;
        draining = false;
        attempts.clear();
        incoming.clear();
        orders.clear();
        for (Fate fate : fates.values()) {
            boolean done = fate.takenNow || fate.refusedNow || fate.notices > 0;
            fate.doubts += done && !fate.crossedOff ? 1 : 0;
            fate.restarts++;
            fate.late = false;
            fate.inFlight = false;
            fate.takenNow = false;
            fate.refusedNow = false;
        }
        start();
    }

    // What it is told.

    private CompletableFuture<DeliveryReport> deliver(Envelope envelope, MessageSource content) {
        List<Fate> attempted = new ArrayList<>();
        for (Recipient recipient : envelope.recipients()) {
            attempted.add(fates.get(name(envelope, recipient, content)));
        }
        for (Fate fate : attempted) {
            assertThat(fate.inFlight)
                    .as("%s, attempted twice at a time", fate.name)
                    .isFalse();
            assertThat(fate.takenNow).as("%s, which has it", fate.name).isFalse();
            assertThat(fate.refusedNow)
                    .as("%s, which will never have it", fate.name)
                    .isFalse();
            assertThat(fate.crossedOff).as("%s, crossed off", fate.name).isFalse();
            assertThat(fate.ended).as("%s, removed or returned", fate.name).isFalse();
            assertThat(fate.onHold).as("%s, on hold", fate.name).isFalse();
            assertThat(held || draining).as("the queue is held, or drained").isFalse();
            fate.inFlight = true;
            fate.late |= !fate.fromNobody && !fate.unsure && clock.millis() - fate.arrival >= DELAY.toMillis();
        }
        CompletableFuture<DeliveryReport> end = new CompletableFuture<>();
        attempts.add(new Attempt(envelope, attempted, end));
        return end;
    }

    private static String name(Envelope envelope, Recipient recipient, MessageSource content) {
        if (!envelope.reversePath().isNull() || !recipient.mailbox().domain().equals("home.test")) {
            return recipient.toString();
        }
        Matcher boundary = BOUNDARY.matcher(text(content));
        assertThat(boundary.find()).as("a notice").isTrue();
        return boundary.group(1);
    }

    private static String text(MessageSource content) {
        try {
            return new String(Mail.read(content), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError("content not read", e);
        }
    }

    @Override
    public void isSafe(SpooledMessage message) {
        Envelope envelope = message.envelope();
        List<Fate> all = new ArrayList<>();
        for (Recipient recipient : envelope.recipients()) {
            String name = name(envelope, recipient, message.content());
            Fate fate = new Fate(name, envelope.reversePath().isNull());
            fate.arrival = message.id().millis();
            fates.put(name, fate);
            all.add(fate);
            if (!name.equals(recipient.toString())) {
                fate.accepted = true;
                Matcher told = TOLD.matcher(text(message.content()));
                while (told.find()) {
                    Fate about = fates.get(told.group(1));
                    if (told.group(2).equals("failed")) {
                        about.notices++;
                    } else {
                        about.delays++;
                    }
                }
            }
        }
        messages.put(message.id(), all);
        envelopes.put(message.id(), envelope);
    }

    /** What an operator was promised is in whatever is recorded later; who calls takes what is thrown for a fault of the disk. */
    @Override
    public void isDeferring(QueueId id, Collection<Integer> recipients, Deferral deferral) {
        for (int index : recipients) {
            Fate fate = messages.get(id).get(index);
            if ((fate.onHold || fate.ended) && deferral.order() == StandingOrder.NONE) {
                dropped.add(fate.name);
            }
        }
    }

    /** Notices of delays, so that it is seen whether there are any. */
    int delays() {
        return fates.values().stream().mapToInt(fate -> fate.delays).sum();
    }

    @Override
    public void isCrossedOff(QueueId id, Collection<Integer> recipients) {
        recipients.forEach(index -> messages.get(id).get(index).crossedOff = true);
    }

    // At the end.

    /** All hosts take all; then everybody has been served. */
    void checkEnd() throws Exception {
        hold(false);
        for (int i = 0; i < 40; i++) {
            if (i == 0 && !messages.isEmpty()) {
                order(Commands.Verb.RELEASE, messages.keySet().stream().sorted().toList());
            }
            spool.pass(Integer.MAX_VALUE);
            told();
            for (Attempt attempt : List.copyOf(attempts)) {
                attempts.remove(attempt);
                List<RecipientOutcome> outcomes = new ArrayList<>();
                for (int at = 0; at < attempt.fates.size(); at++) {
                    outcomes.add(outcome(attempt, at, 0));
                }
                attempt.end.complete(new DeliveryReport(outcomes));
            }
            run();
            advance(i < 20 ? 0 : 60);
        }
        assertThat(scheduler.health().messages()).as("messages left").isZero();
        for (Fate fate : fates.values()) {
            boolean untold = fate.fromNobody && fate.crossedOff;
            assertThat(!fate.accepted || fate.taken || fate.removed || fate.notices > 0 || untold)
                    .as("%s was accepted, and is lost", fate.name)
                    .isTrue();
            assertThat(fate.notices).as("notices of %s", fate.name).isLessThanOrEqualTo(1 + fate.doubts);
            assertThat(fate.delays)
                    .as("notices of the delay of %s", fate.name)
                    .isBetween(fate.late ? 1 : 0, 1 + fate.restarts);
        }
        close();
        assertThat(attempts).as("comes back after a restart").isEmpty();
        assertThat(scheduler.health().messages()).isZero();
        spool.close();
    }
}
