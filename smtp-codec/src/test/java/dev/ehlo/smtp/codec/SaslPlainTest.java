package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;

class SaslPlainTest {
    @Property
    void whatIsEncodedIsParsedBack(
            @ForAll String authorizationId,
            @ForAll @StringLength(min = 1) String login,
            @ForAll @StringLength(min = 1) String password) {
        try {
            SaslPlain plain = new SaslPlain(authorizationId, login, password);
            assertThat(SaslPlain.parse(plain.encode())).contains(plain);
        } catch (IllegalArgumentException e) {
            assertThat((authorizationId + '.' + login + '.' + password)
                            .codePoints()
                            .anyMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE))
                    .isTrue();
        }
    }

    @Example
    void refusesWhatIsNoMessageOfPlain() {
        for (String octets :
                new String[] {"", "a", "a\0b", "\0\0", "\0a\0", "\0\0b", "\0a\0b\0", "\0a\0b\0c", "\0a\0\u00ff"}) {
            assertThat(SaslPlain.parse(Wire.octets(octets))).as(octets).isEqualTo(Optional.empty());
        }
        assertThat(SaslPlain.parse(Wire.octets("z\0a\0b"))).contains(new SaslPlain("z", "a", "b"));
    }

    @Example
    void neverTellsThePassword() {
        assertThat(new SaslPlain("", "a\n", "secret")).hasToString("SaslPlain[login=a\\u000a]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SaslPlain("", "a", "secret\ud800"))
                .withMessageNotContaining("secret")
                .withNoCause();
    }
}
