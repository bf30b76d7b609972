package dev.ehlo.smtp.benchmarks.soak;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Messages at a steady rate over connections that stay, each to be found again at the next hop. Used by one thread. */
final class Load {
    private static final int MOST_OPEN = 1 << 20;

    private final Ledger ledger;
    private final List<Sender> senders;
    private final Semaphore places = new Semaphore(MOST_OPEN);
    private volatile Result result = new Result(new Times(), new Tally());
    private int turn;

    /** How long it took until the end of data was answered, and with what the messages ended. */
    record Result(Times times, Tally ends) {
        boolean isAllTaken() {
            return ends.of("250") == ends.all();
        }
    }

    /** Connects, and waits until all connections are ready. */
    Load(Clients clients, InetSocketAddress server, Sources from, int connections, Ledger ledger) throws Exception {
        this.ledger = ledger;
        this.senders = clients.gather(server, from, connections, () -> new Sender(this));
    }

    Ledger ledger() {
        return ledger;
    }

    /** A message of a sender has ended. */
    void ended(long due, String how) {
        result.times.add(System.nanoTime() - due);
        result.ends.add(how);
        places.release();
    }

    /** Sends for so long, and waits until all have ended. */
    Result run(double perSecond, int seconds) throws InterruptedException {
        Result begun = new Result(new Times(), new Tally());
        result = begun;
        Pace.run(perSecond, (long) (perSecond * seconds), due -> {
            places.acquireUninterruptibly();
            senders.get(turn++ % senders.size()).send(due);
        });
        Clients.acquire(places, MOST_OPEN);
        places.release(MOST_OPEN);
        return begun;
    }

    /** Connections that did not stay. */
    long lost() {
        return senders.stream().filter(Dialogue::isGone).count();
    }
}
