package dev.ehlo.smtp.queue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsReport;

/** Whatever comes in between: nobody who was promised a message goes without, and nobody gets it again without need. */
class QueueModelTest {
    @BeforeContainer
    static void quiet() {
        new Quiet().beforeAll(null);
    }

    @AfterContainer
    static void loud() {
        new Quiet().afterAll(null);
    }

    @Property(tries = 60)
    @StatisticsReport(onFailureOnly = true)
    void losesNothingAndRepeatsNothingThatIsRecorded(
            @ForAll @Size(min = 40, max = 120) List<@IntRange(max = 19_999) Integer> steps) throws Exception {
        QueueModel model = new QueueModel();
        for (int step : steps) {
            int which = step / 20;
            switch (step % 20) {
                case 0, 1, 2 -> model.accept(which);
                case 3, 4, 5, 6, 7 -> model.write(which);
                case 8, 9, 10, 11 -> model.answer(which);
                case 12 -> model.advance(which % 64);
                case 13 -> model.hold(which % 2 == 0);
                case 14 -> model.crash(which);
                case 15, 16, 17, 18 -> model.order(which);
                default -> {
                    if (which % 8 == 0) {
                        model.close();
                    } else if (which % 8 == 4) {
                        model.drain();
                    } else if (which % 4 == 1) {
                        model.failToWrite();
                    } else {
                        model.advance(10);
                    }
                }
            }
        }
        model.checkEnd();
        Statistics.label("told of a delay")
                .collect(model.delays() > 0)
                .coverage(told -> told.check(true).count(count -> count > 0));
    }
}
