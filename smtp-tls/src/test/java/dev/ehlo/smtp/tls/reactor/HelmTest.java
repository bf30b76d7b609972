package dev.ehlo.smtp.tls.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** A thread that waits for what a loop does, and is its thread meanwhile. */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class HelmTest {
    private static final String OWN = "helm-test-0";

    private Reactor reactor;
    private EventLoop loop;

    @BeforeEach
    void start() throws IOException {
        reactor = Reactor.start("helm-test", 1);
        loop = reactor.loop(0);
    }

    @AfterEach
    void stop() {
        reactor.close();
    }

    @Test
    void belongsToItsOwnThreadUntilThatIsTold() throws Exception {
        assertThat(loop.runHere(CompletableFuture::new, () -> false)).isNull();
        assertThat(threadOfTask()).isEqualTo(OWN);
        loop.rest(() -> true);
        assertThat(threadOfTask()).isEqualTo(OWN); // as it had work, by what was said
        assertThat(loop.runHere(CompletableFuture::new, () -> false)).isNull();
    }

    @Test
    void isTheThreadOfWhoeverWaits() throws Exception {
        String done = visit(() -> {
            assertThat(loop.isInLoop()).isTrue();
            CompletableFuture<String> later = new CompletableFuture<>();
            loop.execute(() -> later.complete(Thread.currentThread().getName()));
            assertThat(later).isNotDone(); // as with any task
            return later;
        });
        assertThat(done).isEqualTo(Thread.currentThread().getName());
        assertThat(loop.isInLoop()).isFalse();
    }

    @Test
    void servesConnectionsAndTimers() throws Exception {
        Loopback.Recorder handler = new Loopback.Recorder();
        try (Listener listener = reactor.listen(Loopback.anyPort(), 0, null, () -> handler)) {
            visit(() -> {
                CompletableFuture<String> later = new CompletableFuture<>();
                LoopTimer due = loop.timer(() -> later.complete(""));
                due.set(TimeUnit.MILLISECONDS.toNanos(50));
                return later;
            });
            // Nobody is there, or the own thread again: the connection is accepted all the same.
            try (Socket socket = Loopback.connect(listener)) {
                assertThat(Loopback.next(handler.opened).remoteAddress()).isEqualTo(socket.getLocalSocketAddress());
            }
        }
    }

    @Test
    void goesOnByItselfWhenNobodyIsThere() throws Exception {
        BlockingQueue<String> threads = new LinkedBlockingQueue<>();
        visit(() -> {
            loop.timer(() -> threads.add(Thread.currentThread().getName())).set(1);
            return CompletableFuture.completedFuture("");
        });
        assertThat(Loopback.next(threads)).isEqualTo(OWN);
    }

    @Test
    void runsATaskThatComesWhenNobodyIsThere() throws Exception {
        for (int i = 0; i < 200; i++) {
            visit(() -> CompletableFuture.completedFuture(""));
            assertThat(threadOfTask()).isEqualTo(OWN);
        }
    }

    @Test
    void letsNobodyInBeforeWhoeverIsCalled() {
        Helm helm = new Helm(new Thread(() -> {})); // which never comes
        assertThat(helm.enter()).isFalse();
        helm.leave();
        assertThat(helm.isFree()).isTrue();
        assertThat(helm.enter()).isTrue();
        assertThat(helm.isMine()).isTrue();
        assertThat(helm.enter()).isFalse();
        helm.leave();
        helm.call();
        assertThat(helm.enter()).isFalse();
    }

    @Test
    void isLeftByAThreadThatIsInterrupted() throws Exception {
        Thread caller = Thread.currentThread();
        CompletableFuture<String> never = new CompletableFuture<>();
        assertThat(begun(() -> {
                    loop.execute(caller::interrupt);
                    return never;
                }))
                .isSameAs(never)
                .isNotDone();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(threadOfTask()).isEqualTo(OWN);
    }

    @Test
    void isLeftToItsOwnThreadForWhatThatIsToDo() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            for (int i = 0; i < 500; i++) {
                CompletableFuture<String> thread = new CompletableFuture<>();
                CompletableFuture<String> done = begun(() -> {
                    other.execute(() -> {
                        loop.takeBack();
                        loop.execute(
                                () -> thread.complete(Thread.currentThread().getName()));
                    });
                    return thread;
                });
                assertThat(done.get(20, TimeUnit.SECONDS)).isEqualTo(OWN);
            }
        } finally {
            other.shutdown();
        }
    }

    @Test
    void isLeftWhenAnotherThreadHasDoneIt() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            for (int i = 0; i < 100; i++) {
                assertThat(visit(() -> CompletableFuture.supplyAsync(() -> "done", other)))
                        .isEqualTo("done");
            }
        } finally {
            other.shutdown();
        }
    }

    @Test
    void isLeftWhereNothingWasBegun() throws Exception {
        assertThatThrownBy(() -> begun(() -> {
                    throw new IllegalStateException("on purpose");
                }))
                .hasMessage("on purpose");
        assertThat(loop.isInLoop()).isFalse();
        assertThat(threadOfTask()).isEqualTo(OWN);
    }

    @Test
    void isLeftWhenTheReactorIsClosed() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        BlockingQueue<Boolean> left = new LinkedBlockingQueue<>();
        Thread guest = new Thread(() -> {
            CompletableFuture<String> never = begun(() -> {
                begun.countDown();
                return new CompletableFuture<>();
            });
            left.add(never.isDone());
        });
        guest.start();
        assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
        reactor.close();
        assertThat(Loopback.next(left)).isFalse();
        guest.join();
    }

    @Test
    void losesNoTaskWhoeverHasIt() throws Exception {
        int threads = 4;
        int each = 5000;
        AtomicInteger waiting = new AtomicInteger();
        ExecutorService others = Executors.newFixedThreadPool(threads);
        try {
            CompletableFuture<?>[] all = new CompletableFuture<?>[threads];
            int[] plain = {0}; // which only the loop touches, whoever that is
            for (int t = 0; t < threads; t++) {
                all[t] = CompletableFuture.runAsync(
                        () -> {
                            for (int i = 0; i < each; i++) {
                                waiting.incrementAndGet();
                                CompletableFuture<String> task = new CompletableFuture<>();
                                Runnable work = () -> {
                                    plain[0]++;
                                    waiting.decrementAndGet();
                                    task.complete("");
                                };
                                CompletableFuture<String> here = loop.runHere(
                                        () -> {
                                            loop.execute(work);
                                            return task;
                                        },
                                        () -> waiting.get() > 0);
                                if (here == null) {
                                    loop.execute(work);
                                    task.join();
                                    loop.rest(() -> waiting.get() > 0);
                                }
                            }
                        },
                        others);
            }
            CompletableFuture.allOf(all).get(50, TimeUnit.SECONDS);
            CompletableFuture<Integer> sum = new CompletableFuture<>();
            loop.execute(() -> sum.complete(plain[0]));
            assertThat(sum.get(20, TimeUnit.SECONDS)).isEqualTo(threads * each);
        } finally {
            others.shutdown();
        }
    }

    private String visit(Begin begin) throws Exception {
        return begun(begin).get(20, TimeUnit.SECONDS);
    }

    /** As soon as the own thread has let it go. */
    private CompletableFuture<String> begun(Begin begin) {
        CompletableFuture<String> begun = null;
        while (begun == null) {
            loop.rest(() -> false);
            begun = loop.runHere(begin::begin, () -> false);
        }
        return begun;
    }

    private interface Begin {
        CompletableFuture<String> begin();
    }

    private String threadOfTask() throws Exception {
        CompletableFuture<String> thread = new CompletableFuture<>();
        loop.execute(() -> thread.complete(Thread.currentThread().getName()));
        return thread.get(20, TimeUnit.SECONDS);
    }
}
