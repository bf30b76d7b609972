package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What holds for the pool whatever comes, in whatever order; {@link PoolModel} says what that is. */
class PoolProperties {
    private static final int STEPS = 150;

    @Property(tries = 300)
    void theLimitHoldsAndNobodyIsLostOrServedTwiceOrOutOfTurn(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 4) int perDestination,
            @ForAll @IntRange(min = 1, max = 6) int inAll,
            @ForAll @IntRange(min = 1, max = 12) int waiting,
            @ForAll @IntRange(min = 1, max = 3) int destinations) {
        Random random = new Random(seed);
        PoolModel model = new PoolModel(
                new ConnectionLimits(perDestination, inAll, Duration.ofSeconds(60), waiting), destinations, random);
        model.endAtOnce = random.nextInt(3) * 20;
        for (int step = 0; step < STEPS; step++) {
            step(model, destinations, random);
            model.check();
        }
        model.end();
    }

    private static void step(PoolModel model, int destinations, Random random) {
        int kind = random.nextInt(20);
        if (kind < 8) {
            model.ask(random.nextInt(destinations));
        } else if (kind < 12) {
            on(model.any(PoolModel.Session::isBusy), s -> s.done(random.nextInt(4) > 0));
        } else if (kind < 14) {
            on(model.any(s -> s.isBusy() && !s.takesOneMore), PoolModel.Session::offerOneMore);
        } else if (kind == 14) {
            on(model.any(PoolModel.Session::isMade), s -> s.refuse(421));
        } else if (kind == 15) {
            on(model.any(PoolModel.Session::isMade), s -> s.refuse(451));
        } else if (kind == 16) {
            on(model.any(s -> !s.closed), PoolModel.Session::lose);
        } else if (kind == 17) {
            on(model.any(s -> s.leaving), PoolModel.Session::lose);
        } else if (kind == 18) {
            model.asked.stream()
                    .filter(a -> a.outcome == null)
                    .skip(random.nextInt(5))
                    .findFirst()
                    .ifPresent(model::giveUp);
        } else {
            model.pass(Duration.ofSeconds(random.nextInt(40)));
        }
    }

    private static void on(PoolModel.Session session, Consumer<PoolModel.Session> event) {
        if (session != null) {
            event.accept(session);
        }
    }

    @Example
    void tenThousandWhoEndAtOnceNeedNoStackOfTheirOwn() {
        PoolModel model = new PoolModel(new ConnectionLimits(1, 1, Duration.ofSeconds(60), 10_000), 1, new Random(1));
        model.ask(0);
        model.endAtOnce = 100;
        for (int i = 0; i < 3000; i++) {
            model.ask(0);
        }
        model.sessions.get(0).done(true);
        assertThat(model.asked).allMatch(one -> one.outcome != null);
        model.end();
    }

    @Property(tries = 200)
    void theSharesOfTheLoopsMakeUpTheLimit(
            @ForAll @IntRange(min = 1, max = 50) int perDestination,
            @ForAll @IntRange(min = 1, max = 20) int loops,
            @ForAll @IntRange(min = 1, max = 65_535) int port) {
        ConnectionLimits limits = ConnectionLimits.standard().perDestination(perDestination);
        Route route = new Hop(
                        "mx.example", List.of(new InetSocketAddress(port)), false, PoolModel.POLICY, PoolModel.CONTEXT)
                .route(null);
        assertThat(IntStream.range(0, loops)
                        .map(i -> new Shares(limits, i, loops).ofDestination(route))
                        .sum())
                .isEqualTo(perDestination);
        assertThat(IntStream.range(0, loops)
                        .map(i -> new Shares(limits, i, loops).inAll())
                        .sum())
                .isEqualTo(limits.inAll());
    }

    @Example
    void whoIsClosedTellsAllWhoWaitAndLeavesWhatIsIdle() {
        PoolModel model = new PoolModel(new ConnectionLimits(1, 2, Duration.ofSeconds(60), 10), 2, new Random(1));
        model.ask(0);
        model.ask(0);
        model.ask(1);
        model.sessions.get(1).done(true);
        CompletableFuture<Void> gone = new CompletableFuture<>();
        model.pool.close(gone);
        assertThat(model.asked.get(1).outcome).isInstanceOf(SessionOutcome.NotServed.class);
        assertThat(model.sessions.get(1).leaving).isTrue();
        assertThat(gone).isNotDone();
        model.sessions.get(1).lose();
        assertThat(gone).isDone();
        model.sessions.get(0).done(true);
        assertThat(model.sessions.get(0).leaving).isTrue();
        model.ask(1);
        assertThat(model.asked.get(3).outcome).isInstanceOf(SessionOutcome.NotServed.class);
        model.end();
    }
}
