package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.MessageSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/** What is found out about content by words of octets is what can be seen octet by octet, however it is read. */
class ContentFactsProperties {
    @Property(tries = 3000)
    void whatIsFoundIsWhatIsThere(@ForAll("content") String content, @ForAll @IntRange(min = 1, max = 40) int block)
            throws IOException {
        byte[] octets = content.getBytes(StandardCharsets.ISO_8859_1);
        ContentFacts facts = ContentFacts.of(MessageSource.of(octets), ByteBuffer.allocate(block));
        assertThat(facts.eightBit()).isEqualTo(content.chars().anyMatch(c -> c > 0x7f));
        String lines = content.replace("\r\n", "|");
        assertThat(facts.canonical())
                .isEqualTo(content.isEmpty()
                        || content.endsWith("\r\n") && !lines.contains("\r") && !lines.contains("\n"));
        if (facts.isPlain()) {
            assertThat("\r\n" + content).doesNotContain("\r\n.", "\r\n\0");
        } else if (facts.canonical()) {
            assertThat("\r\n" + content).containsAnyOf("\r\n.", "\r\n\0");
        }
    }

    @Provide
    Arbitrary<String> content() {
        return Arbitraries.frequency(
                        Tuple.of(6, "some text "),
                        Tuple.of(3, "x"),
                        Tuple.of(8, "\r\n"),
                        Tuple.of(2, "."),
                        Tuple.of(1, "\r"),
                        Tuple.of(1, "\n"),
                        Tuple.of(1, "\0"),
                        Tuple.of(1, "\t"),
                        Tuple.of(1, "\u00e4"),
                        Tuple.of(1, "\u008d"))
                .list()
                .ofMaxSize(30)
                .map(parts -> String.join("", parts));
    }
}
