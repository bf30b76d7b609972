package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OwnHostTest {
    @Test
    void goesByItsNameWhateverTheCase() {
        OwnHost us = own("us.example");
        assertThat(us.isNamed("US.example")).isTrue();
        assertThat(us.isNamed("us.example.org")).isFalse();
        assertThat(own("").isNamed("")).isFalse();
        assertThat(own("").name()).isEqualTo("this host");
    }

    @Test
    void isWhereItListensAndNowhereElse() throws Exception {
        OwnHost us = own("", new InetSocketAddress("192.0.2.1", 25));
        assertThat(us.isAt(InetAddress.getByName("192.0.2.1"), 25)).isTrue();
        assertThat(us.isAt(InetAddress.getByName("192.0.2.1"), 587)).isFalse();
        assertThat(us.isAt(InetAddress.getByName("192.0.2.2"), 25)).isFalse();
        assertThat(us.isAt(InetAddress.getLoopbackAddress(), 25)).isFalse();
    }

    @Test
    void isAtEachAddressOfTheMachineWhereItListensOnAll() throws Exception {
        OwnHost us = own("", new InetSocketAddress("0.0.0.0", 25));
        List<InetAddress> all = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .toList();
        assertThat(all).isNotEmpty().allMatch(address -> us.isAt(address, 25));
        assertThat(all).noneMatch(address -> us.isAt(address, 2525));
        assertThat(us.isAt(InetAddress.getByName("192.0.2.1"), 25)).isFalse();
    }

    @Test
    void isNotToldOfAddressesThatAreNone() {
        SmtpClient.Builder builder = SmtpClient.builder();
        assertThatThrownBy(() -> builder.ownAddresses(Set.of(InetSocketAddress.createUnresolved("a\r\nb", 25))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("not resolved: ")
                .hasMessageNotContainingAny("\r", "\n");
    }

    private static OwnHost own(String name, InetSocketAddress... listeners) {
        return new OwnHost(name, Set.of(listeners), System::nanoTime);
    }
}
