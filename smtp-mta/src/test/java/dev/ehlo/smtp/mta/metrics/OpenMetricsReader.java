package dev.ehlo.smtp.mta.metrics;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the text format of OpenMetrics 1.0 and takes nothing that its grammar, or its rules on families, counters and
 * histograms, do not: a second opinion on {@link MetricText}. Knows no exemplars, timestamps and sets of states.
 */
public final class OpenMetricsReader {
    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final Pattern DESCRIPTOR =
            Pattern.compile("# (?:TYPE (" + NAME + ") (counter|gauge|histogram|info|unknown)|UNIT (" + NAME
                    + ") ([a-z_]+)" + "|HELP (" + NAME + ") ((?:[^\\\\\"\\n]|\\\\[\\\\\"n])*))");
    private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\\\\\"\\n]|\\\\[\\\\\"n])*\"";
    private static final Pattern SAMPLE = Pattern.compile("(" + NAME + ")(?:\\{((?:" + LABEL + "(?:," + LABEL
            + ")*)?)\\})? (-?[0-9]+(?:\\.[0-9]+)?(?:e[+-]?[0-9]+)?)");

    private final Map<String, Double> samples = new LinkedHashMap<>();
    private final Set<String> families = new HashSet<>();
    private final Set<String> told = new HashSet<>();
    private final List<Double> bounds = new ArrayList<>();
    private String family = "";
    private String type = "unknown";
    private boolean sampled;
    private double lastBucket;

    private OpenMetricsReader() {}

    /**
     * The samples, by their names with their labels as they are written.
     *
     * @throws IllegalArgumentException at the first line that is not as it should be
     */
    public static Map<String, Double> read(String text) {
        require(text.endsWith("# EOF\n"), "no end: " + text.substring(Math.max(0, text.length() - 20)));
        OpenMetricsReader reader = new OpenMetricsReader();
        for (String line : text.substring(0, text.length() - "# EOF\n".length()).split("(?<=\n)", 0)) {
            require(line.endsWith("\n"), "no line: " + line);
            reader.line(line.substring(0, line.length() - 1));
        }
        reader.endFamily();
        return reader.samples;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private void line(String line) {
        Matcher descriptor = DESCRIPTOR.matcher(line);
        if (descriptor.matches()) {
            if (descriptor.group(1) != null) {
                describe(descriptor.group(1), "TYPE");
                type = descriptor.group(2);
            } else if (descriptor.group(3) != null) {
                describe(descriptor.group(3), "UNIT");
                require(family.endsWith("_" + descriptor.group(4)), "the unit is no suffix: " + line);
            } else {
                describe(descriptor.group(5), "HELP");
            }
            return;
        }
        Matcher sample = SAMPLE.matcher(line);
        require(sample.matches(), "neither a sample nor a descriptor: " + line);
        sample(sample.group(1), sample.group(2) == null ? "" : sample.group(2), Double.parseDouble(sample.group(3)));
    }

    private void describe(String name, String what) {
        if (!name.equals(family)) {
            endFamily();
            require(families.add(name), "a family in two parts: " + name);
            family = name;
        }
        require(!sampled, what + " behind samples of " + name);
        require(told.add(what), what + " twice: " + name);
    }

    private void sample(String name, String labels, double value) {
        sampled = true;
        String suffix = name.startsWith(family) ? name.substring(family.length()) : "not of " + family;
        require(
                switch (type) {
                    case "counter" -> Set.of("_total", "_created").contains(suffix);
                    case "histogram" ->
                        Set.of("_bucket", "_count", "_sum", "_created").contains(suffix);
                    default -> suffix.isEmpty();
                },
                name + " is no sample of a " + type + " " + family);
        require(type.equals("gauge") || value >= 0, "negative: " + name);
        require(
                samples.put(name + (labels.isEmpty() ? "" : "{" + labels + "}"), value) == null,
                "twice: " + name + labels);
        if (suffix.equals("_bucket")) {
            Matcher bound = Pattern.compile("le=\"(\\+Inf|[0-9]+\\.[0-9]+)\"").matcher(labels);
            require(bound.matches(), "no bound: " + labels);
            double at = bound.group(1).equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bound.group(1));
            require(bounds.isEmpty() || at > bounds.get(bounds.size() - 1), "bounds out of order: " + labels);
            require(value >= lastBucket && value == Math.rint(value), "buckets do not accumulate: " + labels);
            bounds.add(at);
            lastBucket = value;
        } else if (suffix.equals("_count")) {
            require(value == lastBucket, "the count is not that of the last bucket: " + family);
        }
    }

    private void endFamily() {
        if (type.equals("histogram") && sampled) {
            require(
                    !bounds.isEmpty() && bounds.get(bounds.size() - 1) == Double.POSITIVE_INFINITY,
                    "no bucket for all: " + family);
            require(
                    samples.containsKey(family + "_count") && samples.containsKey(family + "_sum"),
                    "no count: " + family);
        }
        family = "";
        type = "unknown";
        sampled = false;
        told.clear();
        bounds.clear();
        lastBucket = 0;
    }
}
