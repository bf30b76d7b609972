package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By which name a host is told in logins. RFC 7628 §3.1. */
class SmarthostNameTest {
    @ParameterizedTest
    @CsvSource({
        "smtp.example.net, example.org, smtp.example.net",
        "192.0.2.1, smtp.example.net, smtp.example.net",
        "2001:db8::1, smtp.example.net, smtp.example.net"
    })
    void isTheHostsOwnUnlessItIsKnownByItsAddress(String host, String certified, String told) {
        Smarthost smarthost = Smarthost.submission(host).certifiedAs(certified).login("user", "secret");
        assertThat(Objects.requireNonNull(smarthost.asLogin()).host()).isEqualTo(told);
    }
}
