package dev.ehlo.smtp.queue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** A journal on a {@link TestDisk}, started before each test, and again when the test says so. */
@ExtendWith(Quiet.class)
abstract class JournalRig {
    final TestDisk disk = new TestDisk();
    private final JournalLimits limits;
    JournalSpool spool;

    JournalRig(JournalLimits limits) {
        this.limits = limits;
        spool = another();
    }

    /** On the same disk; not started. */
    final JournalSpool another() {
        return new JournalSpool(disk.indexingAtOnce(), limits);
    }

    @BeforeEach
    void start() throws IOException {
        Mail.start(spool);
    }

    @AfterEach
    void close() throws IOException {
        spool.close();
    }

    final List<SpooledMessage> restart() throws IOException {
        spool.close();
        spool = another();
        return Mail.start(spool);
    }
}
