package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Routes by anything that DNS may say, beside a slow model that asks of each host by itself whether it may be there. */
class MxRouteProperties {
    private static final List<String> ADDRESSES = List.of(
            "192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::1", "192.0.2.99", "127.0.0.1", "0.0.0.0", "224.0.0.5");
    private static final String OWN_ADDRESS = "192.0.2.99";
    private static final String OWN_NAME = "us.example";

    private final OwnHost us =
            new OwnHost(OWN_NAME, Set.of(new InetSocketAddress(OWN_ADDRESS, SmtpClient.SMTP_PORT)), () -> 0);

    @Property(tries = 3000)
    void leadsToEachHostThatMayBeAndToNoOther(@ForAll long seed) throws Exception {
        Random random = new Random(seed);
        List<MxHost> hosts = hosts(random);
        MxRoute route = MxRoute.of("d.example", new MxAnswer.Hosts(hosts), us, SmtpClient.SMTP_PORT, random);
        List<MxHost> may = hosts.stream()
                .filter(h -> hosts.stream().noneMatch(o -> isUs(o) && o.preference() <= h.preference()))
                .toList();
        List<MxHost> good = may.stream().filter(h -> !usable(h).isEmpty()).toList();
        if (route instanceof MxRoute.To to) {
            List<MxHost> taken = to.stops().stream()
                    .map(s -> good.stream()
                            .filter(h -> h.name().equals(s.host()))
                            .findFirst()
                            .orElseThrow())
                    .toList();
            assertThat(taken).doesNotHaveDuplicates().hasSize(Math.min(good.size(), MxRoute.MAX_HOSTS));
            assertThat(taken).extracting(MxHost::preference).isSorted();
            int worst = taken.get(taken.size() - 1).preference();
            assertThat(good).filteredOn(h -> !taken.contains(h)).allMatch(h -> h.preference() >= worst);
            to.stops()
                    .forEach(s -> assertThat(s.addresses())
                            .isEqualTo(usable(good.stream()
                                    .filter(h -> h.name().equals(s.host()))
                                    .findFirst()
                                    .orElseThrow())));
        } else {
            assertThat(good).isEmpty();
            String said = ((MxRoute.Nowhere) route).reply().toString();
            assertThat(said)
                    .startsWith(
                            may.stream().anyMatch(MxHost::isLookUpFailed)
                                    ? "451 4.4.3 "
                                    : hosts.stream().anyMatch(MxRouteProperties::isUs) ? "554 5.4.6 " : "550 5.4.4 ");
        }
    }

    private static boolean isUs(MxHost host) {
        return host.name().equalsIgnoreCase(OWN_NAME)
                || host.addresses().stream().anyMatch(a -> a.getHostAddress().equals(OWN_ADDRESS));
    }

    private static List<InetAddress> usable(MxHost host) {
        return host.addresses().stream()
                .filter(a -> a.getHostAddress().startsWith("192.0.2.")
                        || a.getHostAddress().startsWith("2001:"))
                .toList();
    }

    private static List<MxHost> hosts(Random random) throws UnknownHostException {
        List<MxHost> hosts = new ArrayList<>();
        for (int i = random.nextInt(20); i >= 0; i--) {
            List<InetAddress> addresses = new ArrayList<>();
            for (int j = random.nextInt(4); j > 0; j--) {
                // Ourselves are rare.
                int number = random.nextInt(ADDRESSES.size() * 8);
                addresses.add(InetAddress.getByName(ADDRESSES.get(number / 8 == 4 && number % 8 > 0 ? 0 : number / 8)));
            }
            String name = random.nextInt(40) == 0 && hosts.stream().noneMatch(MxRouteProperties::isUs)
                    ? "US.example"
                    : "h" + i + ".example";
            hosts.add(new MxHost(name, random.nextInt(5), addresses, random.nextInt(6) == 0));
        }
        return hosts;
    }
}
