package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.queue.SimulatedTraffic.Sender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;

/** Traffic to destinations that fail, put off, and limit: nobody starves, and nobody is overrun. */
@ExtendWith(Quiet.class)
class SimulationTest {
    @Test
    void aDay() throws Exception {
        simulate(SimulationSize.DAY);
    }

    /** As {@code benchmarks/simulation.sh} runs it. */
    @Test
    @EnabledIfSystemProperty(named = "simulation.table", matches = ".+")
    void aMonth() throws Exception {
        Files.writeString(Path.of(System.getProperty("simulation.table")), simulate(SimulationSize.MONTH));
    }

    private static String simulate(SimulationSize size) throws Exception {
        SimulationFigures fixed = Simulation.run(size, SimulationPolicy.FIXED);
        SimulationFigures adaptive = Simulation.run(size, SimulationPolicy.ADAPTIVE);
        SimulationFigures told = Simulation.run(size, SimulationPolicy.TOLD);
        String table = SimulationFigures.table(size, List.of(fixed, adaptive, told));
        for (SimulationFigures figures : List.of(fixed, adaptive, told)) {
            assertThat(figures.messagesLeft()).as("messages that starve").isZero();
            assertThat(figures.relayed()).isGreaterThan(figures.recipients() * 9 / 10);
        }
        for (SimulationFigures figures : List.of(adaptive, told)) {
            assertThat(figures.soundDelay(Sender.PEOPLE, 990))
                    .as("beside a bulk sender")
                    .isLessThan(180_000);
            assertThat(figures.soundDelay(Sender.PEOPLE, 999)).isLessThan(900_000);
            assertThat(figures.turnedAway()).as("421").isLessThan(fixed.turnedAway() / 10);
            assertThat(figures.mostInSecond()).as("herds").isLessThan(fixed.mostInSecond() / 2);
            assertThat(figures.recovery(0.5, SimulatedRecovery::millis))
                    .isLessThan(fixed.recovery(0.5, SimulatedRecovery::millis) / 2);
            assertThat(figures.attempts()).isLessThan(fixed.attempts() / 2);
        }
        assertThat(told.turnedAwayByTelling()).as("limits that were told").isZero();
        return table;
    }
}
