package dev.ehlo.smtp.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * A host that serves a domain, as an SRV record names it. RFC 2782.
 *
 * @param host its name, without a dot at the end; as DNS gave it, so escape it where it is shown
 * @param port where it serves; 0 to 65535
 * @param priority the lower, the sooner; 0 to 65535
 * @param weight its share among those of the same priority; 0 to 65535
 */
public record SrvTarget(String host, int port, int priority, int weight) {
    /** @throws IllegalArgumentException if a number is out of its range */
    public SrvTarget {
        for (int each : new int[] {port, priority, weight}) {
            if (each < 0 || each > 65_535) {
                throw new IllegalArgumentException("not a number of an SRV record: " + each);
            }
        }
    }

    /**
     * The targets in the order in which one client is to try them: by priority, and among those of the same priority at
     * random, each with a chance by its weight to come before the rest. RFC 2782, on weight.
     */
    public static List<SrvTarget> inOrder(List<SrvTarget> targets, RandomGenerator random) {
        List<SrvTarget> ordered = new ArrayList<>();
        targets.stream()
                .collect(Collectors.groupingBy(SrvTarget::priority, TreeMap::new, Collectors.toList()))
                .values()
                .forEach(equals -> shuffle(equals, random, ordered));
        return ordered;
    }

    private static void shuffle(List<SrvTarget> equals, RandomGenerator random, List<SrvTarget> ordered) {
        // Those of weight 0 in front, where they have a small chance; without it they would have none beside others.
        List<SrvTarget> left = new ArrayList<>(equals);
        left.sort(Comparator.comparing(each -> each.weight > 0));
        int sum = left.stream().mapToInt(SrvTarget::weight).sum();
        while (!left.isEmpty()) {
            int drawn = random.nextInt(sum + 1);
            int at = 0;
            for (int running = left.get(0).weight; running < drawn; running += left.get(at).weight) {
                at++;
            }
            SrvTarget next = left.remove(at);
            sum -= next.weight;
            ordered.add(next);
        }
    }
}
