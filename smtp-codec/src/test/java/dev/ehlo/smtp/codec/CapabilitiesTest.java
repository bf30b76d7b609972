package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Reply;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;

class CapabilitiesTest {
    @Example
    void readsWhatAServerOffers() {
        Capabilities offered = Capabilities.of(Reply.of(
                250, "mx.example greets you", "size 1000", "Pipelining", "AUTH PLAIN login", "AUTH=PLAIN", "X-A  b"));
        assertThat(offered.keywords()).containsOnlyKeys("SIZE", "PIPELINING", "AUTH", "X-A");
        assertThat(offered.has("PIPELINING")).isTrue();
        assertThat(offered.maxMessageOctets()).isEqualTo(1000);
        assertThat(offered.authMechanisms()).containsExactlyInAnyOrder("PLAIN", "LOGIN");
        assertThat(Capabilities.of(Reply.of(250, "mx", "AUTH=PLAIN LOGIN")).authMechanisms())
                .containsExactlyInAnyOrder("PLAIN", "LOGIN");
    }

    @Example
    void aSizeThatIsNoneIsNoLimit() {
        for (String size : new String[] {"SIZE", "SIZE 0", "SIZE x", "SIZE 99999999999999999999", "SIZE -1", "NOOP"}) {
            assertThat(Capabilities.of(Reply.of(250, "mx", size)).maxMessageOctets())
                    .isEqualTo(Long.MAX_VALUE);
        }
        assertThat(Capabilities.NONE.authMechanisms()).isEmpty();
    }

    @Example
    void aKeywordIsNotMadeOutOfOtherLetters() {
        assertThat(Capabilities.of(Reply.of(250, "mx", "P\u0131PELINING")).has("PIPELINING"))
                .isFalse();
    }

    @Property
    void noLineOfAServerThrows(@ForAll @Chars({' ', '=', 'a', 'S', '\u00e9', '0'}) String line) {
        Capabilities offered = Capabilities.of(Reply.of(250, line, line, line + " x"));
        assertThat(offered.maxMessageOctets()).isPositive();
        assertThat(offered.authMechanisms()).isEmpty();
    }
}
