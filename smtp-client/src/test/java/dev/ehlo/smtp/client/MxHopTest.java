package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which hosts are the same way for the mail of several domains. */
class MxHopTest {
    private static final TlsPolicy OPPORTUNISTIC = TlsPolicy.opportunistic();
    private static final TlsPolicy OTHER = TlsPolicy.required();
    private static final TlsContext CONTEXT = TlsContext.client(OPPORTUNISTIC);

    private static MxHop hop(int preference, String host) {
        return hop(preference, host, OPPORTUNISTIC, 1);
    }

    private static MxHop hop(int preference, String host, TlsPolicy policy, int address) {
        InetSocketAddress at = new InetSocketAddress("192.0.2." + address, 25);
        return new MxHop(preference, new Hop(host, List.of(at), false, policy, CONTEXT));
    }

    @Test
    void numbersAndLettersDoNotMatterNorTheOrderOfEquals() {
        Object way = MxHop.way(List.of(hop(10, "a"), hop(20, "b"), hop(20, "c")));
        assertThat(MxHop.way(List.of(hop(0, "A"), hop(5, "C"), hop(5, "b"))))
                .isEqualTo(way)
                .hasSameHashCodeAs(way);
        assertThat(MxHop.way(List.of(hop(20, "c"), hop(20, "b"), hop(10, "a")))).isEqualTo(way);
        assertThat(MxHop.way(List.of(hop(10, "a", OPPORTUNISTIC, 7), hop(20, "b"), hop(20, "c"))))
                .as("at another of its addresses")
                .isEqualTo(way);
    }

    @Test
    void preferenceHostsAndWhatIsAskedOfTlsDoMatter() {
        Object way = MxHop.way(List.of(hop(10, "a"), hop(20, "b")));
        assertThat(MxHop.way(List.of(hop(10, "b"), hop(20, "a")))).isNotEqualTo(way);
        assertThat(MxHop.way(List.of(hop(10, "a"), hop(10, "b")))).isNotEqualTo(way);
        assertThat(MxHop.way(List.of(hop(10, "a")))).isNotEqualTo(way);
        assertThat(MxHop.way(List.of(hop(10, "a"), hop(20, "b"), hop(30, "c")))).isNotEqualTo(way);
        assertThat(MxHop.way(List.of(hop(10, "a"), hop(20, "b", OTHER, 1)))).isNotEqualTo(way);
        MxHop closed = new MxHop(20, hop(20, "b").hop().closed(Reply.of(451, "later")));
        assertThat(MxHop.way(List.of(hop(10, "a"), closed))).isNotEqualTo(way);
    }
}
