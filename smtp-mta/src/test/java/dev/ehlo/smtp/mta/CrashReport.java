package dev.ehlo.smtp.mta;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What the kills came to. A recipient may be met twice only across a kill, and only if the first time was shortly before
 * it: when the server had not recorded yet what the sink had answered.
 */
final class CrashReport {
    /** More would say nothing more. */
    private static final int MOST_SHOWN = 20;

    private final Map<Integer, Long> kills;
    private final Duration window;
    private final List<String> lost = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final Set<Integer> killsWithDuplicates = new HashSet<>();
    private int acknowledged;
    private int unanswered;
    private int arrivals;
    private int duplicates;
    private int refusedAgain;
    private long longestNanos;

    CrashReport(Map<Integer, Long> kills, Duration window) {
        this.kills = kills;
        this.window = window;
    }

    void message(boolean isAcknowledged, Set<String> missing, int number) {
        if (isAcknowledged) {
            acknowledged++;
        } else {
            unanswered++;
        }
        if (!missing.isEmpty()) {
            lost.add("message " + number + " for " + missing);
        }
    }

    /** Those of one message, in their order. */
    void events(List<CrashLedger.Event> events, String what) {
        Map<String, CrashLedger.Event> before = new HashMap<>();
        for (CrashLedger.Event event : events) {
            CrashLedger.Event last = before.put(event.recipient() + event.message(), event);
            if (what.equals("arrived")) {
                arrivals++;
            }
            if (last == null) {
                continue;
            }
            if (what.equals("arrived")) {
                duplicates++;
            } else {
                refusedAgain++;
            }
            Long kill = kills.get(last.process());
            if (last.process() == event.process() || kill == null) {
                violations.add(what + " twice with no kill between: " + last + ", " + event);
                continue;
            }
            long nanos = kill - last.nanos();
            longestNanos = Math.max(longestNanos, nanos);
            killsWithDuplicates.add(last.process());
            if (nanos > window.toNanos()) {
                violations.add(what + " again, " + nanos / 1_000_000 + " ms before the kill at first: " + last);
            }
        }
    }

    void violation(String what) {
        violations.add(what);
    }

    List<String> lost() {
        return first(lost);
    }

    List<String> violations() {
        return first(violations);
    }

    private static List<String> first(List<String> all) {
        return all.subList(0, Math.min(MOST_SHOWN, all.size()));
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d kills, %,d messages acknowledged and %,d cut off before; %,d arrivals by recipient, %d lost, %d twice and"
                        + " %d refused twice, in %d kills, at most %d ms before them; %d violations",
                kills.size(),
                acknowledged,
                unanswered,
                arrivals,
                lost.size(),
                duplicates,
                refusedAgain,
                killsWithDuplicates.size(),
                longestNanos / 1_000_000,
                violations.size());
    }
}
