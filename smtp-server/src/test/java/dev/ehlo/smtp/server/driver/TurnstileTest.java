package dev.ehlo.smtp.server.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnstileTest {
    private final Queue<Runnable> begun = new ArrayDeque<>();
    private final List<Integer> done = new ArrayList<>();
    private final Turnstile turnstile = new Turnstile(begun::add, 2, 3);

    private boolean execute(int number) {
        return turnstile.execute(() -> done.add(number));
    }

    @Test
    void letsAFewThroughAndOthersInTurn() {
        for (int i = 0; i < 5; i++) {
            assertThat(execute(i)).isTrue();
            assertThat(begun).hasSizeLessThanOrEqualTo(2);
        }
        for (Runnable next = begun.poll(); next != null; next = begun.poll()) {
            next.run();
            assertThat(begun).hasSizeLessThanOrEqualTo(2);
        }
        assertThat(done).containsExactly(0, 1, 2, 3, 4);
    }

    @Test
    void takesNoMoreThanMayWait() {
        for (int i = 0; i < 5; i++) {
            assertThat(execute(i)).isTrue();
        }
        assertThat(execute(5)).isFalse();
        begun.remove().run();
        assertThat(execute(6)).isTrue();
        assertThat(execute(7)).isFalse();
        while (!begun.isEmpty()) {
            begun.remove().run();
        }
        assertThat(done).containsExactly(0, 1, 2, 3, 4, 6);
    }

    @Test
    void goesOnAfterATaskThatFails() {
        turnstile.execute(() -> {
            throw new IllegalStateException("failed");
        });
        execute(1);
        execute(2);
        assertThatThrownBy(() -> begun.remove().run()).hasMessage("failed");
        while (!begun.isEmpty()) {
            begun.remove().run();
        }
        assertThat(done).containsExactly(1, 2);
    }

    @Test
    void leavesNobodyWaitingWhenManyComeAtOnce() throws InterruptedException {
        int tasks = 2000;
        int threads = 4;
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch ended = new CountDownLatch(threads * tasks);
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            Turnstile shared = new Turnstile(pool, 3, threads * tasks);
            List<Thread> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                Thread thread = new Thread(() -> {
                    for (int j = 0; j < tasks; j++) {
                        shared.execute(() -> {
                            most.accumulateAndGet(running.incrementAndGet(), Math::max);
                            running.decrementAndGet();
                            ended.countDown();
                        });
                    }
                });
                thread.start();
                all.add(thread);
            }
            for (Thread thread : all) {
                thread.join();
            }
            assertThat(ended.await(50, TimeUnit.SECONDS)).isTrue();
            assertThat(most.get()).isBetween(1, 3);
        } finally {
            pool.shutdown();
        }
    }
}
