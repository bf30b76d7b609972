package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.client.ConnectionLimits;
import dev.ehlo.smtp.client.ConnectionReuse;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmtpClient;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ehlo load}: many messages to one server, and how long it took with them. */
@Command(
        name = "load",
        description = "Send many messages to a server of your own and measure; exit code 0 only if all were relayed. "
                + "It goes as fast as the server lets it: not for servers of others.",
        mixinStandardHelpOptions = true)
final class LoadCommand implements Callable<Integer> {
    private static final long DEFAULT_MESSAGES = 1000;
    private static final int MAX_CONNECTIONS = 10_000;
    private static final int MAX_IN_FLIGHT = 100_000;
    private static final int MAX_RECIPIENTS = 10_000;
    private static final int MAX_OCTETS = 1 << 30;
    private static final double MAX_PER_SECOND = 1e6;

    /** Longer than deliveries that are given up, and the connections that are left, take. */
    private static final long END_NANOS = LoadRun.GRACE_NANOS + TimeUnit.SECONDS.toNanos(5);

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "HOST:PORT", arity = "1", description = "Whom to send to.")
    private String server;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "10",
            description = "How many there are at once (default: 10).")
    private int connections;

    @Option(
            names = "--in-flight",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Messages that are on their way at once; those beyond the connections go behind others, where "
                            + "the server offers PIPELINING (default: one on each connection).")
    private int inFlight;

    @Option(
            names = "--messages",
            paramLabel = "N",
            description = "How many to send (default: 1000, or as many as the duration lets it).")
    private @Nullable Long messages;

    @Option(names = "--duration", paramLabel = "TIME", description = "How long to begin new ones, as 30s, 5m or 1h.")
    private @Nullable String duration;

    @Option(
            names = "--size",
            paramLabel = "OCTETS",
            defaultValue = "4k",
            description = "Octets of a message, as 4096, 4k or 1m (default: 4k).")
    private String size;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "0",
            description = "Messages a second, whether or not earlier ones have ended: the time of one counts from when "
                    + "it was due (default: the next when one has ended).")
    private double rate;

    @Option(
            names = "--recipients",
            paramLabel = "N",
            defaultValue = "1",
            description = "Recipients of each message: 1, 2, … in front of the address that --to says (default: that "
                    + "one alone).")
    private int recipients;

    @Option(
            names = "--per-connection",
            paramLabel = "N",
            defaultValue = "0",
            description = "Messages of one connection at most; 1 for a connection each (default: no limit).")
    private int perConnection;

    @Option(
            names = "--tls",
            paramLabel = "none|starttls|implicit",
            defaultValue = "none",
            description = "When to turn to TLS (default: none).")
    private String tls;

    @Mixin
    private Access access;

    @Option(
            names = "--from",
            paramLabel = "ADDRESS",
            defaultValue = "load@example.org",
            description = "The sender; '' for none (default: load@example.org).")
    private String from;

    @Option(
            names = "--to",
            paramLabel = "ADDRESS",
            defaultValue = "load@example.net",
            description = "The recipient (default: load@example.net).")
    private String to;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "What the content is drawn from (default: 1).")
    private long seed;

    @Option(names = "--json", description = "Tell the figures as one object of JSON.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    LoadCommand() {}

    @Override
    public Integer call() throws Failure, InterruptedException {
        try {
            LoadRun.Plan plan = plan();
            Smarthost smarthost = access.smarthost(server, tls);
            Envelope envelope = envelope();
            LoadMessage message =
                    new LoadMessage(Amount.octets(size, MAX_OCTETS), from, to, Instant.now(), new Random(seed));
            return run(smarthost, envelope, message, plan);
        } catch (IllegalArgumentException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }

    private LoadRun.Plan plan() throws Failure {
        check("--connections", connections, 1, MAX_CONNECTIONS);
        check("--in-flight", inFlight, 0, MAX_IN_FLIGHT);
        check("--recipients", recipients, 1, MAX_RECIPIENTS);
        check("--per-connection", perConnection, 0, Integer.MAX_VALUE);
        if (!(rate >= 0 && rate <= MAX_PER_SECOND)) {
            throw new Failure("--rate is above 0 and at most 1,000,000 a second, not " + rate);
        }
        long most = messages != null ? messages : duration == null ? DEFAULT_MESSAGES : Long.MAX_VALUE;
        check("--messages", most, 1, Long.MAX_VALUE);
        long nanos = duration == null ? Long.MAX_VALUE : Amount.time(duration).toNanos();
        return new LoadRun.Plan(inFlight == 0 ? connections : inFlight, most, nanos, rate);
    }

    private static void check(String option, long value, long least, long most) throws Failure {
        if (value < least || value > most) {
            throw new Failure(option + " is from " + least + " to " + most + ", not " + value);
        }
    }

    private Envelope envelope() {
        Mailbox first = Mailbox.parse(to);
        String[] all = recipients == 1
                ? new String[] {to}
                : IntStream.rangeClosed(1, recipients)
                        .mapToObj(i -> new Mailbox(i + first.localPart(), first.domain()).toString())
                        .toArray(String[]::new);
        return Envelope.from(from).to(all);
    }

    private int run(Smarthost smarthost, Envelope envelope, LoadMessage message, LoadRun.Plan plan)
            throws InterruptedException {
        LoadTally tally = new LoadTally();
        CountDownLatch told = new CountDownLatch(1);
        LoadRun run;
        try {
            try (SmtpClient client =
                    SmtpClient.builder().reuse(reuse()).connections(limits()).build()) {
                run = new LoadRun(client.to(smarthost), envelope, message, plan, tally, System::nanoTime);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> end(run, told), "stop"));
                LoadProgress progress = progress(tally, plan);
                run.run(progress, progress.everyNanos());
                progress.end();
            }
            tell(new LoadReport(tally, message.octets(), run.nanos(), run.behind(), run.isStopped()));
        } finally {
            told.countDown();
        }
        LoadTally.Counts counts = tally.counts();
        return counts.relayed() == counts.messages() && counts.messages() > 0 && !run.isStopped()
                ? Ehlo.DONE
                : Ehlo.NOT_ALL_ACCEPTED;
    }

    private LoadProgress progress(LoadTally tally, LoadRun.Plan plan) {
        CommandLine command = spec.commandLine();
        boolean rewritten = Boolean.getBoolean("ehlo.terminal") && !json;
        return new LoadProgress(tally, plan.messages(), rewritten ? command.getOut() : command.getErr(), rewritten);
    }

    /** Connections are not to go while there is more to send. */
    private ConnectionReuse reuse() {
        Duration longest = Duration.ofDays(1);
        int most = perConnection == 0 ? Integer.MAX_VALUE : perConnection;
        return new ConnectionReuse(longest, most, longest);
    }

    private ConnectionLimits limits() {
        return ConnectionLimits.standard()
                .perDestination(connections)
                .inAll(connections)
                .waiting(MAX_IN_FLIGHT, Duration.ofDays(1));
    }

    /** By a signal: the JVM ends when this returns. */
    private static void end(LoadRun run, CountDownLatch told) {
        run.stop();
        try {
            if (!told.await(END_NANOS, TimeUnit.NANOSECONDS)) {
                System.err.println("ehlo: ended without a report, as deliveries did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(LoadReport report) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(report.json());
        } else {
            report.print(out);
        }
        out.flush();
    }
}
