package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.mta.selftest.Attack;
import dev.ehlo.smtp.mta.selftest.Pulse;
import dev.ehlo.smtp.mta.selftest.Site;
import dev.ehlo.smtp.mta.selftest.Watch;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SmtpServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Servers of one configuration to be attacked, on free ports of loopback and with data that goes away with them: one as
 * it is, and one whose time limits are shorter by a factor and which takes loopback for a proxy on one more port.
 */
final class RehearsedServers implements AutoCloseable {
    private static final String PROXIED = "mx-proxied";
    /** A server takes so many tries of one login a minute from places where it was not yet, and no more. */
    private static final List<String> LOGINS =
            IntStream.range(0, 20).mapToObj(i -> "alice" + i).toList();

    private static final String FRIEND = "bob";
    private static final String GUESSED = "carol";
    /** Each may be guessed at a few times only before it is locked out. */
    private static final int GUESSED_LOGINS = 60;

    private static final String REFUSING = "dave";

    /** What to close, the last one started first. */
    private final Parts parts = new Parts();

    private final Map<Attack.Pace, Site> sites = new EnumMap<>(Attack.Pace.class);

    private RehearsedServers(ServerOptions options, int factor) throws IOException, Failure {
        try {
            Watch watch = new Watch();
            parts.push(new LogWatch(watch));
            start(options, watch, 1, UnaryOperator.identity());
            start(
                    options,
                    watch,
                    factor,
                    builder -> builder.deadlineClock(() -> System.nanoTime() * factor)
                            .listen(Profile.mx()
                                    .named(PROXIED)
                                    .at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                                    .proxyFrom(List.of(Network.parse("127.0.0.0/8")))));
        } catch (IOException | Failure | RuntimeException e) {
            close();
            throw e;
        }
    }

    static RehearsedServers start(ServerOptions options, int factor) throws IOException, Failure {
        return new RehearsedServers(options, factor);
    }

    Map<Attack.Pace, Site> sites() {
        return sites;
    }

    private void start(ServerOptions options, Watch watch, int factor, UnaryOperator<SmtpServerBuilder> server)
            throws IOException, Failure {
        Path data = Files.createTempDirectory("ehlo-selftest");
        parts.push(() -> delete(data));
        Settings settings = options.rehearsal(data);
        Rehearsal rehearsal = new Rehearsal(
                server, handler -> new WatchedHandler(handler, watch), agent -> new WatchedAgent(watch, REFUSING));
        MailServer running = MailServer.rehearse(settings, Clock.systemUTC(), rehearsal);
        parts.push(running);
        String password = Password.random(new SecureRandom());
        for (String login : LOGINS) {
            running.users().add(login, password);
        }
        for (String login : List.of(FRIEND, REFUSING)) {
            running.users().add(login, password);
        }
        for (int i = 0; i < GUESSED_LOGINS && factor == 1; i++) {
            running.users().add(GUESSED + i, password);
        }
        AtomicInteger next = new AtomicInteger();
        Supplier<String> guessed = () -> GUESSED + next.getAndIncrement() % GUESSED_LOGINS;
        Map<String, InetSocketAddress> addresses = running.addresses(settings);
        boolean trusted =
                settings.relayFrom().stream().anyMatch(network -> network.contains(InetAddress.getLoopbackAddress()));
        Site site = new Site(
                addresses,
                settings.host(),
                LOGINS.get(0),
                LOGINS,
                password,
                FRIEND,
                guessed,
                REFUSING,
                watch,
                factor,
                trusted);
        if (factor == 1) {
            sites.put(Attack.Pace.AS_CONFIGURED, site);
        } else {
            sites.put(Attack.Pace.HURRIED, site);
            sites.put(Attack.Pace.PROXIED, site.at(Map.of("mx", running.address(PROXIED))));
            parts.push(Pulse.start(running.address(PROXIED)));
        }
    }

    private static void delete(Path data) throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Override
    public void close() throws IOException {
        parts.close();
    }
}
