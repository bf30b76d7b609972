package dev.ehlo.smtp.benchmarks.soak;

import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Connections of the load, on one loop. Used by one thread. */
final class Clients implements AutoCloseable {
    /** How long anything here may take before the run is given up. */
    static final long PATIENCE_SECONDS = 120;

    /** Connections that are gathered, but do not stand yet. */
    private static final int AT_ONCE = 64;

    private static final long CONNECT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Reactor reactor;

    Clients() throws IOException {
        reactor = Reactor.start("soak-client", 1);
    }

    /** Connects, in the background. */
    void connect(InetSocketAddress server, Sources from, @Nullable TlsContext implicitTls, Dialogue dialogue) {
        reactor.connect(server, from.next(), CONNECT_NANOS, implicitTls, dialogue);
    }

    /** Connects so many in clear, a few at a time, and waits until all of them are ready. */
    <D extends Dialogue> List<D> gather(InetSocketAddress server, Sources from, int count, Supplier<D> dialogues)
            throws Exception {
        Semaphore places = new Semaphore(AT_ONCE);
        List<D> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            acquire(places, 1);
            D dialogue = dialogues.get();
            dialogue.ready().whenComplete((connection, error) -> places.release());
            connect(server, from, null, dialogue);
            all.add(dialogue);
        }
        CompletableFuture.allOf(all.stream()
                        .map(each -> each.ready().toCompletableFuture())
                        .toArray(CompletableFuture<?>[]::new))
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return all;
    }

    /** @throws IllegalStateException if there are not so many in time */
    static void acquire(Semaphore places, int count) throws InterruptedException {
        if (!places.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("nothing has gone on for " + PATIENCE_SECONDS + " s");
        }
    }

    @Override
    public void close() {
        reactor.close();
    }
}
