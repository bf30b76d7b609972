package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.testkit.ManualClock;
import java.time.Duration;

class MemorySharedSpoolTest extends SharedSpoolContract {
    private final ManualClock clock = new ManualClock(Mail.NOON);
    private final MemoryStore store = new MemoryStore(clock, LEASE, 1 << 20);

    @Override
    Spool join() {
        return new MemorySpool(store);
    }

    @Override
    void renew(Spool spool) {
        ((MemorySpool) spool).renew();
    }

    @Override
    void advance(Duration time) {
        clock.advance(time);
    }
}
