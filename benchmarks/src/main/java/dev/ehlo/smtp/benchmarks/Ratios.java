package dev.ehlo.smtp.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What benchmarks cost beside the floor of their class: a value that is committed, and compared with what was measured.
 * Immutable.
 *
 * @param figures by benchmark and parameters: {@code CommandParserBenchmark.parse,buffer=HEAP}
 */
record Ratios(SortedMap<String, Figure> figures) {
    /** How much dearer a benchmark may seem before it counts as moved: what a shared machine does to short runs. */
    static final double TOLERANCE = 2.0;
    /** Octets per operation over the committed ones that count as none, an object having 16 at least. */
    static final double SPARE_OCTETS = 0.5;

    private static final String HEADER = "benchmark,parameters,ratio,octets";

    /**
     * One benchmark.
     *
     * @param ratio its time by the time of the floor
     * @param octets allocated per operation
     */
    record Figure(double ratio, double octets) {}

    /** What was measured of one method: nanoseconds and allocated octets per operation. */
    record Measured(String className, String method, String parameters, double nanos, double octets) {
        boolean isFloor() {
            return method.startsWith("floor");
        }

        private String key() {
            return className + '.' + method + ',' + parameters;
        }

        private boolean isBeside(Measured floor) {
            return className.equals(floor.className) && parameters.equals(floor.parameters);
        }
    }

    Ratios {
        figures = new TreeMap<>(figures);
    }

    /**
     * The ratios of what was measured, each to the fastest floor of its class that has the same parameters.
     *
     * @throws IllegalArgumentException if a benchmark has no floor
     */
    static Ratios of(List<Measured> measured) {
        SortedMap<String, Figure> figures = new TreeMap<>();
        for (Measured each : measured) {
            if (!each.isFloor()) {
                double floor = measured.stream()
                        .filter(other -> other.isFloor() && each.isBeside(other))
                        .mapToDouble(Measured::nanos)
                        .min()
                        .orElseThrow(() -> new IllegalArgumentException("no floor beside " + each.key()));
                figures.put(each.key(), new Figure(each.nanos() / floor, each.octets()));
            }
        }
        return new Ratios(figures);
    }

    /**
     * The ratios in lines as {@link #toLines} gives them.
     *
     * @throws IllegalArgumentException if a line is another
     */
    static Ratios parse(List<String> lines) {
        SortedMap<String, Figure> figures = new TreeMap<>();
        for (String line : lines) {
            if (!line.equals(HEADER) && !line.isBlank()) {
                String[] fields = line.split(",", -1);
                if (fields.length != 4) {
                    throw new IllegalArgumentException("not " + HEADER + ": " + line);
                }
                figures.put(
                        fields[0] + ',' + fields[1],
                        new Figure(Double.parseDouble(fields[2]), Double.parseDouble(fields[3])));
            }
        }
        return new Ratios(figures);
    }

    /** As they are committed, in order, so that a change is seen. */
    List<String> toLines() {
        List<String> lines = new ArrayList<>(List.of(HEADER));
        figures.forEach((key, figure) ->
                lines.add(String.format(Locale.ROOT, "%s,%.2f,%.0f", key, figure.ratio(), figure.octets())));
        return lines;
    }

    /** These, and where another attempt was better, that one. */
    Ratios best(Ratios other) {
        SortedMap<String, Figure> best = new TreeMap<>(figures);
        other.figures.forEach((key, figure) -> best.merge(
                key,
                figure,
                (one, two) -> new Figure(Math.min(one.ratio(), two.ratio()), Math.min(one.octets(), two.octets()))));
        return new Ratios(best);
    }

    /** Of each benchmark the middle one of some attempts, of which there is one at least. */
    static Ratios median(List<Ratios> attempts) {
        SortedMap<String, Figure> median = new TreeMap<>();
        for (String key : attempts.get(0).figures.keySet()) {
            List<Figure> all = attempts.stream().map(a -> a.figures.get(key)).toList();
            median.put(
                    key,
                    new Figure(
                            all.stream().mapToDouble(Figure::ratio).sorted().toArray()[all.size() / 2],
                            all.stream().mapToDouble(Figure::octets).min().orElseThrow()));
        }
        return new Ratios(median);
    }

    /** Which benchmarks are dearer now than these say, each with how much; also those that only one side knows. */
    Map<String, String> moved(Ratios now) {
        Map<String, String> moved = new TreeMap<>();
        now.figures.forEach((key, figure) -> {
            Figure was = figures.get(key);
            if (was == null) {
                moved.put(key, "is not in the committed ratios");
            } else if (figure.octets() > was.octets() * TOLERANCE + SPARE_OCTETS) {
                moved.put(
                        key,
                        String.format(
                                Locale.ROOT,
                                "allocates %.1f octets per operation, and did %.1f",
                                figure.octets(),
                                was.octets()));
            } else if (figure.ratio() > was.ratio() * TOLERANCE) {
                moved.put(
                        key,
                        String.format(
                                Locale.ROOT,
                                "takes %.2f times its floor, and did %.2f: %+.0f %%",
                                figure.ratio(),
                                was.ratio(),
                                (figure.ratio() / was.ratio() - 1) * 100));
            }
        });
        figures.keySet().stream()
                .filter(key -> !now.figures.containsKey(key))
                .forEach(key -> moved.put(key, "is in the committed ratios, and no longer there"));
        return moved;
    }

    /** Which benchmarks are so much cheaper now that the committed ratio guards them no longer. */
    Map<String, String> improved(Ratios now) {
        Map<String, String> improved = new TreeMap<>();
        now.figures.forEach((key, figure) -> {
            Figure was = figures.get(key);
            if (was != null && figure.ratio() * TOLERANCE < was.ratio()) {
                improved.put(
                        key,
                        String.format(
                                Locale.ROOT, "takes %.2f times its floor, and did %.2f", figure.ratio(), was.ratio()));
            }
        });
        return improved;
    }
}
