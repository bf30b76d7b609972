package dev.ehlo.smtp.tls.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoopTimerTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final AtomicLong clock = new AtomicLong();
    private final BlockingQueue<String> threads = new LinkedBlockingQueue<>();
    private Reactor reactor;
    private EventLoop loop;
    private LoopTimer timer;

    @BeforeEach
    void start() throws IOException {
        reactor = Reactor.start("timer-test", 1, clock::get);
        loop = reactor.nextLoop();
        timer = loop.timer(() -> threads.add(Thread.currentThread().getName()));
    }

    @AfterEach
    void stop() {
        reactor.close();
    }

    @Test
    void runsOnItsLoopOnceWhenTheTimeHasCome() throws Exception {
        set(SECOND);
        after(SECOND - TimerWheel.TICK_NANOS);
        assertThat(threads).isEmpty();
        after(2 * TimerWheel.TICK_NANOS);
        assertThat(Loopback.next(threads)).isEqualTo("timer-test-0");
        after(10 * SECOND);
        assertThat(threads).isEmpty();
    }

    @Test
    void countsFromWhenItWasSetLast() throws Exception {
        set(SECOND);
        after(SECOND / 2);
        set(SECOND);
        after(SECOND - TimerWheel.TICK_NANOS);
        assertThat(threads).isEmpty();
        after(2 * TimerWheel.TICK_NANOS);
        assertThat(Loopback.next(threads)).isEqualTo("timer-test-0");
    }

    @Test
    void doesNothingOnceItIsTakenBackUntilItIsSetAgain() throws Exception {
        set(SECOND);
        run(timer::clear);
        after(2 * SECOND);
        assertThat(threads).isEmpty();
        set(SECOND);
        after(2 * SECOND);
        assertThat(Loopback.next(threads)).isEqualTo("timer-test-0");
    }

    private void set(long nanos) throws Exception {
        run(() -> timer.set(nanos));
    }

    /** Goes on with the time, and has the loop look at it: at once, or when it has run its tasks. */
    private void after(long nanos) throws Exception {
        clock.addAndGet(nanos);
        run(() -> {});
        run(() -> {});
    }

    private void run(Runnable task) throws Exception {
        Loopback.on(loop, () -> {
            task.run();
            return true;
        });
    }
}
