package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.ManualClock;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsPolicy;
import dev.ehlo.smtp.tls.reactor.LoopTimer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A pool with sessions that do nothing but what a test wants, and what is true of it after each step. The model counts
 * connections, and remembers what was asked for in which order.
 */
final class PoolModel {
    static final TlsPolicy POLICY = TlsPolicy.none();
    static final TlsContext CONTEXT = TlsContext.client(POLICY);

    private final ConnectionLimits limits;
    private final ManualClock clock = new ManualClock();
    private final List<Alarm> alarms = new ArrayList<>();
    private final Random random;
    private final List<Hop> hops;
    private final int[] lastBegun;
    final Pool pool;
    final List<Session> sessions = new ArrayList<>();
    final List<Asked> asked = new ArrayList<>();
    /** How often, in a hundred, a delivery has ended before it began, as it is refused on this side. */
    int endAtOnce;

    PoolModel(ConnectionLimits limits, int destinations, Random random) {
        this.limits = limits;
        this.random = random;
        this.hops = Stream.iterate(1, i -> i + 1)
                .limit(destinations)
                .map(i -> new Hop(
                        "mx" + i + ".example",
                        List.of(new InetSocketAddress("127.0.0." + i, 25)),
                        false,
                        POLICY,
                        CONTEXT))
                .toList();
        this.lastBegun = new int[destinations];
        this.pool = new Pool(
                new Shares(limits, 0, 1),
                (place, hop, delivery) -> sessions.add(new Session(place, delivery)),
                new WaitingList.Terms(
                        limits.patience().toNanos(), limits.waiting(), Runnable::run, clock::nanoTime, Alarm::new));
    }

    /** One delivery that was asked for. */
    final class Asked {
        final int number = asked.size() + 1;
        final int destination;
        final CompletableFuture<Void> report = new CompletableFuture<>();

        @Nullable
        SessionOutcome outcome;

        boolean begun;
        boolean lapsed;
        boolean instant = random.nextInt(100) < endAtOnce;

        @Nullable
        Session by;

        Asked(int destination) {
            this.destination = destination;
        }

        void begin(Session session) {
            assertThat(outcome).as("begun after its end").isNull();
            assertThat(by).as("begun twice at a time").isNull();
            by = session;
            if (!begun) {
                assertThat(number).as("first come, first served").isGreaterThan(lastBegun[destination]);
                lastBegun[destination] = number;
                begun = true;
            }
        }

        void end(SessionOutcome with) {
            by = null;
            if (with instanceof SessionOutcome.Lapsed) {
                assertThat(lapsed).as("lapsed again and again").isFalse();
                lapsed = true;
                deliver(this, true);
                return;
            }
            assertThat(outcome).as("told twice").isNull();
            outcome = with;
            report.complete(null);
        }

        boolean waits() {
            return outcome == null && by == null;
        }
    }

    /** What stands for a connection with its session; a server behind it is the test. */
    final class Session implements PooledSession {
        private final Place place;
        private final List<SessionHandler.Delivery> under = new ArrayList<>();
        private boolean served;
        boolean leaving;
        boolean closed;
        boolean takesOneMore;

        Session(Place place, SessionHandler.Delivery first) {
            this.place = place;
            add(first);
        }

        private void add(SessionHandler.Delivery delivery) {
            under.add(delivery);
            asked(delivery).begin(this);
        }

