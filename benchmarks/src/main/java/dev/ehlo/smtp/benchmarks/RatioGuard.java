package dev.ehlo.smtp.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Fails when a benchmark has become dearer, compared with the floor of its class in the same run, than the committed
 * ratios say, or allocates what it did not. Never looks at times alone, which are of one machine on one day. Runs are
 * short and machines are shared, so it takes the best iteration of each, and tries again what seems to have moved.
 */
public final class RatioGuard {
    /** Benchmarks are tried again as long as an attempt would end by then. */
    private static final Duration PATIENCE = Duration.ofSeconds(80);

    private static final int ATTEMPTS = 4;
    private static final int UPDATE_RUNS = 3;
    private static final int WARMUPS = 8;
    private static final int ITERATIONS = 5;
    /**
     * Short, since all benchmarks have less than a minute; what seems to have moved, and what is committed, gets more.
     */
    private static final int FIRST_MILLIS = 55;

    private static final int LONG_MILLIS = 170;
    /** A JVM's start and its iterations. */
    private static final Duration LONG_RUN = Duration.ofMillis(500 + (WARMUPS + ITERATIONS) * LONG_MILLIS);
    /** What JMH itself allocates in an iteration: of few operations it would seem to be theirs. */
    private static final double OWN_OCTETS = 16 * 1024;

    private RatioGuard() {}

    /**
     * Compares, or with {@code --update} writes, and ends with status 1 if something moved.
     *
     * @param arguments {@code --update} or not, and the file of the ratios, {@code benchmarks/ratios.csv} unless told
     */
    public static void main(String[] arguments) throws IOException, RunnerException {
        List<String> all = new ArrayList<>(List.of(arguments));
        boolean update = all.remove("--update");
        Path file = Path.of(all.isEmpty() ? "benchmarks/ratios.csv" : all.get(0));
        if (update) {
            List<Ratios> runs = new ArrayList<>();
            for (int run = 0; run < UPDATE_RUNS; run++) {
                runs.add(measure(Set.of(), LONG_MILLIS));
            }
            Files.write(file, Ratios.median(runs).toLines());
            System.out.println("written: " + file);
        } else if (!isWithin(Ratios.parse(Files.readAllLines(file)))) {
            System.exit(1);
        }
    }

    private static boolean isWithin(Ratios committed) throws RunnerException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Ratios now = measure(Set.of(), FIRST_MILLIS);
        Map<String, String> moved = committed.moved(now);
        for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
            Set<String> again = thatFit((end - System.nanoTime()) / LONG_RUN.toNanos(), moved.keySet(), now);
            if (again.isEmpty()) {
                break;
            }
            now = now.best(measure(again, LONG_MILLIS));
            moved = committed.moved(now);
        }
        now.toLines().forEach(System.out::println);
        committed.improved(now).forEach((key, how) -> System.out.println("better: " + key + ' ' + how));
        moved.forEach((key, how) -> System.out.println("MOVED: " + key + ' ' + how));
        return moved.isEmpty();
    }

    /** The methods of these benchmarks, as many as can be run with their floors, each with all its parameters. */
    private static Set<String> thatFit(long runs, Collection<String> keys, Ratios ratios) {
        Set<String> methods = new TreeSet<>();
        long left = runs;
        for (String key : keys) {
            String method = method(key);
            long needed = 2
                    * ratios.figures().keySet().stream()
                            .filter(other -> method(other).equals(method))
                            .count();
            if (needed > 0 && needed <= left && methods.add(method)) {
                left -= needed;
            }
        }
        return methods;
    }

    private static String method(String key) {
        return key.substring(0, key.indexOf(','));
    }

    /** Runs these methods and the floors of their classes; all, if none is named. */
    private static Ratios measure(Set<String> methods, int iterationMillis) throws RunnerException {
        String include = methods.stream()
                .map(name -> name.split("\\.", -1))
                .map(name -> Pattern.quote(name[0] + '.') + "(floor.*|" + Pattern.quote(name[1]) + ')')
                .collect(Collectors.joining("|", "\\.(", ")$"));
        Options options = new OptionsBuilder()
                .include(methods.isEmpty() ? ".*" : include)
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .forks(1)
                .warmupIterations(WARMUPS)
                .warmupTime(TimeValue.milliseconds(iterationMillis))
                .measurementIterations(ITERATIONS)
                .measurementTime(TimeValue.milliseconds(iterationMillis))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT)
                .build();
        return Ratios.of(new Runner(options)
                .run().stream().map(result -> measured(result, iterationMillis)).toList());
    }

    private static Ratios.Measured measured(RunResult result, int iterationMillis) {
        BenchmarkParams params = result.getParams();
        String[] name = params.getBenchmark().split("\\.", -1);
        String parameters = params.getParamsKeys().stream()
                .sorted()
                .map(key -> key + '=' + params.getParam(key))
                .collect(Collectors.joining(" "));
        double nanos = least(result, each -> each.getPrimaryResult().getScore());
        double own = OWN_OCTETS / (iterationMillis * 1e6 / nanos);
        double octets = least(result, each -> {
            var allocated = each.getSecondaryResults().get("gc.alloc.rate.norm");
            return allocated == null ? 0 : allocated.getScore();
        });
        return new Ratios.Measured(
                name[name.length - 2], name[name.length - 1], parameters, nanos, Math.max(0, octets - own));
    }

    private static double least(RunResult result, ToDoubleFunction<IterationResult> figure) {
        return result.getBenchmarkResults().stream()
                .map(BenchmarkResult::getIterationResults)
                .flatMap(Collection::stream)
                .mapToDouble(figure)
                .min()
                .orElseThrow();
    }
}
