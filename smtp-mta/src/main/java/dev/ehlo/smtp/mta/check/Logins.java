package dev.ehlo.smtp.mta.check;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Logs in where users do: once at a port of a host, whatever addresses it has, and nowhere any more after a refusal, be
 * it for now, as servers lock accounts out. Blocks; for one check, used by one thread.
 */
final class Logins {
    private final BiFunction<String, PortFacts, LoginFacts> login;
    private final Consumer<String> progress;
    private final Set<String> tried = new HashSet<>();
    private boolean isRefused;

    /** @param login tries it at a port of a host */
    Logins(BiFunction<String, PortFacts, LoginFacts> login, Consumer<String> progress) {
        this.login = login;
        this.progress = progress;
    }

    /**
     * The hosts with what came of it. Where SRV records say which hosts are for users, the others are not; that hosts of
     * others are passed over is told where there are no own ones.
     */
    List<HostFacts> at(List<HostFacts> hosts) {
        boolean hasServices = hosts.stream().anyMatch(host -> host.kind() == HostFacts.Kind.SERVICE);
        Predicate<HostFacts> isForUsers = host -> !hasServices || host.kind() == HostFacts.Kind.SERVICE;
        boolean hasOwn = hosts.stream().filter(isForUsers).anyMatch(host -> host.isOwn() && isWanted(host));
        return hosts.stream()
                .map(host -> isForUsers.test(host) && (host.isOwn() || !hasOwn) ? at(host) : host)
                .toList();
    }

    private static boolean isWanted(HostFacts host) {
        return host.ports().stream().anyMatch(Logins::isWanted);
    }

    private static boolean isWanted(PortFacts port) {
        return port.reach() == Reach.OPEN
                && (port.role().isForUsers() || port.role() == Role.OTHER)
                && port.auth().isPresent();
    }

    private HostFacts at(HostFacts host) {
        List<PortFacts> ports = new ArrayList<>(host.ports());
        List<PortFacts> best = host.ports().stream()
                .filter(Logins::isWanted)
                .sorted(Comparator.comparing((PortFacts port) -> !port.isProven())
                        .thenComparing(port -> !port.tls().isUp()))
                .toList();
        for (PortFacts each : best) {
            String place = Where.of(host.name(), each.port());
            if (!isRefused && tried.add(place)) {
                LoginFacts came = host.isOwn() ? tried(place, host, each) : notOwn(host);
                isRefused = came.state() == LoginFacts.State.REFUSED || came.state() == LoginFacts.State.DEFERRED;
                ports.set(ports.indexOf(each), each.with(came));
            }
        }
        return host.with(ports);
    }

    private LoginFacts tried(String place, HostFacts host, PortFacts port) {
        progress.accept(place + " login");
        return login.apply(host.name(), port);
    }

    private static LoginFacts notOwn(HostFacts host) {
        return new LoginFacts(
                LoginFacts.State.NOT_OWN, "DNS alone names " + host.name() + ", and no signature proves it");
    }
}
