package dev.ehlo.smtp.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.server.Network;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private final Admission admission = new Admission(4, 2, List.of(Network.parse("198.51.100.0/24")));

    @Test
    void boundsTheConnectionsOfOneClient() {
        Place place = admit("192.0.2.1");
        assertThat(admit("192.0.2.1")).isNotNull();
        assertThat(admit("192.0.2.1")).isNull();
        assertThat(admit("192.0.2.2")).isNotNull();
        Objects.requireNonNull(place).giveBack();
        assertThat(admit("192.0.2.1")).isNotNull();
        assertThat(admit("192.0.2.1")).isNull();
    }

    @Test
    void boundsTheConnectionsInAllOfATrustedNetworkToo() {
        for (int i = 0; i < 3; i++) {
            assertThat(admit("198.51.100.1")).isNotNull();
        }
        Place last = admit("192.0.2.1");
        assertThat(admit("198.51.100.1")).isNull();
        assertThat(admit("192.0.2.2")).isNull();
        Objects.requireNonNull(last).giveBack();
        assertThat(admit("198.51.100.1")).isNotNull();
        assertThat(admit("198.51.100.1")).isNull();
    }

    @Test
    void takesAnIpv6NetworkOf64BitsForOneClient() {
        assertThat(admit("2001:db8::1")).isNotNull();
        assertThat(admit("2001:db8::2")).isNotNull();
        assertThat(admit("2001:db8::3")).isNull();
        assertThat(admit("2001:db8:0:1::1")).isNotNull();
    }

    private @Nullable Place admit(String address) {
        try {
            return admission.admit(InetAddress.getByName(address));
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
