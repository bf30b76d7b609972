package dev.ehlo.smtp.queue;

class MemorySpoolTest extends SpoolContract {
    private final Spool spool = Spool.memory();

    @Override
    Spool reopen() {
        return spool;
    }
}
