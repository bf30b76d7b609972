package dev.ehlo.smtp.mta.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** How far one comes at the ports of a host. */
final class ReachRules {
    private ReachRules() {}

    static List<Finding> of(HostFacts host, Optional<DomainFacts> domain) {
        List<Finding> findings = new ArrayList<>();
        boolean isMailMeant = host.kind() == HostFacts.Kind.NAMED && domain.isPresent();
        boolean isAnyOpen = any(host, port -> port.reach() == Reach.OPEN);
        boolean hasRoute = any(host, port -> port.reach() != Reach.NO_ROUTE);
        for (PortFacts port : host.ports()) {
            if (isWanted(host, port, isAnyOpen) && (port.reach() != Reach.NO_ROUTE || !hasRoute)) {
                of(host, port).ifPresent(findings::add);
            } else if (isMailMeant && port.role() == Role.MX && port.reach() == Reach.REFUSED) {
                findings.add(noMailHost(host, port));
            }
        }
        return findings;
    }

    /** Nobody says that it is to take mail, nor that it is not. RFC 5321 §5.1, RFC 7505. */
    private static Finding noMailHost(HostFacts host, PortFacts port) {
        return Finding.advice(
                Problem.NO_MAIL_HOST,
                Where.of(host, port),
                "mail to addresses at " + Where.text(host.name())
                        + " would come to this port, for want of an MX record, and nobody listens there",
                "if there are such addresses, name their mail host by an MX record, else say so by MX 0 .");
    }

    /** A port that nobody asked for may be shut at all addresses, where another is open; but for that of the world, if on the way only. */
    private static boolean isWanted(HostFacts host, PortFacts port, boolean isAnyOpen) {
        return switch (host.kind()) {
            case EXCHANGE -> port.role() == Role.MX;
            case NAMED_PORT, SERVICE -> true;
            case NAMED ->
                !isAnyOpen
                        || any(host, other -> other.port() == port.port() && other.reach() == Reach.OPEN)
                        || port.reach().isBlocked() && port.role() == Role.MX
                        || port.reach() != Reach.REFUSED && !port.reach().isBlocked();
        };
    }

    private static boolean any(HostFacts host, Predicate<PortFacts> is) {
        return host.ports().stream().anyMatch(is);
    }

    private static Optional<Finding> of(HostFacts host, PortFacts port) {
        return Optional.ofNullable(
                switch (port.reach()) {
                    case OPEN -> null;
                    case FILTERED, UNREACHABLE -> blocked(host, port);
                    case NO_ROUTE ->
                        wrong(
                                Problem.NO_ROUTE,
                                host,
                                port,
                                "this machine has no route to " + port.address().getHostAddress(),
                                "see to its network, or give the host an address of the other kind");
                    case REFUSED ->
                        wrong(
                                Problem.REFUSED,
                                host,
                                port,
                                "the connection is refused, as nobody listens there or a firewall rejects it",
                                "start the server there, or open the port");
                    case SILENT ->
                        wrong(
                                Problem.SILENT,
                                host,
                                port,
                                "the connection stands, but no greeting comes, in clear or by TLS",
                                "see whether the server hangs or lets clients wait longer (--timeout), or a firewall or load "
                                        + "balancer in front of it has lost it");
                    case CLOSED ->
                        wrong(
                                Problem.CLOSED,
                                host,
                                port,
                                "the connection is closed before a greeting",
                                "look into the server's log: it may deny this address, or fail as it starts");
                    case NOT_SMTP ->
                        wrong(
                                Problem.NOT_SMTP,
                                host,
                                port,
                                "something other than SMTP answers: " + Where.text(port.said()),
                                "correct the port, or what listens there");
                    case TURNED_AWAY ->
                        wrong(
                                Problem.TURNED_AWAY,
                                host,
                                port,
                                "the server turns this machine away: " + Where.text(port.said()),
                                "mend what it says, which is most often the name or the reputation of the own address");
                });
    }

    /** Packets to other ports come through, so it is this one alone that is blocked. */
    private static Finding blocked(HostFacts host, PortFacts port) {
        List<PortFacts> others = host.ports().stream()
                .filter(each -> each.address().equals(port.address()) && each.port() != port.port())
                .toList();
        Optional<PortFacts> open = others.stream()
                .filter(each -> each.reach() == Reach.OPEN && each.role().isForUsers())
                .findFirst();
        boolean isAlone = others.stream().anyMatch(each -> !each.reach().isBlocked() && each.reach() != Reach.NO_ROUTE);
        if (port.role() == Role.MX && isAlone) {
            return wrong(
                    Problem.PORT_25_BLOCKED,
                    host,
                    port,
                    "port " + port.port() + " is blocked on the way, while other ports of the host answer",
                    open.map(other -> "submit by port " + other.port() + " with a login")
                                    .orElse("send by a smarthost")
                            + ", or ask the provider of this network to open it");
        }
        boolean isSilent = port.reach() == Reach.FILTERED;
        return wrong(
                isSilent ? Problem.FILTERED : Problem.UNREACHABLE,
                host,
                port,
                isSilent
                        ? "nothing answers, as the host is down or a firewall drops packets to the port"
                        : "it can't be reached, says somebody on the way: " + Where.text(port.said()),
                port.role() == Role.MX
                        ? "open the port, or, if it is so with every host, ask the provider of this network"
                        : "open the port in the firewalls of host and network, or take another");
    }

    private static Finding wrong(Problem problem, HostFacts host, PortFacts port, String what, String remedy) {
        return Finding.wrong(problem, Where.of(host, port), what, remedy);
    }
}
