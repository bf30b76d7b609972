package dev.ehlo.smtp.benchmarks.net;

import dev.ehlo.smtp.server.SmtpServer;
import dev.ehlo.smtp.tls.LoopHealth;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The server of {@link IdleConnections}, a process of its own: a port on stdout, then a line of figures for each line. */
public final class IdleServer {
    /** How its own lines begin, among those of a log that may go to the same place. */
    static final String MARK = "idle-server: ";

    private IdleServer() {}

    /** Serves until its input ends. */
    public static void main(String[] arguments) throws IOException {
        try (SmtpServer server = Discarding.start(TlsContext.selfSigned("mx.example.org"));
                BufferedReader commands =
                        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            System.out.println(MARK + server.address(Discarding.PROFILE).getPort());
            while (commands.readLine() != null) {
                System.out.println(MARK + figures(server));
            }
        }
    }

    /** Connections, heap after collection, direct memory, resident memory, buffers lent, longest callback in us. */
    private static String figures(SmtpServer server) throws IOException {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
        long resident = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElseThrow();
        int lent = server.health().stream().mapToInt(LoopHealth::buffersLent).sum();
        long longest = server.health().stream()
                .mapToLong(LoopHealth::longestCallbackNanos)
                .max()
                .orElseThrow();
        return server.connections() + " " + heap + " " + direct + " " + resident + " " + lent + " " + longest / 1000;
    }
}
