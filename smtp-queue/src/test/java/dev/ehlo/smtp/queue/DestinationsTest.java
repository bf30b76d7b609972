package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Envelope;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lanes by the hosts of their destinations, for which somebody has to be asked. */
class DestinationsTest extends SchedulerRig {
    private final Map<String, CompletableFuture<String>> asked = new HashMap<>();
    private int questions;

    @BeforeEach
    void ask() throws IOException {
        settings.hosts(destination -> {
            questions++;
            return asked.computeIfAbsent(destination, d -> new CompletableFuture<>());
        });
        restart();
    }

    private void answer(String destination, String name) {
        asked.get(destination).complete(name);
        run();
    }

    private SpooledMessage to(String... recipients) throws Exception {
        return queue(Envelope.from("a@example.org").to(recipients));
    }

    @Test
    void recipientsOfTheSameHostsGoInOneAttempt() throws Exception {
        to("b@one.test", "c@two.test", "d@three.test");
        assertThat(attempts).isEmpty();
        assertThat(scheduler.health().ready()).isEqualTo(1);
        answer("two.test", "mx.test");
        answer("one.test", "mx.test");
        assertThat(attempts).isEmpty();
        answer("three.test", "other.test");
        assertThat(attempts)
                .extracting(Attempt::recipients)
                .containsExactlyInAnyOrder(List.of("b@one.test", "c@two.test"), List.of("d@three.test"));
    }

    @Test
    void destinationsOfTheSameHostsShareALane() throws Exception {
        settings.attempts(100, 1);
        restart();
        to("b@one.test");
        to("c@two.test");
        answer("one.test", "mx.test");
        answer("two.test", "mx.test");
        Attempt first = only();
        first.reply(TAKEN);
        run();
        assertThat(only().recipients()).containsExactly("c@two.test");
    }

    @Test
    void asksOnceUntilTheAnswerIsOld() throws Exception {
        to("b@one.test");
        to("b@one.test");
        answer("one.test", "mx.test");
        to("b@one.test");
        assertThat(attempts).hasSize(3);
        assertThat(questions).isEqualTo(1);
        clock.advance(Duration.ofNanos(Destinations.KEPT));
        to("b@one.test");
        assertThat(questions).isEqualTo(2);
    }

    @Test
    void whoeverFailsToAnswerOrIsSlowLeavesEachOnItsOwn() throws Exception {
        to("b@failing.test");
        asked.get("failing.test").completeExceptionally(new IOException("test"));
        run();
        assertThat(only().recipients()).containsExactly("b@failing.test");
        to("b@slow.test");
        Duration limit = Duration.ofNanos(Destinations.TIME_LIMIT);
        assertThat(run()).isEqualTo(limit);
        clock.advance(limit);
        run();
        assertThat(only().recipients()).containsExactly("b@slow.test");
        answer("slow.test", "late.test");
        to("b@slow.test");
        assertThat(scheduler.lanes().all())
                .extracting(lane -> lane.name)
                .contains("failing.test", "slow.test", "late.test");
        to("b@failing.test");
        assertThat(attempts).as("not asked again at once").hasSize(2);
        assertThat(questions).isEqualTo(2);
    }

    @Test
    void namesThatAreNoneLeaveEachOnItsOwn() throws Exception {
        to("b@empty.test", "c@long.test");
        answer("empty.test", "");
        answer("long.test", "x".repeat(MailHosts.LONGEST + 1));
        assertThat(attempts).hasSize(2);
        assertThat(scheduler.lanes().all())
                .extracting(lane -> lane.name)
                .containsExactlyInAnyOrder("empty.test", "long.test");
    }

    @Test
    void noMoreIsAskedThanIsAllowedAndNobodyWaitsForTheRest() throws Exception {
        to(IntStream.range(0, Destinations.ASKED + 10)
                .mapToObj(i -> "u@d" + i + ".test")
                .toArray(String[]::new));
        assertThat(questions).isEqualTo(Destinations.ASKED);
        List.copyOf(asked.keySet()).forEach(each -> answer(each, "mx.test"));
        assertThat(attempts).hasSize(11);
    }

    @Test
    void nobodyAttemptsWhatWentWhileItWaited() throws Exception {
        SpooledMessage message = to("b@one.test");
        scheduler.lost(message.id());
        run();
        answer("one.test", "mx.test");
        assertThat(attempts).isEmpty();
        assertThat(scheduler.health()).isEqualTo(QueueHealth.EMPTY);
    }
}
