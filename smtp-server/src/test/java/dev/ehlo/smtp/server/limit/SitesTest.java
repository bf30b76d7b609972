package dev.ehlo.smtp.server.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SitesTest {
    private static long address(String text) {
        try {
            return Sites.address(InetAddress.getByName(text));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static long network(String text) {
        return Sites.network(address(text));
    }

    private static long hosts(String text) {
        return Sites.hosts(address(text));
    }

    @Test
    void takesAnIpv6NetworkOf64BitsForOneAddress() {
        assertThat(address("2001:db8::1")).isEqualTo(address("2001:db8::ffff:1:2:3"));
        assertThat(address("2001:db8::1")).isNotEqualTo(address("2001:db8:0:1::1"));
        assertThat(address("192.0.2.1")).isNotEqualTo(address("192.0.2.2"));
    }

    @Test
    void takesTheLeastThatIsRoutedForOneNetwork() {
        assertThat(network("192.0.2.1")).isEqualTo(network("192.0.2.254")).isNotEqualTo(network("192.0.3.1"));
        assertThat(network("2001:db8::1"))
                .isEqualTo(network("2001:db8:0:ffff::1"))
                .isNotEqualTo(network("2001:db8:1::1"));
    }

    @Test
    void takesAnIpv6AddressForANetworkOfHosts() {
        assertThat(hosts("192.0.2.1")).isEqualTo(hosts("192.0.2.254")).isNotEqualTo(hosts("192.0.3.1"));
        assertThat(hosts("2001:db8::1")).isEqualTo(hosts("2001:db8::2")).isNotEqualTo(hosts("2001:db8:0:1::1"));
    }

    @Test
    void tellsBothFamiliesApart() {
        assertThat(
                        List.of(
                                        "0.0.0.0",
                                        "127.0.0.1",
                                        "255.255.255.255",
                                        "::",
                                        "::1",
                                        "::ffff:0:0:0",
                                        "64:ff9b::7f00:1")
                                .stream()
                                .map(SitesTest::address)
                                .distinct())
                .hasSize(5); // three of them share the first 64 bits
    }
}
