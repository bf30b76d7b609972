package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.client.Dnssec;
import dev.ehlo.smtp.client.MxResolver;
import dev.ehlo.smtp.client.RecordResolver;
import dev.ehlo.smtp.client.SrvResolver;
import dev.ehlo.smtp.mta.check.CheckSettings;
import dev.ehlo.smtp.mta.check.Checker;
import dev.ehlo.smtp.mta.check.Facts;
import dev.ehlo.smtp.mta.check.Finding;
import dev.ehlo.smtp.mta.check.Judgement;
import dev.ehlo.smtp.mta.check.Role;
import dev.ehlo.smtp.mta.check.Screen;
import dev.ehlo.smtp.mta.check.Subject;
import dev.ehlo.smtp.mta.check.Tree;
import dev.ehlo.smtp.tls.ClientTrust;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ehlo check}: what is wrong with a domain, a host or a port, and what to do. */
@Command(
        name = "check",
        description = {
            "Look at a domain, a host or a port as a postmaster does by hand, and say what is wrong and what to do; exit "
                    + "code 0 only if nothing is wrong.",
            "",
            "DNS is asked (MX, addresses, TLSA, MTA-STS, TLS-RPT, SRV, PTR), and its hosts are spoken with at ports 25, "
                    + "465, 587 and 2525. No message is ever sent."
        },
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    /** The longest that one may want to wait for an answer. */
    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(5);

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "HOST[:PORT]|ADDRESS|DOMAIN",
            description = "What to look at: a host, by its name or address, a mail address, or a domain.")
    private String given;

    @Option(
            names = "--port",
            paramLabel = "ROLE=PORT",
            split = ",",
            description = "The ports to try and what they are for, in place of mx=25, submissions=465, submission=587 "
                    + "and alternate=2525.")
    private List<String> ports = new ArrayList<>();

    @Mixin
    private Access access;

    @Option(
            names = "--rcpt",
            paramLabel = "ADDRESS",
            description = "Ask whether mail to that address would be taken: MAIL and RCPT, then RSET, and never DATA.")
    private @Nullable String recipient;

    @Option(
            names = "--from",
            paramLabel = "ADDRESS",
            defaultValue = "",
            description = "The sender for --rcpt (default: none, as of a bounce).")
    private String from;

    @Option(
            names = "--dns",
            paramLabel = "SERVER[:PORT]",
            description = "The DNS server to ask, by its address, in place of the system's.")
    private @Nullable String dns;

    @Mixin
    private DaneOption dane;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "15s",
            description = "How long to wait for a connection, and for each answer (default: ${DEFAULT-VALUE}).")
    private String timeout;

    @Option(names = "--json", description = "Print one object of JSON.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    CheckCommand() {}

    @Override
    public Integer call() throws Failure {
        Facts facts;
        CheckProgress progress = new CheckProgress(spec.commandLine().getErr());
        try {
            Subject subject = Subject.parse(given);
            try (Checker checker = new Checker(settings(), progress)) {
                facts = checker.check(subject);
            } finally {
                progress.end();
            }
        } catch (IllegalArgumentException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
        List<Finding> findings = Judgement.of(facts);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.value(Tree.of(facts, findings)));
        } else {
            boolean isColoured = Boolean.getBoolean("ehlo.terminal") && System.getenv("NO_COLOR") == null;
            new Screen(out, isColoured).show(facts, findings);
        }
        out.flush();
        return findings.stream().anyMatch(Finding::isWrong) ? Ehlo.NOT_ALL_ACCEPTED : Ehlo.DONE;
    }

    private CheckSettings settings() throws Failure {
        Dnssec dnssec = dane.dnssec();
        InetSocketAddress server = dns == null ? null : server(dns);
        Path authorities = access.authorities();
        return new CheckSettings(
                server == null ? MxResolver.system(dnssec) : MxResolver.at(server, dnssec),
                server == null ? SrvResolver.system(dnssec) : SrvResolver.at(server, dnssec),
                server == null ? RecordResolver.system(dnssec) : RecordResolver.at(server, dnssec),
                server == null,
                authorities == null ? HttpClient.newBuilder() : PolicyHttp.trusting(authorities),
                access.isInsecure() ? ClientTrust.system() : access.trust(),
                access.isInsecure(),
                ports(),
                time(),
                Optional.ofNullable(access.credentials()),
                from.isEmpty() ? "" : mailbox("--from", from),
                recipient == null ? "" : mailbox("--rcpt", recipient));
    }

    private Map<Role, Integer> ports() {
        Map<Role, Integer> wanted = new EnumMap<>(Role.class);
        for (String each : ports) {
            String[] parts = each.split("=", 2);
            Role role = Stream.of(Role.values())
                    .filter(r -> r != Role.OTHER && r.toString().equals(parts[0].toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "--port is such as mx=25, of mx, submissions, submission and alternate, not " + each));
            wanted.put(role, HostAndPort.port(parts.length < 2 ? "" : parts[1], 1));
        }
        if (wanted.isEmpty()) {
            Stream.of(Role.values()).filter(r -> r != Role.OTHER).forEach(r -> wanted.put(r, r.port()));
        }
        return wanted;
    }

    private Duration time() throws Failure {
        try {
            Duration time = Amount.time(timeout);
            if (time.compareTo(MAX_TIMEOUT) > 0) {
                throw new Failure("--timeout: up to 5m, not " + timeout);
            }
            return time;
        } catch (IllegalArgumentException e) {
            throw new Failure("--timeout: " + e.getMessage(), e);
        }
    }

    /** As it goes to a server that may have no SMTPUTF8. */
    private static String mailbox(String option, String text) throws Failure {
        Mailbox mailbox = Mailbox.parse(text);
        if (mailbox.needsUtf8()) {
            throw new Failure(option + ": ASCII alone can be asked about");
        }
        return mailbox.toString();
    }

    private static InetSocketAddress server(String text) throws Failure {
        Subject server = Subject.parse(text);
        if (!server.isAddress()) {
            throw new Failure("--dns: an address such as 192.0.2.53 or [2001:db8::53]:5353, not " + text);
        }
        return new InetSocketAddress(server.name(), server.port().orElse(53));
    }
}
