package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.client.ConnectionReuse;
import dev.ehlo.smtp.client.DialogueListener;
import dev.ehlo.smtp.client.Smarthost;
import dev.ehlo.smtp.client.SmarthostPresets;
import dev.ehlo.smtp.client.SmtpClient;
import dev.ehlo.smtp.client.SrvResolver;
import dev.ehlo.smtp.client.SubmissionDiscovery;
import dev.ehlo.smtp.queue.LanePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ehlo send}: submits one message and tells what the server said for each recipient. */
@Command(
        name = "send",
        description = "Submit a message; exit code 0 only if every recipient was accepted.",
        mixinStandardHelpOptions = true)
final class SendCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--server",
            paramLabel = "SERVICE",
            description =
                    "Whom to submit to: " + Service.NAMES + "; of a host without a port 465, 587 or 2525, whichever "
                            + "is open (default: whom the domain of the login, or else of the sender, names in its SRV records).")
    private @Nullable String server;

    @Option(
            names = "--tls",
            paramLabel = "none|starttls|implicit",
            description = "When to turn to TLS at HOST:PORT (default: implicit at ports 465 and 2465, else starttls).")
    private @Nullable String tls;

    @Mixin
    private Access access;

    @Option(names = "--from", paramLabel = "ADDRESS", required = true, description = "The sender; '' for none.")
    private String from;

    @Option(names = "--to", paramLabel = "ADDRESS", required = true, split = ",", description = "The recipients.")
    private List<String> to = new ArrayList<>();

    @Option(names = "-v", description = "Show the dialogue, without credentials.")
    private boolean verbose;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..1",
            defaultValue = "-",
            description = "The message; - or nothing for standard input.")
    private Path file;

    private final InputStream in;

    @SuppressWarnings("NullAway.Init") // picocli fills the other fields
    SendCommand(InputStream in) {
        this.in = in;
    }

    @Override
    public Integer call() throws Failure, IOException {
        boolean fromStandardInput = file.toString().equals("-");
        if (!fromStandardInput && (Files.isDirectory(file) || !Files.isReadable(file))) {
            throw new Failure("no such file, or not to be read: " + file);
        }
        Path message = fromStandardInput ? Files.createTempFile("ehlo", ".eml") : file;
        try {
            if (fromStandardInput) {
                Files.copy(in, message, StandardCopyOption.REPLACE_EXISTING);
            }
            return submit(MessageSource.of(message));
        } finally {
            if (fromStandardInput) {
                Files.deleteIfExists(message);
            }
        }
    }

    private int submit(MessageSource message) throws Failure {
        try {
            Envelope envelope = Envelope.from(from).to(to.toArray(String[]::new));
            SmtpClient.Builder builder = SmtpClient.builder().reuse(ConnectionReuse.none());
            if (verbose) {
                builder.dialogue(printing(spec.commandLine().getErr()));
            }
            try (SmtpClient client = builder.build()) {
                return tell(client.to(ways(envelope)).deliver(envelope, message).join());
            }
        } catch (IllegalArgumentException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }

    private List<Smarthost> ways(Envelope envelope) throws Failure {
        if (server != null) {
            return access.ways(Service.parse(server), tls);
        }
        Mailbox sender = envelope.reversePath().mailbox();
        String domain = access.domain().orElse(sender == null ? "" : sender.domain());
        if (domain.isEmpty()) {
            throw new Failure("neither login nor sender has a domain that says whom to submit to: --server");
        }
        List<Smarthost> found;
        try {
            found = SubmissionDiscovery.by(SrvResolver.system())
                    .confirming(SmarthostPresets::isHost)
                    .of(domain)
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            throw new Failure(
                    String.valueOf(Objects.requireNonNull(e.getCause()).getMessage()), e);
        }
        if (found.isEmpty()) {
            throw new Failure(domain + " names no submission service in its SRV records: --server");
        }
        if (verbose) {
            found.forEach(each -> spec.commandLine().getErr().println("*  " + domain + " names " + each));
        }
        return access.ways(new Service(found, false, LanePolicy.STANDARD), tls);
    }

    private int tell(DeliveryReport report) {
        PrintWriter out = spec.commandLine().getOut();
        for (RecipientOutcome outcome : report.outcomes()) {
            out.println(outcome.recipient() + ": " + outcome.status().name().toLowerCase(Locale.ROOT) + ": "
                    + outcome.reply());
        }
        return report.isRelayedToAll() ? Ehlo.DONE : Ehlo.NOT_ALL_ACCEPTED;
    }

    private static DialogueListener printing(PrintWriter err) {
        return new DialogueListener() {
            @Override
            public void sent(String line) {
                err.println("C: " + line);
            }

            @Override
            public void received(String line) {
                err.println("S: " + line);
            }

            @Override
            public void secured(String how) {
                err.println("*  " + how);
            }
        };
    }
}
