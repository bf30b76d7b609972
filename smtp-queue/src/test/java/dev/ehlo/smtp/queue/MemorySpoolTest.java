package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.EsmtpParameter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemorySpoolTest extends SpoolContract {
    private final Spool spool = Spool.memory();

    @Override
    Spool reopen() {
        return spool;
    }

    @Test
    void takesNoMoreThanItsShareOfTheMemoryAndGivesAllOfItBack() throws Exception {
        MemoryStore store = new MemoryStore(Clock.systemUTC(), null, 100_000);
        MemorySpool small = new MemorySpool(store);
        Mail.start(small);
        SpooledMessage first = Mail.put(small, Mail.THREE, Mail.octets(60_000, 1));
        assertThatThrownBy(() -> small.open(Mail.ONE.with(new EsmtpParameter("SIZE", "60000")), Mail.NOON))
                .isInstanceOf(IOException.class);
        SpoolWriter undeclared = small.open(Mail.ONE, Mail.NOON);
        undeclared.write(ByteBuffer.allocate(30_000));
        assertThatThrownBy(() -> undeclared.write(ByteBuffer.allocate(30_000))).isInstanceOf(IOException.class);
        undeclared.abort();
        Mail.put(small, Mail.ONE, Mail.octets(30_000, 1));
        for (QueueId id : List.of(first.id(), new QueueId(1))) {
            Mail.await(small.crossOff(id, List.of(0, 1, 2), DeliveryStatus.FAILED));
        }
        SpoolWriter late = small.open(Mail.ONE, Mail.NOON);
        late.write(ByteBuffer.allocate(60_000));
        small.close();
        assertThatThrownBy(() -> Mail.await(late.complete())).hasCauseInstanceOf(IOException.class);
        for (SpooledMessage message : Mail.start(small)) {
            Mail.await(small.crossOff(message.id(), List.of(0), DeliveryStatus.FAILED));
        }
        small.close();
        assertThat(store.octets()).isZero();
    }
}
