package dev.ehlo.smtp.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms that both sides hash. The first examples are those of RFC 4013 §3. */
class SaslPrepTest {
    @ParameterizedTest
    @CsvSource({
        "I\u00adX, IX",
        "user, user",
        "USER, USER",
        "\u00aa, a",
        "\u2168, IX",
        "p\u00e4ss, p\u00e4ss",
        "pa\u0308ss, p\u00e4ss",
        "a\u00a0b, a b",
        "a\u3000b, a b",
        "a\u200bb, a b",
        "\ufe0fa\u2060b, ab",
        "\u0627\u0628, \u0627\u0628",
        "\u05d0\u200d\u05d1, \u05d0\u05d1"
    })
    void prepares(String text, String prepared) {
        assertThat(SaslPrep.prepare(text)).contains(prepared);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\u0007",
                "a\tb",
                "\u007f",
                "\u06271", // from right to left, but not at its end
                "a\u0627", // mixed
                "\u00ad", // nothing is left
                "a\u0085",
                "a\u200e", // a mark of direction
                "a\u202e",
                "a\u2028",
                "a\ue000", // private use
                "a\ufdd0", // a noncharacter
                "a\uffff",
                "a\ufffd",
                "a\u2ff0",
                "a\u0378", // assigned to nobody
                "a\ud800",
                "a\udb40\udc41" // a tag
            })
    void refuses(String text) {
        assertThat(SaslPrep.prepare(text)).isEmpty();
    }

    @Test
    void takesWhatIsBeyondTheBasicPlane() {
        assertThat(SaslPrep.prepare("\ud83d\ude00")).contains("\ud83d\ude00");
    }
}
