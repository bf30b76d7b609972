package dev.ehlo.smtp.mta;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a load came to, for people or as one object of JSON. Rates are of messages that were relayed to all.
 *
 * @param tally nothing is added to it any more
 * @param octets of one message
 * @param nanos it took
 * @param behind messages that were due and not begun
 * @param isInterrupted whether somebody ended it
 */
record LoadReport(LoadTally tally, long octets, long nanos, long behind, boolean isInterrupted) {
    private static final List<Share> SHARES =
            List.of(new Share("p50", 0.5), new Share("p90", 0.9), new Share("p99", 0.99), new Share("p99.9", 0.999));

    private record Share(String name, double share) {}

    void print(PrintWriter out) {
        LoadTally.Counts counts = tally.counts();
        line(
                out,
                "messages",
                String.format(
                        Locale.ROOT,
                        "%d, %d relayed, in %.2f s: %.1f/s, %.2f MB/s",
                        counts.messages(),
                        counts.relayed(),
                        seconds(),
                        perSecond(),
                        megabytesPerSecond()));
        for (LoadTally.Status each : tally.statuses()) {
            line(out, name(each), each.recipients() + (each.recipients() == 1 ? " recipient" : " recipients"));
            each.replies().forEach(reply -> line(out, "", reply.toString()));
            if (each.andOthers()) {
                line(out, "", "and others");
            }
        }
        if (counts.messages() > 0) {
            line(out, "time", milliseconds(", ", name -> name + ' ', " ms"));
        }
        if (behind > 0) {
            line(out, "behind", behind + " messages were due and could not be begun");
        }
        if (isInterrupted) {
            line(out, "interrupted", "the messages above are those until then");
        }
    }

    private static void line(PrintWriter out, String name, String text) {
        out.printf(Locale.ROOT, "%-12s %s%n", name, text);
    }

    /** One line, without its end. */
    String json() {
        LoadTally.Counts counts = tally.counts();
        return String.format(
                Locale.ROOT,
                "{\"messages\":%d,\"relayed\":%d,\"octets\":%d,\"seconds\":%.3f,\"messagesPerSecond\":%.1f,"
                        + "\"megabytesPerSecond\":%.3f,\"milliseconds\":{%s},\"recipients\":{%s},\"replies\":{%s},"
                        + "\"behind\":%d,\"interrupted\":%b}",
                counts.messages(),
                counts.relayed(),
                octets,
                seconds(),
                perSecond(),
                megabytesPerSecond(),
                milliseconds(",", name -> Json.quoted(name) + ':', ""),
                byStatus(each -> String.valueOf(each.recipients())),
                byStatus(each -> each.replies().stream()
                        .map(reply -> Json.quoted(reply.toString()))
                        .collect(Collectors.joining(",", "[", "]"))),
                behind,
                isInterrupted);
    }

    private String byStatus(Function<LoadTally.Status, String> value) {
        return tally.statuses().stream()
                .map(each -> Json.quoted(name(each)) + ':' + value.apply(each))
                .collect(Collectors.joining(","));
    }

    private static String name(LoadTally.Status each) {
        return each.status().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private String milliseconds(String between, Function<String, String> shown, String unit) {
        return SHARES.stream()
                        .map(each -> shown.apply(each.name()) + millis(tally.within(each.share())) + unit)
                        .collect(Collectors.joining(between))
                + between
                + shown.apply("max")
                + millis(tally.longest())
                + unit;
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.3f", nanos / 1e6);
    }

    private double seconds() {
        return nanos / 1e9;
    }

    private double perSecond() {
        return nanos == 0 ? 0 : tally.counts().relayed() / seconds();
    }

    private double megabytesPerSecond() {
        return perSecond() * octets / 1e6;
    }
}
