package dev.ehlo.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PressureProperties {
    private static final Pressure PRESSURE = Pressure.of("room", () -> 0);

    private static Shedding after(double... loads) {
        Shedding shedding = Shedding.NOTHING;
        for (double load : loads) {
            shedding = PRESSURE.shedding(load, shedding);
        }
        return shedding;
    }

    @Example
    void shedsConnectionsFirstAndGoesOnUntilThereIsRelief() {
        assertThat(after(0.89)).isEqualTo(Shedding.NOTHING);
        assertThat(after(0.9)).isEqualTo(Shedding.CONNECTIONS);
        assertThat(after(0.95)).isEqualTo(Shedding.TRANSACTIONS);
        assertThat(after(0.95, 0.91)).isEqualTo(Shedding.TRANSACTIONS);
        assertThat(after(0.95, 0.89)).isEqualTo(Shedding.CONNECTIONS);
        assertThat(after(0.95, 0.86)).isEqualTo(Shedding.CONNECTIONS);
        assertThat(after(0.9, 0.86)).isEqualTo(Shedding.CONNECTIONS);
        assertThat(after(0.9, 0.84)).isEqualTo(Shedding.NOTHING);
        assertThat(after(Double.NaN)).isEqualTo(Shedding.NOTHING);
    }

    @Property(tries = 300)
    void flapsOnlyWithALoadThatDoes(@ForAll @Size(max = 100) List<@IntRange(min = 80, max = 100) Integer> loads) {
        Shedding before = Shedding.NOTHING;
        int lastRise = 0;
        for (int percent : loads) {
            Shedding now = PRESSURE.shedding(percent / 100.0, before);
            if (now.compareTo(before) > 0) {
                lastRise = percent;
            }
            // At most what the load alone calls for at its highest, and at least what it calls for now.
            assertThat(now).isGreaterThanOrEqualTo(PRESSURE.shedding(percent / 100.0, Shedding.NOTHING));
            if (now.compareTo(before) < 0) {
                int shedAt = before == Shedding.TRANSACTIONS ? 95 : 90;
                assertThat(percent).isLessThanOrEqualTo(shedAt - 5).isLessThan(lastRise);
            }
            before = now;
        }
    }

    @Example
    void shedsNothingForWhatIsOnlyToBeSeen() {
        Pressure seen = PRESSURE.sheddingAt(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
        assertThat(seen.shedding(1000, Shedding.NOTHING)).isEqualTo(Shedding.NOTHING);
    }

    @Example
    void keepsTheOrder() {
        assertThatIllegalArgumentException().isThrownBy(() -> PRESSURE.sheddingAt(0.9, 0.8));
        assertThatIllegalArgumentException().isThrownBy(() -> PRESSURE.sheddingAt(0.05, 0.8));
        assertThatIllegalArgumentException().isThrownBy(() -> PRESSURE.sheddingAt(Double.NaN, 0.8));
        assertThatIllegalArgumentException().isThrownBy(() -> PRESSURE.sheddingAt(0.5, Double.NaN));
    }
}
