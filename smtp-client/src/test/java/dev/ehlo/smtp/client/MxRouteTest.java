package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MxRouteTest {
    private static final String DOMAIN = "example.net";
    private static final int PORT = SmtpClient.SMTP_PORT;

    private final OwnHost us = own("us.example", PORT, "192.0.2.99", "2001:db8::99");

    @Test
    void goesByPreferenceAndSharesBetweenEquals() {
        List<MxHost> hosts = List.of(host("c", 20, 1), host("a", 10, 2), host("b", 10, 3), host("d", 30, 4));
        Set<List<String>> orders = new HashSet<>();
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            MxRoute.To to = (MxRoute.To) MxRoute.of(DOMAIN, new MxAnswer.Hosts(hosts), us, PORT, random);
            orders.add(to.stops().stream().map(MxRoute.Stop::host).toList());
        }
        assertThat(orders).containsExactlyInAnyOrder(List.of("a", "b", "c", "d"), List.of("b", "a", "c", "d"));
    }

    @Test
    void leavesOutItselfAndHostsNoBetter() {
        assertThat(stops(host("a", 10, 1), host("US.example", 20, 2), host("b", 20, 3), host("c", 30, 4)))
                .containsExactly("a");
    }

    @Test
    void knowsItselfByAddressUnderAnotherName() {
        assertThat(stops(host("a", 10, 1), host("alias", 20, "192.0.2.98", "2001:db8::99"), host("c", 30, 4)))
                .containsExactly("a");
        assertNowhere(of(host("alias", 10, 99), host("c", 30, 4)), "554 5.4.6");
    }

    @Test
    void leavesOutANameThatLooksLikeAnAddress() {
        assertThat(stops(host("[192.0.2.7]", 10, 1), host("a", 20, 2))).containsExactly("a");
        assertNowhere(of(host("[192.0.2.7]", 10, 1)), "550 5.4.4");
    }

    @Test
    void isNotItselfAtAnotherPort() {
        assertThat(MxRoute.of(DOMAIN, new MxAnswer.Hosts(List.of(host("alias", 10, 99))), us, 2525, new Random(1)))
                .isInstanceOf(MxRoute.To.class);
    }

    @Test
    void isAtAllAddressesOfTheMachineWhereItListensOnAll() {
        OwnHost everywhere = own("", 2525, "0.0.0.0");
        assertThat(MxRoute.of(
                        DOMAIN,
                        new MxAnswer.Hosts(List.of(host("mx", 10, "127.0.0.1"))),
                        everywhere,
                        2525,
                        new Random(1)))
                .satisfies(route -> assertNowhere(route, "554 5.4.6"));
        assertThat(MxRoute.of(DOMAIN, new MxAnswer.Hosts(List.of(host("mx", 10, 99))), everywhere, 2525, new Random(1)))
                .isInstanceOf(MxRoute.To.class);
    }

    @Test
    void failsWhereItIsTheBestHostItself() {
        assertNowhere(of(host("us.example", 10, 1), host("b", 20, 2)), "554 5.4.6");
        assertNowhere(of(host("a", 10, 1), host("us.example", 10, 2)), "554 5.4.6");
    }

    @Test
    void waitsWhereABetterHostThanItselfCouldNotBeLookedUp() {
        MxHost better = new MxHost("a", 10, List.of(), true);
        MxHost worse = new MxHost("b", 30, List.of(), true);
        assertLater(of(better, host("us.example", 20, 1)));
        assertLater(of(better));
        assertNowhere(of(host("us.example", 20, 1), worse), "554 5.4.6");
        assertThat(stops(better, host("c", 15, 2), host("us.example", 20, 1))).containsExactly("c");
    }

    @Test
    void triesSomeHostsOfManyOnly() {
        List<MxHost> hosts = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            hosts.add(host("h" + i, i, i));
        }
        // The 100th is this host.
        assertThat(stops(hosts.toArray(MxHost[]::new)))
                .hasSize(MxRoute.MAX_HOSTS)
                .startsWith("h0", "h1");
    }

    @Test
    void passesHostsWithoutAddresses() {
        assertThat(stops(new MxHost("a", 1, List.of()), host("b", 2, 1))).containsExactly("b");
        assertNowhere(of(new MxHost("a", 1, List.of())), "550 5.4.4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "::", "224.0.0.1", "ff02::1"})
    void passesAddressesWhereNoMailHostCanBe(String address) {
        assertThat(stops(host("localhost", 1, address), host("b", 2, 1))).containsExactly("b");
        assertNowhere(of(host("localhost", 1, address)), "550 5.4.4");
        assertNowhere(MxRoute.to("[literal]", address(address), us, PORT), "550 5.1.2");
    }

    @Test
    void goesToTheLoopbackAddressAtAPortForTests() {
        assertThat(MxRoute.of(
                        DOMAIN, new MxAnswer.Hosts(List.of(host("mx", 10, "127.0.0.1"))), us, 2525, new Random(1)))
                .isInstanceOf(MxRoute.To.class);
        assertThat(MxRoute.to("[127.0.0.1]", address("127.0.0.1"), us, 2525)).isInstanceOf(MxRoute.To.class);
    }

    @Test
    void knowsItselfInAnAddressLiteral() {
        assertNowhere(MxRoute.to("[192.0.2.99]", address("192.0.2.99"), us, PORT), "554 5.4.6");
        assertThat(MxRoute.to("[192.0.2.98]", address("192.0.2.98"), us, PORT)).isInstanceOf(MxRoute.To.class);
    }

    @Test
    void tellsWhyThereIsNoRoute() {
        assertNowhere(MxRoute.of(DOMAIN, new MxAnswer.NullMx(), us, PORT, new Random(1)), "556 5.1.10");
        assertNowhere(MxRoute.of(DOMAIN, new MxAnswer.NoSuchDomain(), us, PORT, new Random(1)), "550 5.1.2");
        assertNowhere(MxRoute.of(DOMAIN, new MxAnswer.NoAddress(), us, PORT, new Random(1)), "550 5.4.4");
        assertLater(MxRoute.of(DOMAIN, new MxAnswer.TemporaryFailure(), us, PORT, new Random(1)));
    }

    private static void assertLater(MxRoute route) {
        MxRoute.Nowhere later = (MxRoute.Nowhere) route;
        assertThat(later.status()).isEqualTo(DeliveryStatus.NOT_SENT);
        assertThat(later.reply().toString()).startsWith("451 4.4.3 ");
    }

    private static void assertNowhere(MxRoute route, String codes) {
        MxRoute.Nowhere nowhere = (MxRoute.Nowhere) route;
        assertThat(nowhere.status()).isEqualTo(DeliveryStatus.FAILED);
        assertThat(nowhere.reply().toString()).startsWith(codes + " ");
    }

    private MxRoute of(MxHost... hosts) {
        return MxRoute.of(DOMAIN, new MxAnswer.Hosts(List.of(hosts)), us, PORT, new Random(1));
    }

    private List<String> stops(MxHost... hosts) {
        return ((MxRoute.To) of(hosts)).stops().stream().map(MxRoute.Stop::host).toList();
    }

    private static OwnHost own(String name, int port, String... addresses) {
        Set<InetSocketAddress> listeners = new HashSet<>();
        for (String each : addresses) {
            listeners.add(new InetSocketAddress(address(each), port));
        }
        return new OwnHost(name, listeners, System::nanoTime);
    }

    private static MxHost host(String name, int preference, int number) {
        return host(name, preference, "192.0.2." + number);
    }

    private static MxHost host(String name, int preference, String... addresses) {
        return new MxHost(
                name,
                preference,
                Arrays.stream(addresses).map(MxRouteTest::address).toList());
    }

    private static InetAddress address(String numbers) {
        try {
            return InetAddress.getByName(numbers);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
