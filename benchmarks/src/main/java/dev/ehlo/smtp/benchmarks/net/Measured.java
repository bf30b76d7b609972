package dev.ehlo.smtp.benchmarks.net;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** CPU time of the threads that are measured, and the middle of several runs. */
final class Measured {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /** What Linux counts CPU time of processes in, unless it was built otherwise. */
    private static final double TICKS_PER_SECOND = 100;
    /** Of the fields behind the name: utime, and then stime, cutime, cstime. */
    private static final int FIRST_TIME = 11;

    private Measured() {}

    /** CPU nanoseconds that live threads of such names have used; those of one thread that has ended are missing. */
    static long cpuNanos(Predicate<String> name) {
        long nanos = 0;
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (name.test(thread.getName())) {
                nanos += Math.max(0, THREADS.getThreadCpuTime(thread.getId()));
            }
        }
        return nanos;
    }

    /** CPU nanoseconds of the thread that asks. */
    static long ownCpuNanos() {
        return THREADS.getCurrentThreadCpuTime();
    }

    /** CPU milliseconds that a process and all it has started have used, user and system. Linux alone tells. */
    static double cpuMillis(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants())
                        .mapToDouble(each -> ticks(each.pid()))
                        .sum()
                * 1e3
                / TICKS_PER_SECOND;
    }

    /** Its own, and those of children that have ended. */
    private static double ticks(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return Arrays.stream(fields, FIRST_TIME, FIRST_TIME + 4)
                    .mapToDouble(Double::parseDouble)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException("process " + pid + " has gone while it was measured", e);
        }
    }

    /** Octets that live threads of such names have allocated. */
    static long allocatedOctets(Predicate<String> name) {
        long octets = 0;
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (name.test(thread.getName())) {
                octets += Math.max(0, THREADS.getThreadAllocatedBytes(thread.getId()));
            }
        }
        return octets;
    }

    static double median(double[] runs) {
        double[] sorted = runs.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** {@code median (least to most)}. */
    static String shown(double[] runs, String unit) {
        double[] sorted = runs.clone();
        Arrays.sort(sorted);
        return number(median(runs)) + (unit.isEmpty() ? "" : " " + unit) + " (" + number(sorted[0]) + " to "
                + number(sorted[sorted.length - 1]) + ")";
    }

    /** Three digits, or as many as there are before the point. */
    private static String number(double value) {
        return String.format(Locale.ROOT, value < 1000 ? "%.3g" : "%,.0f", value);
    }

    /** Ratios of runs that were made side by side. */
    static double[] ratios(double[] of, double[] to) {
        double[] ratios = new double[of.length];
        Arrays.setAll(ratios, i -> of[i] / to[i]);
        return ratios;
    }

    /** One line: both, and the first to the second. */
    static void print(String name, double[] ours, double[] theirs, String unit, String aim) {
        System.out.printf(
                Locale.ROOT,
                "%-32s %s; %s; ratio %s, aim %s%n",
                name,
                shown(ours, unit),
                shown(theirs, unit),
                shown(ratios(ours, theirs), ""),
                aim);
    }
}
