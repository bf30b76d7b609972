package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class HostAndPortTest {
    @Test
    void readsNamesAndAddresses() {
        assertThat(HostAndPort.parse("mail.example.org:587")).isEqualTo(new HostAndPort("mail.example.org", 587));
        assertThat(HostAndPort.parse("[2001:db8::1]:25")).isEqualTo(new HostAndPort("2001:db8::1", 25));
        assertThat(HostAndPort.parse("[2001:db8::1]:25")).hasToString("[2001:db8::1]:25");
        assertThat(HostAndPort.parse("127.0.0.1:1")).hasToString("127.0.0.1:1");
    }

    @Test
    void saysWhatIsWrong() {
        for (String text :
                new String[] {"", "mail", "mail:", ":25", "mail:0", "mail:65536", "mail:-1", "mail:2x", "::1:25"}) {
            assertThatThrownBy(() -> HostAndPort.parse(text)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
