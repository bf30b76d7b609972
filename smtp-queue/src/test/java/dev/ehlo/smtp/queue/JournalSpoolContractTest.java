package dev.ehlo.smtp.queue;

/** The journal, on a disk where every message rolls a segment or spills. */
class JournalSpoolContractTest extends SpoolContract {
    private final TestDisk disk = new TestDisk();

    @Override
    Spool reopen() {
        return new JournalSpool(disk::open, SpoolModel.LIMITS);
    }
}
