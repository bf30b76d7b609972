package dev.ehlo.smtp.mta.check;

import static dev.ehlo.smtp.mta.check.SomeFacts.ADDRESS;
import static dev.ehlo.smtp.mta.check.SomeFacts.IN_CLEAR;
import static dev.ehlo.smtp.mta.check.SomeFacts.LOGINS;
import static dev.ehlo.smtp.mta.check.SomeFacts.OTHER;
import static dev.ehlo.smtp.mta.check.SomeFacts.good;
import static dev.ehlo.smtp.mta.check.SomeFacts.open;
import static dev.ehlo.smtp.mta.check.SomeFacts.shut;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** At which of the ports that are open a login is tried. */
class LoginsTest {
    private final List<String> tried = new ArrayList<>();
    private LoginFacts.State answer = LoginFacts.State.TAKEN;

    private List<HostFacts> at(HostFacts... hosts) {
        return new Logins(
                        (host, port) -> {
                            tried.add(host
                                    + ':'
                                    + port.port()
                                    + ' '
                                    + port.address().getHostAddress());
                            return new LoginFacts(answer, "so");
                        },
                        progress -> {})
                .at(List.of(hosts));
    }

    private static HostFacts host(String name, boolean isOwn, PortFacts... ports) {
        return host(HostFacts.Kind.SERVICE, name, isOwn, ports);
    }

    private static HostFacts host(HostFacts.Kind kind, String name, boolean isOwn, PortFacts... ports) {
        return new HostFacts(name, kind, isOwn, Place.unproven(List.of(ADDRESS)), List.of(), List.of(), List.of(ports));
    }

    private static PortFacts at(InetAddress address, PortFacts port) {
        return new PortFacts(
                address,
                port.role(),
                port.port(),
                port.reach(),
                port.said(),
                port.tls(),
                port.inClear(),
                port.inTls(),
                Optional.empty(),
                Optional.empty());
    }

    private static List<LoginFacts.State> came(List<HostFacts> hosts) {
        return hosts.stream()
                .flatMap(host -> host.ports().stream())
                .flatMap(port -> port.login().stream())
                .map(LoginFacts::state)
                .toList();
    }

    @Test
    void triesEachPortForUsersThatIsOpen() {
        assertThat(came(at(host(
                        "a",
                        true,
                        good(Role.MX),
                        shut(Role.ALTERNATE, Reach.REFUSED),
                        good(Role.SUBMISSIONS),
                        good(Role.SUBMISSION)))))
                .hasSize(2);
        assertThat(tried).containsExactly("a:465 192.0.2.1", "a:587 192.0.2.1");
    }

    @Test
    void triesOneAddressTheOneThatProvesTheHost() {
        PortFacts clear = open(Role.SUBMISSION, IN_CLEAR, LOGINS, List.of());
        PortFacts proven = at(OTHER, good(Role.SUBMISSION));
        List<HostFacts> hosts = at(host("a", true, clear, proven));
        assertThat(tried).containsExactly("a:587 " + OTHER.getHostAddress());
        assertThat(hosts.get(0).ports())
                .extracting(each -> each.login().isPresent())
                .containsExactly(false, true);
    }

    @Test
    void triesAHostThatIsNamedTwiceOnce() {
        at(host("a", true, good(Role.SUBMISSION)), host("a", true, good(Role.SUBMISSION)));
        assertThat(tried).hasSize(1);
    }

    @Test
    void isNotRefusedTwice() {
        answer = LoginFacts.State.REFUSED;
        List<HostFacts> hosts = at(
                host("a", true, good(Role.SUBMISSIONS), good(Role.SUBMISSION)), host("b", true, good(Role.SUBMISSION)));
        assertThat(tried).containsExactly("a:465 192.0.2.1");
        assertThat(came(hosts)).containsExactly(LoginFacts.State.REFUSED);
    }

    @Test
    void isNotPutOffTwice() {
        answer = LoginFacts.State.DEFERRED;
        at(host("a", true, good(Role.SUBMISSIONS), good(Role.SUBMISSION)));
        assertThat(tried).hasSize(1);
    }

    @Test
    void asksNobodyWhoOffersNoLogin() {
        PortFacts without = open(Role.SUBMISSIONS, good(Role.SUBMISSIONS).tls(), List.of(), List.of("SIZE"));
        at(host("a", true, without, good(Role.SUBMISSION)));
        assertThat(tried).containsExactly("a:587 192.0.2.1");
    }

    @Test
    void goesWhereSrvRecordsSay() {
        HostFacts exchange = host(HostFacts.Kind.EXCHANGE, "mx", true, good(Role.SUBMISSION));
        at(exchange, host("a", true, good(Role.SUBMISSION)));
        assertThat(tried).containsExactly("a:587 192.0.2.1");
        assertThat(came(at(exchange, host("b", false, good(Role.SUBMISSION)))))
                .containsExactly(LoginFacts.State.NOT_OWN);
        at(exchange);
        assertThat(tried).containsExactly("a:587 192.0.2.1", "mx:587 192.0.2.1");
    }

    @Test
    void goesOnAfterAFailure() {
        answer = LoginFacts.State.FAILED;
        at(host("a", true, good(Role.SUBMISSIONS), good(Role.SUBMISSION)));
        assertThat(tried).hasSize(2);
    }

    @Test
    void passesOverHostsOfOthers() {
        assertThat(came(at(host("a", false, good(Role.SUBMISSION)), host("b", true, good(Role.SUBMISSION)))))
                .containsExactly(LoginFacts.State.TAKEN);
        assertThat(tried).containsExactly("b:587 192.0.2.1");
    }

    @Test
    void saysSoIfThereIsNoOther() {
        assertThat(came(at(host("a", false, good(Role.SUBMISSION)), host("b", true, good(Role.MX)))))
                .containsExactly(LoginFacts.State.NOT_OWN);
        assertThat(tried).isEmpty();
    }
}
