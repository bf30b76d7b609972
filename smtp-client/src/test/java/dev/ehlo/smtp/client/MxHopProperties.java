package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Which hosts are the same way for the mail of several domains, beside a slow model that compares each pair. */
class MxHopProperties {
    private static final TlsPolicy OPPORTUNISTIC = TlsPolicy.opportunistic();
    private static final TlsPolicy OTHER = TlsPolicy.required();
    private static final TlsContext CONTEXT = TlsContext.client(OPPORTUNISTIC);

    private static MxHop hop(int preference, String host, TlsPolicy policy, int address) {
        InetSocketAddress at = new InetSocketAddress("192.0.2." + address, 25);
        return new MxHop(preference, new Hop(host, List.of(at), false, policy, CONTEXT));
    }

    @Property(tries = 5000)
    void isTheSameWhereEachPairOfHostsIsInTheSameOrder(@ForAll long seed) {
        Random random = new Random(seed);
        List<MxHop> one = hops(random);
        List<MxHop> two = hops(random);
        assertThat(MxHop.way(one).equals(MxHop.way(two))).isEqualTo(isIn(one, two) && isIn(two, one));
    }

    private static boolean isIn(List<MxHop> hops, List<MxHop> others) {
        return hops.stream()
                .allMatch(x -> hops.stream()
                        .allMatch(y -> others.stream()
                                .anyMatch(ox -> isSame(x, ox)
                                        && others.stream()
                                                .anyMatch(oy -> isSame(y, oy)
                                                        && Integer.signum(x.preference() - y.preference())
                                                                == Integer.signum(
                                                                        ox.preference() - oy.preference())))));
    }

    private static boolean isSame(MxHop hop, MxHop other) {
        return hop.hop().host().equalsIgnoreCase(other.hop().host())
                && hop.hop().policy() == other.hop().policy();
    }

    private static List<MxHop> hops(Random random) {
        List<String> names = List.of("a", random.nextBoolean() ? "b" : "B", "c");
        int most = 1 + random.nextInt(names.size());
        return IntStream.range(0, most)
                .mapToObj(i -> hop(
                        random.nextInt(3) * (1 + random.nextInt(2)),
                        names.get(i),
                        random.nextInt(8) == 0 ? OTHER : OPPORTUNISTIC,
                        1 + random.nextInt(3)))
                .toList();
    }
}
