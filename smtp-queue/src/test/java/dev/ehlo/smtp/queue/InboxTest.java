package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * That whoever owns an inbox wakes up for what comes in: a wake-up that is lost lets the next round wait for ever. What
 * is handed on, and in what order, is checked in every order of threads elsewhere; the time that it sleeps is not known
 * there.
 */
class InboxTest {
    private static final int ROUNDS = 20_000;
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final long FOR_EVER = TimeUnit.DAYS.toNanos(1000);

    private final AtomicInteger seen = new AtomicInteger();
    private volatile int changes;

    @Test
    void wakesForEachOfferOfAnyThread() throws InterruptedException {
        Inbox<Integer> inbox = new Inbox<>();
        Thread owner = new Thread(() -> {
            while (seen.get() < 2 * ROUNDS && !Thread.interrupted()) {
                if (inbox.poll() == null) {
                    inbox.await(FOR_EVER);
                } else {
                    seen.incrementAndGet();
                }
            }
        });
        owner.start();
        try {
            assertTimeoutPreemptively(LONGEST, () -> {
                for (int round = 1; round <= ROUNDS; round++) {
                    int number = round;
                    Thread other = round % 100 == 0 ? new Thread(() -> inbox.offer(number)) : null;
                    if (other != null) {
                        other.start();
                    } else {
                        inbox.offer(number);
                    }
                    inbox.offer(number);
                    while (seen.get() < 2 * round) {
                        Thread.onSpinWait();
                    }
                }
            });
            owner.join();
        } finally {
            owner.interrupt();
        }
    }

    @Test
    void wakesForAChangeBesideIt() throws InterruptedException {
        Inbox<Integer> inbox = new Inbox<>();
        Thread owner = new Thread(() -> {
            while (seen.get() < ROUNDS && !Thread.interrupted()) {
                if (seen.get() < changes) {
                    seen.incrementAndGet();
                } else {
                    inbox.await(FOR_EVER);
                }
            }
        });
        owner.start();
        try {
            assertTimeoutPreemptively(LONGEST, () -> {
                for (int round = 1; round <= ROUNDS; round++) {
                    changes = round;
                    inbox.wake();
                    while (seen.get() < round) {
                        Thread.onSpinWait();
                    }
                }
            });
            owner.join();
        } finally {
            owner.interrupt();
        }
    }

    @Test
    void doesNotSleepLongerThanItIsToldAndNotAtAllWhenThereIsSomething() {
        Inbox<Integer> inbox = new Inbox<>();
        inbox.await(1);
        assertThat(inbox.poll()).isNull();
        inbox.offer(1);
        assertTimeoutPreemptively(LONGEST, () -> inbox.await(FOR_EVER));
        assertThat(inbox.poll()).isEqualTo(1);
        assertThat(inbox.isEmpty()).isTrue();
    }
}
