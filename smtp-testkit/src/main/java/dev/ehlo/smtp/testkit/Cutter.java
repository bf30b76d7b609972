package dev.ehlo.smtp.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Cuts octets into parts, as a network may: what is right for the whole must be right for every cut. The parts joined
 * are the octets again; no part is empty, and none shares memory with the whole or another part.
 */
public final class Cutter {
    private Cutter() {}

    /**
     * Gives {@code use} the octets whole, then octet by octet, then in two parts, once for each place to cut at:
     * {@code n + 1} times for {@code n} octets, {@code n > 1}.
     *
     * @throws AssertionError that names the cut, around what {@code use} threw
     */
    public static void everySplit(byte[] octets, Consumer<List<byte[]>> use) {
        attempt("whole", List.of(octets.clone()), use);
        attempt("octet by octet", octetByOctet(octets), use);
        for (int at = 1; at < octets.length; at++) {
            attempt("cut after octet " + at + " of " + octets.length, at(octets, at), use);
        }
    }

    /** One part for each octet. */
    public static List<byte[]> octetByOctet(byte[] octets) {
        List<byte[]> parts = new ArrayList<>(octets.length);
        for (byte octet : octets) {
            parts.add(new byte[] {octet});
        }
        return parts;
    }

    /**
     * Two parts, the first of {@code at} octets.
     *
     * @throws IllegalArgumentException if {@code at} is not within 1 and the length less one
     */
    public static List<byte[]> at(byte[] octets, int at) {
        if (at < 1 || at >= octets.length) {
            throw new IllegalArgumentException("no cut after octet " + at + " of " + octets.length);
        }
        return List.of(Arrays.copyOf(octets, at), Arrays.copyOfRange(octets, at, octets.length));
    }

    /** A partition that the seed decides: the same for the same octets and seed, on every machine. */
    public static List<byte[]> random(byte[] octets, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        // Between octet by octet and nearly whole: a bound of its own for each partition.
        int bound = 1 + random.nextInt(Math.max(1, octets.length));
        List<byte[]> parts = new ArrayList<>();
        for (int from = 0; from < octets.length; ) {
            int to = Math.min(octets.length, from + 1 + random.nextInt(bound));
            parts.add(Arrays.copyOfRange(octets, from, to));
            from = to;
        }
        return parts;
    }

    private static void attempt(String cut, List<byte[]> parts, Consumer<List<byte[]>> use) {
        try {
            use.accept(parts);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(cut + ": " + e.getMessage(), e);
        }
    }
}
