package dev.ehlo.smtp.benchmarks.net;

import dev.ehlo.smtp.server.SmtpServer;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.reactor.Reactor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a message costs the loops of a server whose handler is inline, after a warm-up: octets allocated for one of 4 KiB,
 * and CPU for a mebibyte in bulk with how much comes through, in clear and under TLS, with the client in the same process.
 * {@code MessageFigure [RUNS]} prints rows of a Markdown table.
 */
public final class MessageFigure {
    private static final int SMALL_CONNECTIONS = 20;
    private static final int SMALL_OCTETS = 4096;
    private static final long SMALL_MESSAGES = 20_000;
    private static final int BULK_CONNECTIONS = 4;
    private static final int BULK_OCTETS = 1 << 20;
    private static final long BULK_MESSAGES = 400;

    private MessageFigure() {}

    /** Prints the rows. */
    public static void main(String[] arguments) throws Exception {
        int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 5;
        TlsContext trust = TlsContext.client(ClientTrust.insecure(), "mx.example.org");
        try (SmtpServer server = Discarding.start(TlsContext.selfSigned("mx.example.org"));
                Reactor clients = Reactor.start("figure-client", 1)) {
            for (boolean tls : new boolean[] {false, true}) {
                String mode = tls ? "under TLS" : "in clear";
                double[] garbage = new double[runs];
                try (MessageLoad load = new MessageLoad(
                        clients,
                        server.address(Discarding.PROFILE),
                        SMALL_CONNECTIONS,
                        SMALL_OCTETS,
                        tls ? trust : null)) {
                    for (int run = -2; run < runs; run++) { // two to warm up
                        long before = Measured.allocatedOctets(MessageFigure::isLoop);
                        load.send(SMALL_MESSAGES);
                        if (run >= 0) {
                            garbage[run] = (double) (Measured.allocatedOctets(MessageFigure::isLoop) - before)
                                    / SMALL_MESSAGES;
                        }
                    }
                }
                print("garbage a message of 4 KiB, " + mode, garbage, "octets");
                bulk(server, clients, runs, mode, tls ? trust : null);
            }
        }
    }

    private static void bulk(SmtpServer server, Reactor clients, int runs, String mode, @Nullable TlsContext tls)
            throws Exception {
        double[] rate = new double[runs];
        double[] cpu = new double[runs];
        try (MessageLoad load =
                new MessageLoad(clients, server.address(Discarding.PROFILE), BULK_CONNECTIONS, BULK_OCTETS, tls)) {
            for (int run = -2; run < runs; run++) {
                long cpuBefore = Measured.cpuNanos(MessageFigure::isLoop);
                long begun = System.nanoTime();
                load.send(BULK_MESSAGES);
                if (run >= 0) {
                    rate[run] = BULK_MESSAGES * 1e9 / (System.nanoTime() - begun);
                    cpu[run] = (Measured.cpuNanos(MessageFigure::isLoop) - cpuBefore) / 1e3 / BULK_MESSAGES;
                }
            }
        }
        print("bulk " + mode, rate, "MiB/s");
        print("bulk " + mode + ", CPU a MiB", cpu, "us");
    }

    private static boolean isLoop(String thread) {
        return thread.startsWith(Discarding.THREADS);
    }

    private static void print(String name, double[] runs, String unit) {
        System.out.printf(Locale.ROOT, "| %s | %s |%n", name, Measured.shown(runs, unit));
    }
}
