package dev.ehlo.smtp.mta.selftest;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/**
 * What a campaign came to, for people or as one object of JSON.
 *
 * @param verdicts all of them
 * @param factor by which time limits were shorter, where they were
 * @param seconds it took
 */
public record Report(List<Verdict> verdicts, int factor, double seconds) {
    public Report {
        verdicts = List.copyOf(verdicts);
    }

    /** Whether the server held, and was attacked at all. */
    public boolean isHeld() {
        return count(Verdict.Outcome.BROKEN) == 0 && count(Verdict.Outcome.HELD) > 0;
    }

    private long count(Verdict.Outcome outcome) {
        return verdicts.stream().filter(each -> each.outcome() == outcome).count();
    }

    /** A line for each attack by each entrance. */
    public void print(PrintWriter out) {
        for (Verdict each : verdicts) {
            String name = each.attack().name() + (isHurried(each) ? " *" : "");
            String seen = each.seen().isEmpty() ? "" : "  " + each.seen();
            out.printf(
                    Locale.ROOT,
                    "%-4s %-11s %-8s %-14s %s%s%n",
                    each.attack().id(),
                    each.entrance().profile(),
                    word(each.entrance().tls()),
                    words(each.outcome()),
                    name,
                    seen);
        }
        out.printf(
                Locale.ROOT,
                "%s: %d held, %d broken, %d not applicable, in %.1f s (* with time limits %d times as short)%n",
                isHeld() ? "HELD" : "BROKEN",
                count(Verdict.Outcome.HELD),
                count(Verdict.Outcome.BROKEN),
                count(Verdict.Outcome.NOT_APPLICABLE),
                seconds,
                factor);
    }

    private static boolean isHurried(Verdict verdict) {
        return verdict.attack().pace() != Attack.Pace.AS_CONFIGURED;
    }

    private static String word(Entrance.Tls tls) {
        return tls.name().toLowerCase(Locale.ROOT);
    }

    private static String words(Verdict.Outcome outcome) {
        return outcome.name().replace('_', ' ');
    }

    /** One line, without its end. */
    public String json() {
        StringBuilder json = new StringBuilder();
        for (Verdict each : verdicts) {
            json.append(json.length() == 0 ? "" : ",")
                    .append("{\"id\":")
                    .append(quoted(each.attack().id()))
                    .append(",\"attack\":")
                    .append(quoted(each.attack().name()))
                    .append(",\"profile\":")
                    .append(quoted(each.entrance().profile()))
                    .append(",\"tls\":")
                    .append(quoted(word(each.entrance().tls())))
                    .append(",\"verdict\":")
                    .append(quoted(words(each.outcome())))
                    .append(",\"proof\":")
                    .append(quoted(each.attack().proof()))
                    .append(",\"seen\":")
                    .append(quoted(each.seen()))
                    .append(String.format(Locale.ROOT, ",\"seconds\":%.3f", each.seconds()))
                    .append(",\"timeFactor\":")
                    .append(isHurried(each) ? factor : 1)
                    .append('}');
        }
        return String.format(
                Locale.ROOT,
                "{\"held\":%d,\"broken\":%d,\"notApplicable\":%d,\"seconds\":%.1f,\"attacks\":[%s]}",
                count(Verdict.Outcome.HELD),
                count(Verdict.Outcome.BROKEN),
                count(Verdict.Outcome.NOT_APPLICABLE),
                seconds,
                json);
    }

    /** Of text that has no control characters, as {@link Shown} makes it. RFC 8259. */
    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
