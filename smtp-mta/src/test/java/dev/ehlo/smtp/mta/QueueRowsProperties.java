package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class QueueRowsProperties {
    @Property
    void readsEachTimeAsItsParserDoes(@ForAll @LongRange(min = 0, max = 1L << 40) long steps) {
        Instant time = Instant.EPOCH.plus(steps * 250_007, ChronoUnit.MICROS);

        assertThat(QueueRows.seconds(time.toString())).isEqualTo(time.truncatedTo(ChronoUnit.SECONDS));
    }

    @Example
    void readsTheEndsToo() {
        for (String text :
                new String[] {"1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "+292278994-08-17T07:12:55Z"}) {
            assertThat(QueueRows.seconds(text)).isEqualTo(Instant.parse(text));
        }
    }
}
