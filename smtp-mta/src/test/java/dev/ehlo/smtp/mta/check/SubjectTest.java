package dev.ehlo.smtp.mta.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubjectTest {
    @ParameterizedTest
    @CsvSource({
        "example.org, example.org, false, false, ''",
        "Mail.EXAMPLE.org., mail.example.org, false, false, ''",
        "bücher.example, xn--bcher-kva.example, false, false, ''",
        "mail.example.org:587, mail.example.org, false, true, 587",
        "localhost:1, localhost, false, true, 1",
        "192.0.2.1, 192.0.2.1, true, true, ''",
        "192.0.2.1:25, 192.0.2.1, true, true, 25",
        "2001:db8::1, 2001:db8:0:0:0:0:0:1, true, true, ''",
        "[2001:db8::1]:465, 2001:db8:0:0:0:0:0:1, true, true, 465",
        "[192.0.2.1], 192.0.2.1, true, true, ''"
    })
    void tellsHostsDomainsAndAddressesApart(String given, String name, boolean isAddress, boolean isHost, String port) {
        OptionalInt expected = port.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(port));
        assertThat(Subject.parse(given)).isEqualTo(new Subject(name, isAddress, isHost, "", expected));
    }

    @Test
    void ofAMailAddressItIsTheDomain() {
        assertThat(Subject.parse("\"a b\"@Example.org"))
                .isEqualTo(new Subject("example.org", false, false, "\"a b\"@Example.org", OptionalInt.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "a b", "example.org:", "example.org:0", "example.org:65536", "[::1", "[::1]x:25", "[example.org]",
                "999.1.1.1", "a@[192.0.2.1]", "@example.org", "a@b@", "-x.example", "ex\u001bample.org", ":25", "a:b:c"
            })
    void refusesWhatIsNone(String given) {
        assertThatIllegalArgumentException().isThrownBy(() -> Subject.parse(given));
    }
}
