package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

class DnsCacheTest {
    private final ManualClock clock = new ManualClock();
    private final DnsCache cache = new DnsCache(clock::nanoTime);

    private static DnsQuestion question(String name) throws Exception {
        return new DnsQuestion(Name.fromString(name), Type.MX);
    }

    private static DnsAnswer answer(long seconds) {
        return new DnsAnswer(List.of(), Name.root, true, false, seconds);
    }

    @Test
    void keepsAnAnswerAsLongAsItIsGoodHoweverTheNameIsWritten() throws Exception {
        cache.put(question("example.org."), answer(60));
        clock.advance(Duration.ofSeconds(60).minusNanos(1));
        assertThat(cache.get(question("EXAMPLE.org."))).isEqualTo(answer(60));
        assertThat(cache.get(new DnsQuestion(Name.fromString("example.org."), Type.A)))
                .isNull();
        clock.advance(Duration.ofNanos(1));
        assertThat(cache.get(question("example.org."))).isNull();
    }

    @Test
    void keepsNothingThatIsGoodForThisOnce() throws Exception {
        cache.put(question("example.org."), answer(0));
        assertThat(cache.get(question("example.org."))).isNull();
    }

    @Test
    void forgetsWhatWasNotAskedForLongest() throws Exception {
        cache.put(question("first."), answer(60));
        cache.put(question("second."), answer(60));
        for (int i = 2; i < DnsCache.MAX_ANSWERS; i++) {
            cache.put(question("n" + i + "."), answer(60));
        }
        assertThat(cache.get(question("first."))).isNotNull();
        cache.put(question("last."), answer(60));
        assertThat(cache.get(question("second."))).isNull();
        assertThat(cache.get(question("first."))).isNotNull();
    }
}
