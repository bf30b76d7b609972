package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueueIdTest {
    @Property
    void comesBackFromItsText(@ForAll @LongRange(max = Long.MAX_VALUE) long value) {
        QueueId id = new QueueId(value);

        assertThat(id.toString()).matches("[0-9a-z]{13}");
        assertThat(QueueId.parse(id.toString())).isEqualTo(id);
    }

    @Property
    void sortsAsItsText(
            @ForAll @LongRange(max = Long.MAX_VALUE) long a, @ForAll @LongRange(max = Long.MAX_VALUE) long b) {
        assertThat(Integer.signum(new QueueId(a).compareTo(new QueueId(b))))
                .isEqualTo(Integer.signum(new QueueId(a).toString().compareTo(new QueueId(b).toString())));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "0", "000000000000u", "00000000000000", "../../../etc/", "zzzzzzzzzzzzz", "000000000000A"})
    void refusesOtherTexts(String text) {
        assertThatThrownBy(() -> QueueId.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void idsGrowEvenWhenTheClockStandsOrGoesBack() {
        QueueIds ids = new QueueIds();
        QueueId first = ids.next(Mail.NOON);
        QueueId second = ids.next(Mail.NOON);
        QueueId third = ids.next(Mail.NOON.minusSeconds(1));
        QueueId fourth = ids.next(Mail.NOON.plusSeconds(1));

        assertThat(java.util.List.of(first, second, third, fourth)).isSorted().doesNotHaveDuplicates();
    }
}
