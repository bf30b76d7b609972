package dev.ehlo.smtp.benchmarks.net;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Many idle connections and some active ones on a server of 512 MiB heap, in clear and then under TLS: what an idle one
 * costs, whether anything grows, and whether the loops stay responsive. Fails if not. {@code IdleConnections [IDLE [ACTIVE
 * [SECONDS]]]}, 10000, 1000 and 60 unless said.
 */
public final class IdleConnections {
    /** Connections on their way at a time. */
    private static final int AT_ONCE = 64;

    /** Descriptors beside those of the connections. */
    private static final int SPARE_DESCRIPTORS = 300;

    private static final long PATIENCE_SECONDS = 300;

    /** What collections and caches may move between two looks at the heap. */
    private static final long HEAP_SLACK_OCTETS = 6 << 20;

    private static final long LATENCY_BOUND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Process process;
    private final LinkedBlockingQueue<String> said = new LinkedBlockingQueue<>();
    private final InetSocketAddress server;
    private final Semaphore places = new Semaphore(AT_ONCE);
    private final AtomicInteger ready = new AtomicInteger();
    private final ConcurrentLinkedQueue<CloseCause> lost = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Long> latencies = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean stop = new AtomicBoolean();

    private record Figures(int connections, long heap, long direct, long resident, int lent, long longestMicros) {}

    private IdleConnections() throws IOException, InterruptedException {
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        IdleServer.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread reader = new Thread(this::read, "idle-server-output");
        reader.setDaemon(true);
        reader.start();
        server = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(line()));
    }

    /** Runs both, prints the figures, and exits with 1 if they are not as they should be. */
    public static void main(String[] arguments) throws Exception {
        int idle = argument(arguments, 0, 10_000);
        int active = argument(arguments, 1, 1_000);
        int seconds = argument(arguments, 2, 60);
        run(idle, active, seconds, null);
        run(idle, active, seconds, TlsContext.client(ClientTrust.insecure(), "mx.example.org"));
    }

    private static int argument(String[] arguments, int index, int otherwise) {
        return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
    }

    /**
     * One run.
     *
     * @param tls null for in clear
     * @throws IllegalStateException if the system allows too few connections, or the figures are not as they should be
     */
    static void run(int idle, int active, int seconds, @Nullable TlsContext tls) throws Exception {
        long needed = (long) idle + active + SPARE_DESCRIPTORS;
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                && unix.getMaxFileDescriptorCount() < needed) {
            throw new IllegalStateException("the system allows " + unix.getMaxFileDescriptorCount()
                    + " open files, and this needs " + needed + ": ulimit -n " + needed);
        }
        IdleConnections run = new IdleConnections();
        try (Reactor reactor = Reactor.start("soak-client", 1)) {
            run.run(reactor, idle, active, seconds, tls);
        } finally {
            run.process.destroyForcibly().waitFor();
        }
    }

    private void run(Reactor reactor, int idle, int active, int seconds, @Nullable TlsContext tls) throws Exception {
        int warm = Math.max(1, idle / 50);
        connect(reactor, warm, false, tls); // classes, code and pools are there before it is counted
        Figures before = look();
        connect(reactor, idle, false, tls);
        Figures still = look();
        System.out.printf(
                Locale.ROOT,
                "%-8s %d idle: %d octets of heap, %d of direct memory, %d resident each; buffers lent %d%n",
                tls == null ? "clear" : "TLS",
                still.connections,
                (still.heap - before.heap) / idle,
                (still.direct - before.direct) / idle,
                (still.resident - before.resident) / idle,
                still.lent);
        check(still.lent == 0, "idle connections hold buffers: " + still.lent);
        connect(reactor, active, true, tls);
        TimeUnit.SECONDS.sleep(Math.max(1, seconds / 6));
        Figures early = look();
        latencies.clear();
        TimeUnit.SECONDS.sleep(seconds);
        stop.set(true);
        long[] nanos = latencies.stream().mapToLong(Long::longValue).sorted().toArray();
        Figures late = look();
        System.out.printf(
                Locale.ROOT,
                "         %d active beside them for %d s: %d messages, taken in %.1f ms (median), %.1f (99 %%), %.1f (longest);"
                        + " heap %d to %d KiB, resident %d to %d MiB, longest callback %d us%n",
                active,
                seconds,
                nanos.length,
                nanos[nanos.length / 2] / 1e6,
                nanos[(int) (nanos.length * 0.99)] / 1e6,
                nanos[nanos.length - 1] / 1e6,
                early.heap >> 10,
                late.heap >> 10,
                early.resident >> 20,
                late.resident >> 20,
                late.longestMicros);
        check(lost.isEmpty(), "connections were lost: " + lost.peek());
        check(late.connections == warm + idle + active, "connections: " + late.connections);
        check(
                late.heap <= early.heap + HEAP_SLACK_OCTETS,
                "the heap has grown from " + early.heap + " to " + late.heap);
        check(nanos[(int) (nanos.length * 0.99)] < LATENCY_BOUND_NANOS, "one in a hundred waits for a second");
    }

    private void connect(Reactor reactor, int count, boolean active, @Nullable TlsContext tls) throws Exception {
        int all = ready.get() + count;
        for (int i = 0; i < count; i++) {
            check(places.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS), "no connection in time: " + lost.peek());
            IdleClient client = new IdleClient(tls, active, stop, new IdleClient.Told() {
                @Override
                public void ready() {
                    ready.incrementAndGet();
                    places.release();
                }

                @Override
                public void taken(long nanos) {
                    latencies.add(nanos);
                }

                @Override
                public void lost(CloseCause cause) {
                    lost.add(cause);
                }
            });
            reactor.connect(server, TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS), null, client);
        }
        check(places.tryAcquire(AT_ONCE, PATIENCE_SECONDS, TimeUnit.SECONDS), "not ready in time: " + lost.peek());
        places.release(AT_ONCE);
        check(ready.get() == all, "ready: " + ready + " of " + all);
    }

    private Figures look() throws IOException, InterruptedException {
        OutputStream commands = process.getOutputStream();
        commands.write('\n');
        commands.flush();
        long[] figures =
                Arrays.stream(line().split(" ", -1)).mapToLong(Long::parseLong).toArray();
        return new Figures((int) figures[0], figures[1], figures[2], figures[3], (int) figures[4], figures[5]);
    }

    /** Reads on whatever else is done, as a server whose log nobody reads stands still. */
    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(IdleServer.MARK)) {
                    said.add(line.substring(IdleServer.MARK.length()));
                }
            }
        } catch (IOException e) {
            said.add("no figures, for the server's output cannot be read: " + e);
        }
    }

    private String line() throws IOException, InterruptedException {
        String line = said.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (line == null) {
            throw new IOException("the server says nothing");
        }
        return line;
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
