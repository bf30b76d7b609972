package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.tls.TlsMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    h.example:2525  | h.example:2525 STARTTLS
                    h.example:465   | h.example:465 IMPLICIT
                    [::1]:2465      | ::1:2465 IMPLICIT
                    h.example       | h.example:465 IMPLICIT, h.example:587 STARTTLS, h.example:2525 STARTTLS
                    gmail           | smtp.gmail.com:465 IMPLICIT, smtp.gmail.com:587 STARTTLS
                    microsoft365    | smtp.office365.com:587 STARTTLS
                    mailgun-eu      | smtp.eu.mailgun.org:465 IMPLICIT, smtp.eu.mailgun.org:587 STARTTLS, smtp.eu.mailgun.org:2525 STARTTLS
                    """)
    void isReachedByThePortsThatItHas(String text, String ways) {
        Service service = Service.parse(text);

        assertThat(service.ways()).extracting(Smarthost::toString).containsExactly(ways.split(", ", -1));
        assertThat(service.ways()).allMatch(way -> way.trust().verified() && !way.isOpportunistic());
        assertThat(service.isPreset()).isEqualTo(!text.startsWith("h.") && !text.startsWith("["));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "h:", ":25", "h:0", "::1", "[::1]", "ses:", "ses:EU", "a b", "h:25:26"})
    void whatIsNoneIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Service.parse(text));
    }

    @Test
    void microsoft365GetsNoMoreThanItTakes() {
        assertThat(Service.parse("microsoft365").limits().most()).isEqualTo(3);
        assertThat(Service.parse("h.example").limits().most()).isEqualTo(100);
    }

    @ParameterizedTest
    @CsvSource({"h.example, 25, true", "h.example:2525, 2525, true", "h.example:465, 465, false"})
    void whoRelaysForAnAddressIsAskedForNoCertificate(String text, int port, boolean isOpportunistic) {
        assertThat(Service.parse(text).relaying().ways()).singleElement().satisfies(way -> {
            assertThat(way.port()).isEqualTo(port);
            assertThat(way.isOpportunistic()).isEqualTo(isOpportunistic);
        });
    }

    @Test
    void aModeOfTlsIsThatOfOnePort() {
        assertThat(Service.parse("h.example:2525").tls(TlsMode.IMPLICIT).ways())
                .extracting(Smarthost::tls)
                .containsExactly(TlsMode.IMPLICIT);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Service.parse("h.example").tls(TlsMode.IMPLICIT));
    }
}
