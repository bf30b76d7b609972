package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.grammar.Octets;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlWordsTest {
    @Property(tries = 300)
    void carriesAnyTextInOneWord(@ForAll String text) {
        String line = ControlWords.line(Map.of("name", text));

        assertThat(line).doesNotContainAnyWhitespaces().isEqualTo(Octets.printable(line));
        String wellFormed = Octets.isWellFormed(text)
                ? text
                : ControlWords.read(List.of(line)).get("name");
        assertThat(ControlWords.read(List.of(line))).isEqualTo(Map.of("name", wellFormed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "name", "=value", "name=%", "name=%1", "name=%1g"})
    void refusesWhatIsNone(String word) {
        assertThatIllegalArgumentException().isThrownBy(() -> ControlWords.read(List.of(word)));
    }
}