        @SuppressWarnings("ReferenceEquality") // the same report
        private Asked asked(SessionHandler.Delivery delivery) {
            return asked.stream()
                    .filter(a -> a.report == delivery.report())
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public Place place() {
            return place;
        }

        @Override
        public boolean takesAnother() {
            return !leaving && !closed && (under.isEmpty() || takesOneMore);
        }

        @Override
        public boolean isIdle() {
            return !leaving && !closed && under.isEmpty();
        }

        boolean isBusy() {
            return !closed && !under.isEmpty();
        }

        boolean isMade() {
            return !closed && !served && !under.isEmpty();
        }

        @Override
        public void begin(SessionHandler.Delivery next) {
            assertThat(takesAnother()).as("begun where nothing can be").isTrue();
            takesOneMore = false;
            add(next);
            if (asked(next).instant && under.size() == 1) {
                done(true);
            }
        }

        @Override
        public void quit() {
            assertThat(isIdle()).isTrue();
            leaving = true;
        }

        /** The first of its deliveries ends in order, and the session goes on or leaves. */
        void done(boolean stays) {
            SessionHandler.Delivery first = under.remove(0);
            served = true;
            if (!under.isEmpty()) {
                first.ended().accept(decided());
                return;
            }
            leaving = !stays;
            if (stays) {
                pool.ready(this);
            } else {
                pool.remove(this);
            }
            first.ended().accept(decided());
        }

        /** The content of its delivery is out: another may follow. */
        void offerOneMore() {
            served = true;
            takesOneMore = true;
            pool.ready(this);
        }

        /** The server does not serve it. */
        void refuse(int code) {
            SessionHandler.Delivery first = under.remove(0);
            asked(first).by = null; // it may wait again
            first.ended()
                    .accept(new SessionOutcome.NotServed(
                            DeliveryStatus.DEFERRED,
                            Reply.of(code, "4.3.2", "not now"),
                            RemoteHost.named("mx.example"),
                            DeliveryPhase.GREETING));
            leaving = true;
        }

        /** The connection is gone, at whatever it is. */
        void lose() {
            closed = true;
            boolean lapses = served;
            for (SessionHandler.Delivery each : List.copyOf(under)) {
                under.remove(each);
                boolean again = lapses && !asked(each).lapsed;
                each.ended().accept(again ? new SessionOutcome.Lapsed() : decided());
            }
            pool.closed(this);
        }
    }

    private final class Alarm implements LoopTimer {
        private final Runnable due;
        private long at = Long.MAX_VALUE;

        Alarm(Runnable due) {
            this.due = due;
            alarms.add(this);
        }

        @Override
        public void set(long delayNanos) {
            at = clock.nanoTime() + delayNanos;
        }

        @Override
        public void clear() {
            at = Long.MAX_VALUE;
        }
    }

    private static SessionOutcome decided() {
        return new SessionOutcome.Decided(List.of());
    }

    void ask(int destination) {
        Asked one = new Asked(destination);
        asked.add(one);
        deliver(one, false);
    }

    private void deliver(Asked one, boolean again) {
        SessionPlan plan = Plans.inClear(Envelope.from("a@example.org").to("b@example.net"));
        pool.deliver(hops.get(one.destination), new SessionHandler.Delivery(plan, one.report, one::end), again, true);
    }

    /** As a caller who does not want it any more; the session that has it gives its connection up. */
    void giveUp(Asked one) {
        one.report.cancel(false);
        Session by = one.by;
        if (by != null) {
            by.lose();
        }
        assertThat(one.outcome).as("an end for whoever waits, too").isNotNull();
    }

    void pass(Duration time) {
        clock.advance(time);
        for (Alarm each : List.copyOf(alarms)) {
            if (each.at <= clock.nanoTime()) {
                each.at = Long.MAX_VALUE;
                each.due.run();
            }
        }
    }

    @Nullable
    Session any(Predicate<Session> such) {
        List<Session> fit = sessions.stream().filter(such).toList();
        return fit.isEmpty() ? null : fit.get(random.nextInt(fit.size()));
    }

    /** What is true between any two events. */
    void check() {
        sessions.removeIf(session -> session.closed);
        assertThat(sessions.size()).as("connections in all").isLessThanOrEqualTo(limits.inAll());
        for (int i = 0; i < hops.size(); i++) {
            Route route = hops.get(i).route(null);
            int destination = i;
            List<Session> its = sessions.stream()
                    .filter(s -> s.place().lane.route.equals(route))
                    .toList();
            assertThat(its.size()).as("connections").isLessThanOrEqualTo(limits.perDestination());
            List<Asked> waiting = asked.stream()
                    .filter(a -> a.destination == destination && a.waits())
                    .toList();
            if (waiting.stream().anyMatch(a -> !a.begun)) {
                assertThat(its).as("nobody waits beside what is free").noneMatch(PooledSession::takesAnother);
            }
            if (!waiting.isEmpty() && sessions.size() < limits.inAll()) {
                assertThat(its).as("who waits waits for something").isNotEmpty();
            }
        }
    }

    /** Lets all end in order, as long as it takes. */
    void end() {
        for (int steps = 0; !sessions.isEmpty() && steps < 100_000; steps++) {
            Session busy = any(Session::isBusy);
            if (busy != null) {
                busy.done(true);
            } else {
                sessions.get(0).lose();
            }
            check();
        }
        assertThat(asked).as("nobody is lost").allMatch(one -> one.outcome != null);
        assertThat(pool.isEmpty()).as("nothing is left").isTrue();
    }
}
