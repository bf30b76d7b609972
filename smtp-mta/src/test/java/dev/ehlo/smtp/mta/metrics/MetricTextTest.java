package dev.ehlo.smtp.mta.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.ehlo.smtp.mta.metrics.MetricText.Kind;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricTextTest {
    @Test
    void writesEachKindAsTheStandardHasIt() {
        String text = new MetricText()
                .family("a", Kind.COUNTER, "How \"many\".")
                .sample(7)
                .family("b_seconds", Kind.GAUGE, "How long.")
                .seconds("loop", "l-0", 1_500_000_000L)
                .family("c_seconds", Kind.HISTOGRAM, "How long.")
                .bucket(1_000_000, 1)
                .bucket(60_000_000_000L, 2)
                .all(3, 90_000_000_001L)
                .end();
        assertThat(text).isEqualTo("""
                        # TYPE a counter
                        # HELP a How \\"many\\".
                        a_total 7
                        # TYPE b_seconds gauge
                        # UNIT b_seconds seconds
                        # HELP b_seconds How long.
                        b_seconds{loop="l-0"} 1.5
                        # TYPE c_seconds histogram
                        # UNIT c_seconds seconds
                        # HELP c_seconds How long.
                        c_seconds_bucket{le="0.001"} 1
                        c_seconds_bucket{le="60.0"} 2
                        c_seconds_bucket{le="+Inf"} 3
                        c_seconds_count 3
                        c_seconds_sum 90.000000001
                        # EOF
                        """);
        assertThat(OpenMetricsReader.read(text)).hasSize(7).containsEntry("c_seconds_sum", 90.000000001);
    }

    @Property(tries = 200)
    void keepsAnyLabelWithinItsQuotes(@ForAll String label) {
        String text = new MetricText()
                .family("a", Kind.GAUGE, label)
                .sample("of", label, 1)
                .end();
        assertThat(OpenMetricsReader.read(text)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "# EOF",
                "a 1\n# EOF\n ",
                "# TYPE a counter\na 1\n# EOF\n",
                "# TYPE a counter\na_total -1\n# EOF\n",
                "# TYPE a gauge\na 1\na 2\n# EOF\n",
                "# TYPE a gauge\na{b=\"\"c\"} 1\n# EOF\n",
                "# TYPE a gauge\na 1\n\n# EOF\n",
                "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\n# EOF\n",
                "# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n",
                "# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_count 1\na_sum 1\n# EOF\n",
                "# TYPE a histogram\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 1\na_count 1\na_sum 1\n# EOF\n",
            })
    void theReaderTakesNothingElse(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> OpenMetricsReader.read(text));
    }
}
