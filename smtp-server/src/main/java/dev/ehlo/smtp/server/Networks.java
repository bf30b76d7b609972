package dev.ehlo.smtp.server;

import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Networks to look an address up in: as many steps as there are lengths of prefixes, however many networks. Immutable. */
final class Networks {
    static final Networks NONE = new Networks(Set.of(), new int[0]);

    private final Set<Network> networks;
    /** The longest first. */
    private final int[] prefixes;

    private Networks(Set<Network> networks, int[] prefixes) {
        this.networks = networks;
        this.prefixes = prefixes;
    }

    static Networks of(Collection<Network> networks) {
        int[] prefixes = networks.stream()
                .mapToInt(network -> -network.prefix())
                .distinct()
                .sorted()
                .map(prefix -> -prefix)
                .toArray();
        return new Networks(Set.copyOf(networks), prefixes);
    }

    List<Network> all() {
        return List.copyOf(networks);
    }

    /** The prefix of the narrowest one that the address lies in; -1 if it lies in none. */
    int narrowest(InetAddress address) {
        for (int prefix : prefixes) {
            Network around = Network.around(address, prefix);
            if (around != null && networks.contains(around)) {
                return prefix;
            }
        }
        return -1;
    }
}
