package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code ./ehlo serve} under load, killed with SIGKILL at random moments and started again on the same data: nothing that
 * was acknowledged with 250 is lost, and nothing arrives twice but what the next hop had taken just before a kill. Five
 * kills, or as many as the system property {@code crash.rounds} says; the profile {@code crash} says 200. The property
 * {@code crash.seed} repeats the moments of a run.
 */
class CrashIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** Between the answer of the next hop and the record of it, on a machine that has ten other things to do. */
    private static final Duration WINDOW = Duration.ofSeconds(5);
    /** Of one process. */
    private static final int MOST_MESSAGES = 600;

    /** Few enough to be reached in time, so that the kill comes with the acknowledgement. */
    private static final int MOST_ACKNOWLEDGED = 300;

    private static final int ACKNOWLEDGED_MILLIS = 3000;
    private static final int MOST_MILLIS = 1000;
    /** From the command; by then the server is mostly ready, but not always. */
    private static final int START_MILLIS = 2000;

    @TempDir
    private Path scratch;

    private final CrashLedger ledger = new CrashLedger();

    @Test
    void losesNothingThatWasAcknowledgedAndRepeatsOnlyWhatWasNotRecordedYet() throws Exception {
        int rounds = Integer.getInteger("crash.rounds", 5);
        long seed = Long.getLong("crash.seed", new Random().nextLong());
        System.out.println("crash test: " + rounds + " kills, seed " + seed);
        Random random = new Random(seed);
        try (CrashSink sink = new CrashSink(ledger)) {
            for (int round = 0; round < rounds; round++) {
                int process = sink.nextProcess();
                switch (round % 5) {
                    case 0, 2 ->
                        killUnderLoad(sink, process, 1 + random.nextInt(MOST_ACKNOWLEDGED), ACKNOWLEDGED_MILLIS);
                    case 1 -> killUnderLoad(sink, process, Integer.MAX_VALUE, random.nextInt(MOST_MILLIS));
                    case 3 -> killAtStart(sink, process, random.nextInt(START_MILLIS));
                    // All is relayed and recorded long since, and must not come again.
                    default ->
                        killUnderLoad(
                                sink, process, Integer.MAX_VALUE, WINDOW.toMillis() + random.nextInt(MOST_MILLIS));
                }
            }
            sink.nextProcess();
            try (EhloProcess server = EhloProcess.serve(data(), options(sink))) {
                ledger.awaitArrivals(PATIENCE); // what is missing then, the report names
                assertThat(server.stop()).isZero();
            }
        }
        CrashReport report = ledger.report(WINDOW);
        System.out.println("crash test: " + report);
        assertThat(report.lost()).as("lost, seed %d", seed).isEmpty();
        assertThat(report.violations()).as("seed %d", seed).isEmpty();
    }

    private Path data() {
        return scratch.resolve("data");
    }

    private static String[] options(CrashSink sink) {
        return new String[] {"--smarthost", sink.address(), "--relay-from", "127.0.0.0/8", "--retry", "1s"};
    }

    /** At the acknowledgement of that number, or when the time has passed. */
    private void killUnderLoad(CrashSink sink, int process, int acknowledgements, long millis) throws Exception {
        CountDownLatch killed = new CountDownLatch(1);
        CrashLoad load;
        try (EhloProcess server = EhloProcess.serve(data(), options(sink))) {
            ledger.beginLoad(MOST_MESSAGES);
            Runnable kill = () -> {
                ledger.endLoad();
                ledger.killed(process);
                server.kill();
                killed.countDown();
            };
            load = new CrashLoad(ledger, server.port("mx"), acknowledgements, kill);
            if (!killed.await(millis, TimeUnit.MILLISECONDS)) {
                kill.run();
            }
        }
        load.join();
    }

    /** While it recovers what the last one left, or has just begun to deliver it. */
    private void killAtStart(CrashSink sink, int process, long millis) throws IOException, InterruptedException {
        Path log = scratch.resolve("start.log");
        List<String> command = EhloProcess.command(data(), options(sink));
        Process server = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            boolean ended = server.waitFor(millis, TimeUnit.MILLISECONDS);
            assertThat(ended).as("ended by itself: %s", Files.readString(log)).isFalse();
            ledger.killed(process);
        } finally {
            server.destroyForcibly().onExit().join();
        }
    }
}
