package dev.ehlo.smtp.benchmarks.soak;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.tls.TlsContext;
import java.net.InetSocketAddress;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * How long refused logins take, of users there are and of ones there are not, in pairs of random order; each try
 * comes by a
 * connection of its own from a network of its own.
 */
final class LoginTimes {
    /** How the names of the users there are begin; a number follows, below {@link #NAMES}. */
    static final String KNOWN = "known";
    /** Each is tried so seldom that none is locked out. */
    static final int NAMES = 256;

    private static final String UNKNOWN = "absent";

    private static final int FIRST_SOURCE = 20;
    private static final int NETWORKS = 4096;

    private final Clients clients;
    private final InetSocketAddress server;
    private final TlsContext tls;
    private final Random order = new Random(5321);
    private final Sources sources = Sources.spread(FIRST_SOURCE, NETWORKS);

    private final Mechanism mechanism;
    private int name;
    private final PairedTimes times = new PairedTimes();
    private final Tally ofKnown = new Tally();
    private final Tally ofUnknown = new Tally();

    private record Answer(int code, long nanos) {}

    LoginTimes(Clients clients, InetSocketAddress server, TlsContext tls, Mechanism mechanism) {
        this.clients = clients;
        this.server = server;
        this.tls = tls;
        this.mechanism = mechanism;
    }

    /** So many pairs that are not counted. */
    void warmUp(int pairs) throws Exception {
        for (int i = 0; i < pairs; i++) {
            String suffix = String.valueOf(name++ % NAMES);
            answer(KNOWN + suffix);
            answer(UNKNOWN + suffix);
        }
    }

    /** So many pairs more. */
    void measure(int pairs) throws Exception {
        for (int i = 0; i < pairs; i++) {
            String suffix = String.valueOf(name++ % NAMES);
            boolean knownFirst = order.nextBoolean();
            Answer first = answer((knownFirst ? KNOWN : UNKNOWN) + suffix);
            Answer second = answer((knownFirst ? UNKNOWN : KNOWN) + suffix);
            add(knownFirst ? first : second, knownFirst ? second : first);
        }
    }

    private void add(Answer toKnown, Answer toUnknown) {
        ofKnown.add(toKnown.code());
        ofUnknown.add(toUnknown.code());
        times.add(toKnown.nanos(), toUnknown.nanos());
    }

    /** Those of the known user first. */
    PairedTimes times() {
        return times;
    }

    /** Whether the replies tell as little. */
    boolean isAnsweredAlike() {
        return ofKnown.toString().equals(ofUnknown.toString());
    }

    /** How often the answer was that code. */
    long answered(int code) {
        return ofKnown.of(String.valueOf(code)) + ofUnknown.of(String.valueOf(code));
    }

    @Override
    public String toString() {
        return times + "; answered " + ofKnown + " and " + ofUnknown;
    }

    private Answer answer(String name) throws Exception {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Login login = new Login(
                mechanism,
                new Credentials(name, "wrong"),
                1,
                (code, nanos) -> answer.complete(new Answer(code, nanos)));
        clients.connect(server, sources, tls, login);
        login.gone().toCompletableFuture().get(Clients.PATIENCE_SECONDS, TimeUnit.SECONDS);
        return answer.get(Clients.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
