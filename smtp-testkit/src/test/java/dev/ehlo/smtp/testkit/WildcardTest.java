package dev.ehlo.smtp.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;

final class WildcardTest {
    @Property
    void matchesAsARegularExpressionDoes(
            @ForAll @Chars({'a', 'b', '*'}) @StringLength(max = 8) String pattern,
            @ForAll @CharRange(from = 'a', to = 'b') @StringLength(max = 10) String text) {
        String regex =
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        assertThat(Wildcard.matches(pattern, text)).isEqualTo(text.matches(regex));
    }

    @Property
    void escapesComeBack(@ForAll byte[] octets) {
        String text = Escapes.escape(octets);
        assertThat(text).matches("[ -~]*");
        assertThat(Escapes.unescape(text)).isEqualTo(octets);
    }
}
