package dev.ehlo.smtp.benchmarks.soak;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Guesses passwords at a rate, three by each connection, half of them from one network of 24 bits and half from many, half
 * of them at one user and half at names that nobody has. Runs on a thread of its own until closed.
 */
final class Guessing implements AutoCloseable {
    private static final int TRIES = 3;
    private static final int MOST_OPEN = 4000;
    private static final int ONE_NETWORK = 66;
    private static final int FIRST_OF_MANY = 100;
    private static final int MANY = 8192;

    private final Clients clients = new Clients();
    private final Sources oneNetwork = Sources.network(ONE_NETWORK);
    private final Sources manyNetworks = Sources.spread(FIRST_OF_MANY, MANY);
    private final InetSocketAddress server;
    private final TlsContext tls;
    private final String victim;
    private final Tally answers = new Tally();
    private final Semaphore places = new Semaphore(MOST_OPEN);
    private final AtomicBoolean stop = new AtomicBoolean();
    private final CompletableFuture<Boolean> answered = new CompletableFuture<>();
    private final Thread thread;
    private int turn;

    Guessing(InetSocketAddress server, TlsContext tls, String victim, double perSecond) throws IOException {
        this.server = server;
        this.tls = tls;
        this.victim = victim;
        this.thread = new Thread(
                () -> Pace.run(perSecond / TRIES, Long.MAX_VALUE, stop::get, due -> connect()), "soak-guessing");
        thread.start();
    }

    private void connect() {
        int number = turn++;
        if (!places.tryAcquire()) {
            answers.add("not begun"); // as many as there may be are waiting for the server
            return;
        }
        String name = number / 2 % 2 == 0 ? victim : "nobody" + number;
        Login login = new Login(Mechanism.PLAIN, new Credentials(name, "guess" + number), TRIES, (code, nanos) -> {
            if (!stop.get()) { // what this side cuts off is nobody's answer
                answers.add(code == 0 ? "cut off" : String.valueOf(code));
                answered.complete(true);
            }
        });
        login.gone().whenComplete((cause, error) -> places.release());
        clients.connect(server, number % 2 == 0 ? oneNetwork : manyNetworks, tls, login);
    }

    /** Waits until a guess was answered, however busy the machine. */
    void awaitAnswer() throws Exception {
        answered.get(Clients.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** What guesses were answered. */
    Tally answers() {
        return answers;
    }

    @Override
    public void close() {
        stop.set(true);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        clients.close();
    }
}
