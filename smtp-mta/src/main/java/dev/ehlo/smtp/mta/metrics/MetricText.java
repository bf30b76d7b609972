package dev.ehlo.smtp.mta.metrics;

import java.util.Locale;

/**
 * Text in the format of OpenMetrics 1.0, built family by family: {@link #family} begins one, and what follows are its
 * samples. Names and units are the caller's own and constant; values of labels may be any text, and are escaped. Used by
 * one thread.
 *
 * <pre>
 *     # TYPE ehlo_transactions counter
 *     # HELP ehlo_transactions Transactions that are over.
 *     ehlo_transactions_total{outcome="accepted"} 17
 *     # EOF
 * </pre>
 */
final class MetricText {
    /** What it is served as. */
    static final String CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /** What a family is, of those kinds that are used here. */
    enum Kind {
        COUNTER("_total"),
        GAUGE(""),
        HISTOGRAM("");

        private final String suffix;

        Kind(String suffix) {
            this.suffix = suffix;
        }
    }

    private static final int NANO_DIGITS = 9;

    private final StringBuilder text = new StringBuilder(16 * 1024);
    private String name = "";
    private Kind kind = Kind.GAUGE;

    /** Begins a family; a name that ends with one of the units of OpenMetrics has it said. */
    MetricText family(String named, Kind of, String help) {
        name = named;
        kind = of;
        text.append("# TYPE ")
                .append(name)
                .append(' ')
                .append(of.name().toLowerCase(Locale.ROOT))
                .append('\n');
        for (String unit : new String[] {"seconds", "bytes"}) {
            if (named.endsWith('_' + unit)) {
                text.append("# UNIT ").append(name).append(' ').append(unit).append('\n');
            }
        }
        text.append("# HELP ").append(name).append(' ').append(escaped(help)).append('\n');
        return this;
    }

    /** The one sample of a family without labels. */
    MetricText sample(long value) {
        text.append(name).append(kind.suffix).append(' ').append(value).append('\n');
        return this;
    }

    /** A sample with one label. */
    MetricText sample(String label, String of, long value) {
        labelled(label, of).append(value).append('\n');
        return this;
    }

    /** A sample with one label, of so many nanoseconds, in seconds. */
    MetricText seconds(String label, String of, long nanos) {
        labelled(label, of).append(seconds(nanos)).append('\n');
        return this;
    }

    private StringBuilder labelled(String label, String of) {
        return text.append(name)
                .append(kind.suffix)
                .append('{')
                .append(label)
                .append("=\"")
                .append(escaped(of))
                .append("\"} ");
    }

    /** A sample of a histogram's: how many were at most so long. */
    MetricText bucket(long nanos, long count) {
        text.append(name)
                .append("_bucket{le=\"")
                .append(seconds(nanos))
                .append("\"} ")
                .append(count)
                .append('\n');
        return this;
    }

    /** The end of a histogram: all of them. */
    MetricText all(long count, long totalNanos) {
        text.append(name).append("_bucket{le=\"+Inf\"} ").append(count).append('\n');
        text.append(name).append("_count ").append(count).append('\n');
        text.append(name).append("_sum ").append(seconds(totalNanos)).append('\n');
        return this;
    }

    /** A decimal number with at least one digit behind the point, and no more than there are. */
    private static String seconds(long nanos) {
        String digits = String.format(Locale.ROOT, "%010d", Math.max(0, nanos));
        int point = digits.length() - NANO_DIGITS;
        int end = digits.length();
        while (end > point + 1 && digits.charAt(end - 1) == '0') {
            end--;
        }
        return digits.substring(0, point) + '.' + digits.substring(point, end);
    }

    private static String escaped(String value) {
        StringBuilder escaped = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> escaped.append("\\\\");
                case '"' -> escaped.append("\\\"");
                case '\n' -> escaped.append("\\n");
                default -> escaped.append(c >= ' ' && c < 0x7F ? c : '?');
            }
        }
        return escaped.toString();
    }

    /** The whole, with its end; nothing is added after it. */
    String end() {
        return text.append("# EOF\n").toString();
    }
}
