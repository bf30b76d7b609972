package dev.ehlo.smtp.benchmarks.net;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Predicate;

/** CPU time of the threads that are measured, and the middle of several runs. */
final class Measured {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

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

    static double median(double[] runs) {
        double[] sorted = runs.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** {@code median (least to most)}. */
    static String shown(double[] runs, String unit) {
        double[] sorted = runs.clone();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT, "%.3g %s (%.3g to %.3g)", median(runs), unit, sorted[0], sorted[sorted.length - 1]);
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
