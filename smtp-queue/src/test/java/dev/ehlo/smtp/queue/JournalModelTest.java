package dev.ehlo.smtp.queue;

import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class JournalModelTest {
    @BeforeContainer
    static void quiet() {
        new Quiet().beforeAll(null);
    }

    @AfterContainer
    static void loud() {
        new Quiet().afterAll(null);
    }

    @Property(tries = 150)
    void agreesWithTheModelWhateverHappens(
            @ForAll @Size(max = 80) List<@IntRange(max = 9999) Integer> steps, @ForAll long seed) throws Exception {
        SpoolModel model = new SpoolModel();
        model.start();
        for (int step : steps) {
            int which = step / 10;
            switch (step % 10) {
                case 0, 1, 2 -> model.put(which);
                case 3 -> model.put(1500 + which * 3);
                case 4 -> model.settle(which);
                case 5 -> model.settleAll(which);
                case 6 -> model.load(which);
                case 7 -> model.defer(which);
                case 8 -> model.restart();
                default -> {
                    if (which % 2 == 0) {
                        model.kill();
                    } else {
                        model.losePower(new Random(seed + step));
                    }
                }
            }
        }
        model.restart();
        model.close();
    }
}
