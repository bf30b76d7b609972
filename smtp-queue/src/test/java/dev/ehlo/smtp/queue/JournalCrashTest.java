package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The promise: what was acknowledged is there after whatever happens. */
@ExtendWith(Quiet.class)
class JournalCrashTest {
    /** Small and large content, segments that roll, survivors that move, recipients settled one by one. */
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
        assertThat(model.disk().names()).noneMatch(name -> name.startsWith("corrupt/"));
        model.kill();
        model.losePower(new Random(1));
        model.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 1_000_000})
    void keepsThePromiseWhicheverCallFails(long failures) throws Exception {
        SpoolModel clean = new SpoolModel();
        clean.start();
        script(clean);
        clean.close();
        long calls = clean.disk().calls();
        assertThat(calls).isGreaterThan(100);
        for (long n = 1; n <= calls; n++) {
            for (boolean power : List.of(false, true)) {
                failing(n, failures, power);
            }
        }
    }

    private static void failing(long n, long failures, boolean power) throws Exception {
        SpoolModel model = new SpoolModel();
        model.disk().fail(n, failures);
        try {
            model.start();
            script(model);
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("(test)");
        }
        if (power) {
            model.losePower(new Random(n));
        } else {
            model.kill();
        }
        model.put(700);
        model.restart();
        model.close();
    }
}
