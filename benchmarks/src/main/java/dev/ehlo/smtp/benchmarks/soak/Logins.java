package dev.ehlo.smtp.benchmarks.soak;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.tls.TlsContext;
import java.net.InetSocketAddress;
import java.util.concurrent.Semaphore;

/** Logins with the right password: of the user who is guessed at, from where he always is, and in turns of another. */
final class Logins {
    private static final int MOST_OPEN = 1024;

    private final Clients clients;
    private final InetSocketAddress server;
    private final TlsContext tls;
    private final Sources others;
    private final Sources owner;
    private final Tally answers = new Tally();
    private final Times times = new Times();

    /** @param others as in {@link Sources#address}, as is {@code owner} */
    Logins(Clients clients, InetSocketAddress server, TlsContext tls, int others, int owner) {
        this.clients = clients;
        this.server = server;
        this.tls = tls;
        this.others = Sources.address(others);
        this.owner = Sources.address(owner);
    }

    /** Logs in at that rate, each by a connection of its own, and waits until all have ended. */
    void run(double perSecond, int seconds) throws InterruptedException {
        Semaphore places = new Semaphore(MOST_OPEN);
        long[] number = {0};
        Pace.run(perSecond, (long) (perSecond * seconds), due -> {
            boolean ofOwner = number[0]++ % 2 == 0;
            Login login = new Login(Mechanism.PLAIN, ofOwner ? Site.VICTIM : Site.OTHER, 1, (code, nanos) -> {
                answers.add(code);
                times.add(System.nanoTime() - due);
            });
            places.acquireUninterruptibly();
            login.gone().whenComplete((cause, error) -> places.release());
            clients.connect(server, ofOwner ? owner : others, tls, login);
        });
        Clients.acquire(places, MOST_OPEN);
    }

    boolean isAllLoggedIn() {
        return answers.of("235") == answers.all() && answers.all() > 0;
    }

    /** Replies, and times from when a login was due, the handshake included. */
    @Override
    public String toString() {
        return answers + " in " + times;
    }
}
