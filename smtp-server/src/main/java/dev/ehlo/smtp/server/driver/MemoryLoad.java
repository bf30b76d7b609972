package dev.ehlo.smtp.server.driver;

import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/** How much of the memory that the JVM may have is taken, from 0 to 1. Used on one thread. */
public final class MemoryLoad {
    /**
     * Without another collection a figure is believed so long: a heap that is full is collected all the time, and one that
     * has become empty may not be for hours, in which nobody is to be turned away.
     */
    static final Duration BELIEVED = Duration.ofSeconds(10);

    private static final String DIRECT_OPTION = "-XX:MaxDirectMemorySize=";

    private MemoryLoad() {}

    /** What was live on the heap after the last collection: what is garbage does not count. */
    public static DoubleSupplier ofHeap(LongSupplier nanoTime) {
        List<MemoryPoolMXBean> pools = ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .toList();
        List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
        return ofCollected(
                () -> sum(collectors, GarbageCollectorMXBean::getCollectionCount),
                () -> sum(pools, MemoryLoad::live),
                Runtime.getRuntime().maxMemory(),
                nanoTime);
    }

    static DoubleSupplier ofCollected(
            LongSupplier collections, LongSupplier liveOctets, long maxOctets, LongSupplier nanoTime) {
        return new DoubleSupplier() {
            private long seen = collections.getAsLong();
            private long seenAt = nanoTime.getAsLong();

            @Override
            public double getAsDouble() {
                long count = collections.getAsLong();
                long now = nanoTime.getAsLong();
                if (count != seen) {
                    seen = count;
                    seenAt = now;
                }
                return now - seenAt >= BELIEVED.toNanos() ? 0 : (double) liveOctets.getAsLong() / maxOctets;
            }
        };
    }

    private static <T> long sum(List<T> beans, ToLongFunction<T> figure) {
        return beans.stream().mapToLong(figure).sum();
    }

    /** Some collectors tell it of no pool, and some pools are not collected. */
    private static long live(MemoryPoolMXBean pool) {
        MemoryUsage usage = pool.getCollectionUsage();
        return usage == null ? 0 : usage.getUsed();
    }

    /** What buffers outside the heap take. */
    public static DoubleSupplier ofBuffers() {
        long most = maxDirect(ManagementFactory.getRuntimeMXBean().getInputArguments());
        List<BufferPoolMXBean> direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .toList();
        return () -> (double) sum(direct, BufferPoolMXBean::getMemoryUsed) / most;
    }

    /** As large as the heap, unless the JVM was told otherwise; the last one counts. */
    static long maxDirect(List<String> arguments) {
        long most = Runtime.getRuntime().maxMemory();
        for (String argument : arguments) {
            if (argument.startsWith(DIRECT_OPTION)) {
                long told = octets(argument.substring(DIRECT_OPTION.length()).toLowerCase(Locale.ROOT));
                most = told > 0 ? told : most;
            }
        }
        return most;
    }

    private static long octets(String text) {
        int unit = "kmgt".indexOf(text.charAt(text.length() - 1)) + 1;
        return Long.parseLong(unit == 0 ? text : text.substring(0, text.length() - 1)) << 10 * unit;
    }
}
