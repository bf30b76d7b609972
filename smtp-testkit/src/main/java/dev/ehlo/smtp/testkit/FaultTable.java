package dev.ehlo.smtp.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** Which fault a command meets. Filled before use, then shared by the connections. */
final class FaultTable {
    private record Row(String pattern, Fault fault, AtomicInteger left) {}

    private final List<Row> rows = new ArrayList<>();

    void add(String pattern, Fault fault) {
        rows.add(new Row(pattern.toUpperCase(Locale.ROOT), fault, new AtomicInteger(fault.times)));
    }

    /** The faults of this command in the order they were given, up to the first that is an answer. Counts them. */
    List<Fault> take(String command) {
        List<Fault> met = new ArrayList<>();
        for (Row row : rows) {
            if (Wildcard.matches(row.pattern(), command.toUpperCase(Locale.ROOT)) && count(row)) {
                met.add(row.fault());
                if (row.fault().kind != Fault.Kind.HOLD) {
                    break;
                }
            }
        }
        return met;
    }

    private static boolean count(Row row) {
        return row.left().getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    }

    /** A copy with counts of its own. */
    FaultTable copy() {
        FaultTable copy = new FaultTable();
        rows.forEach(row -> copy.rows.add(new Row(row.pattern(), row.fault(), new AtomicInteger(row.fault().times))));
        return copy;
    }
}
