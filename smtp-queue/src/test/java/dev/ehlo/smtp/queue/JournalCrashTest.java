package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The promise: what was acknowledged is there after whatever happens. */
@ExtendWith(Quiet.class)
class JournalCrashTest {
    /** In how many ways what was not synced is lost, or not. */
    private static final int REMAINS = 2;

    /** Small and large content, segments that roll and get an index, survivors that move, recipients settled one by one. */
    private static void script(SpoolModel model) throws Exception {
        for (int i = 0; i < 26; i++) {
            model.put(i % 9 == 4 ? 5000 + i : 300 + i);
            if (i % 3 == 1) {
                model.defer(i * 7);
            }
            if (i % 2 == 1) {
                model.settleAll(i * 3 + 2);
            }
            if (i % 5 == 3) {
                model.settle(i);
                model.load(i * 11);
            }
            if (i % 7 == 6 && model.isAtFault()) {
                model.resume();
            }
        }
        model.restart();
        model.put(400);
    }

    @Test
    void keepsThePromiseWithoutFaults() throws Exception {
        SpoolModel model = new SpoolModel();
        model.start();
        script(model);
        assertThat(model.disk().names())
                .noneMatch(name -> name.startsWith("corrupt/"))
                .anyMatch(name -> name.endsWith(".idx"))
                .anyMatch(name -> name.startsWith("content/"));
        model.close();
        goesOn(new SpoolModel(model, model.disk().kill()));
        for (int seed = 0; seed < 50; seed++) {
            goesOn(new SpoolModel(model, model.disk().crash(new Random(seed))));
        }
    }

    @ParameterizedTest
    @CsvSource({"NO_SPACE, 1", "NO_SPACE, 1000000", "INPUT_OUTPUT, 1", "INPUT_OUTPUT, 1000000"})
    void keepsThePromiseWhicheverCallFails(TestDisk.Fault fault, long failures) throws Exception {
        SpoolModel clean = new SpoolModel();
        clean.start();
        script(clean);
        clean.close();
        long calls = clean.disk().calls();
        assertThat(calls).isGreaterThan(200);
        LongStream.rangeClosed(1, calls).parallel().forEach(n -> fails(n, fault, failures));
    }

    private static void fails(long n, TestDisk.Fault fault, long failures) {
        try {
            SpoolModel model = new SpoolModel();
            model.disk().fail(n, failures, fault);
            try {
                model.start();
                script(model);
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("(test)");
            }
            model.close();
            goesOn(new SpoolModel(model, model.disk().kill()));
            for (int i = 0; i < REMAINS; i++) {
                goesOn(new SpoolModel(model, model.disk().crash(new Random(n * REMAINS + i))));
            }
        } catch (Exception e) {
            throw new AssertionError("from call " + n + " on", e);
        }
    }

    @Test
    void losesNothingThatWasMovedBeforeAKillWhenThePowerIsLostAfterTheNextStart() throws Exception {
        TestDisk disk = new TestDisk();
        List<TestDisk> killed = new ArrayList<>();
        QueueId survivor;
        try (JournalSpool spool = new JournalSpool(disk::open, SpoolModel.LIMITS)) {
            Mail.start(spool);
            survivor = Mail.put(spool, Mail.ONE, Mail.octets(900, 1)).id();
            String first = disk.names().iterator().next();
            disk.beforeSync = () -> killed.add(disk.kill());
            for (int i = 0; disk.names().contains(first) && i < 20; i++) {
                QueueId passes = Mail.put(spool, Mail.ONE, Mail.octets(900, i)).id();
                Mail.await(spool.crossOff(passes, List.of(0), DeliveryStatus.RELAYED));
            }
            assertThat(disk.names()).doesNotContain(first);
        }
        for (TestDisk before : killed) {
            try (JournalSpool spool = new JournalSpool(before::open, SpoolModel.LIMITS)) {
                Mail.start(spool);
                for (int seed = 0; seed < 8; seed++) {
                    try (JournalSpool after =
                            new JournalSpool(before.crash(new Random(seed))::open, SpoolModel.LIMITS)) {
                        assertThat(Mail.start(after))
                                .extracting(SpooledMessage::id)
                                .contains(survivor);
                    }
                }
            }
        }
    }

    private static void goesOn(SpoolModel model) throws Exception {
        model.start();
        model.put(700);
        model.restart();
        model.close();
    }
}
