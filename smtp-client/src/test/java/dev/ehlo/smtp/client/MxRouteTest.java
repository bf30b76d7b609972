package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MxRouteTest {
    private static final String DOMAIN = "example.net";

    @Test
    void goesByPreferenceAndSharesBetweenEquals() {
        List<MxHost> hosts = List.of(host("c", 20, 1), host("a", 10, 2), host("b", 10, 3), host("d", 30, 4));
        Set<List<String>> orders = new HashSet<>();
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            MxRoute.To to = (MxRoute.To) MxRoute.of(DOMAIN, new MxAnswer.Hosts(hosts), "client.example", random);
            orders.add(to.stops().stream().map(MxRoute.Stop::host).toList());
        }
        assertThat(orders).containsExactlyInAnyOrder(List.of("a", "b", "c", "d"), List.of("b", "a", "c", "d"));
    }

    @Test
    void leavesOutItselfAndHostsNoBetter() {
        List<MxHost> hosts = List.of(host("a", 10, 1), host("US.example", 20, 2), host("b", 20, 3), host("c", 30, 4));
        assertThat(stops(hosts, "us.example", 1)).containsExactly("a");
    }

    @Test
    void failsWhereItIsTheBestHostItself() {
        assertNowhere(of(List.of(host("us.example", 10, 1), host("b", 20, 2)), "us.example", 1), "554 5.4.6");
    }

    @Test
    void waitsWhereABetterHostThanItselfCouldNotBeLookedUp() {
        MxHost better = new MxHost("a", 10, List.of(), true);
        MxHost worse = new MxHost("b", 30, List.of(), true);
        assertLater(of(List.of(better, host("us.example", 20, 1)), "us.example", 1));
        assertLater(of(List.of(better), "us.example", 1));
        assertNowhere(of(List.of(host("us.example", 20, 1), worse), "us.example", 1), "554 5.4.6");
        assertThat(stops(List.of(better, host("c", 15, 2), host("us.example", 20, 1)), "us.example", 1))
                .containsExactly("c");
    }

    @Test
    void triesSomeAddressesOfManyOnly() {
        List<MxHost> hosts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            hosts.add(host("h" + i, i, i));
        }
        assertThat(stops(hosts, "client.example", 1))
                .hasSize(MxRoute.MAX_ADDRESSES)
                .startsWith("h0", "h1");
    }

    @Test
    void passesHostsWithoutAddresses() {
        assertThat(stops(List.of(new MxHost("a", 1, List.of()), host("b", 2, 1)), "client.example", 1))
                .containsExactly("b");
        assertNowhere(of(List.of(new MxHost("a", 1, List.of())), "client.example", 1), "550 5.4.4");
    }

    @Test
    void tellsWhyThereIsNoRoute() {
        assertNowhere(MxRoute.of(DOMAIN, new MxAnswer.NullMx(), "", new Random(1)), "556 5.1.10");
        assertNowhere(MxRoute.of(DOMAIN, new MxAnswer.NoSuchDomain(), "", new Random(1)), "550 5.1.2");
        assertNowhere(MxRoute.of(DOMAIN, new MxAnswer.NoAddress(), "", new Random(1)), "550 5.4.4");
        assertLater(MxRoute.of(DOMAIN, new MxAnswer.TemporaryFailure(), "", new Random(1)));
    }

    private static void assertLater(MxRoute route) {
        MxRoute.Nowhere later = (MxRoute.Nowhere) route;
        assertThat(later.status()).isEqualTo(DeliveryStatus.DEFERRED);
        assertThat(later.reply().toString()).startsWith("451 4.4.3 ");
    }

    private static void assertNowhere(MxRoute route, String codes) {
        MxRoute.Nowhere nowhere = (MxRoute.Nowhere) route;
        assertThat(nowhere.status()).isEqualTo(DeliveryStatus.FAILED);
        assertThat(nowhere.reply().toString()).startsWith(codes + " ");
    }

    private static MxRoute of(List<MxHost> hosts, String localName, long seed) {
        return MxRoute.of(DOMAIN, new MxAnswer.Hosts(hosts), localName, new Random(seed));
    }

    private static List<String> stops(List<MxHost> hosts, String localName, long seed) {
        return ((MxRoute.To) of(hosts, localName, seed))
                .stops().stream().map(MxRoute.Stop::host).toList();
    }

    private static MxHost host(String name, int preference, int number) {
        try {
            InetAddress address = InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, (byte) number});
            return new MxHost(name, preference, List.of(address));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
