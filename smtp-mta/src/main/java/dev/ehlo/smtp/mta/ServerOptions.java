package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.mta.token.TokenCheck;
import dev.ehlo.smtp.queue.Durability;
import dev.ehlo.smtp.queue.RetrySchedule;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Profile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say what a server is like: of {@code ehlo serve}, and of whatever else starts one. */
final class ServerOptions {
    /** Where each profile listens unless told otherwise: no port here needs privileges. */
    private static final Map<String, Integer> PORTS =
            Map.of("mx", 10_025, "submission", 10_587, "submissions", 10_465, "alternate", 2525);

    private static final String LOOPBACK = "127.0.0.1";

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "ehlo-data",
            description = "Where mail, queue, logins and keys are kept (default: ./ehlo-data).")
    private Path data;

    @Option(
            names = "--host",
            paramLabel = "NAME",
            defaultValue = "localhost",
            description =
                    "The server's own name, whose mail is local (default: localhost, which is local in any case).")
    private String host;

    @Option(
            names = "--bind",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "The address that all profiles listen on (default: 127.0.0.1).")
    private String bind;

    @Option(
            names = "--port",
            paramLabel = "PROFILE=PORT",
            description = "Move a profile: mx (10025), submission (10587), submissions (10465), alternate (2525); "
                    + "0 takes any free port, off leaves the profile out.")
    private Map<String, String> ports = new LinkedHashMap<>();

    @Option(
            names = "--retry",
            paramLabel = "10s,1m,...",
            description = "When a deferred message is tried again; the last one repeats until expiry.")
    private @Nullable String retry;

    @Option(
            names = "--relay-from",
            paramLabel = "CIDR",
            split = ",",
            description = "Clients that may relay on mx without a login (default: none).")
    private List<String> relayFrom = new ArrayList<>();

    @Option(
            names = "--cert",
            paramLabel = "FILE",
            description = "Certificate chain in PEM (default: self-signed). May be given several times, with as many "
                    + "--key: each client is shown the one of the name it asks for, or the first. Files that change "
                    + "are read anew within a minute.")
    private List<Path> certificates = new ArrayList<>();

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "The private key of the certificate in PEM, without a passphrase; of several in the order of "
                    + "--cert.")
    private List<Path> keys = new ArrayList<>();

    @Option(
            names = "--durability",
            paramLabel = "LEVEL",
            defaultValue = "power",
            description =
                    "What accepted mail survives: a loss of power (power, the default), the end of the process but "
                            + "not of the system (process), or not even that (none).")
    private String durability;

    @Option(names = "--hold", description = "Start no delivery before ./ehlo queue release.")
    private boolean held;

    @Option(
            names = "--client-certificates",
            description =
                    "Ask clients for a certificate, so that users can log in by those of ./ehlo user certificate.")
    private boolean clientCertificates;

    @Mixin
    private TokenOptions tokens;

    @Mixin
    private LimitOptions limits;

    @Mixin
    private SmarthostOptions smarthosts;

    @Mixin
    private DestinationOptions destinations;

    @Mixin
    private RelayTlsOptions relayTls;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    ServerOptions() {}

    /** What was told, with the data directory made if it is not there. */
    Settings settings() throws Failure {
        return settings(data, false);
    }

    /**
     * What was told, for trying it out: with data elsewhere, on any free port of loopback, and with everything delivered
     * at once. Nobody outside is asked about tokens: all are nobody's.
     */
    Settings rehearsal(Path elsewhere) throws Failure {
        return settings(elsewhere, true);
    }

    private Settings settings(Path where, boolean isRehearsal) throws Failure {
        try {
            if (certificates.size() != keys.size()) {
                throw new Failure("--cert and --key go together: " + certificates.size() + " of one, " + keys.size()
                        + " of the other");
            }
            List<Settings.Certificate> own = new ArrayList<>();
            for (int i = 0; i < keys.size(); i++) {
                own.add(new Settings.Certificate(certificates.get(i), keys.get(i)));
            }
            // A name that is no domain would make every address at it malformed.
            String domain = Mailbox.parse("postmaster@" + host).domain();
            Optional<Service> smarthost = smarthosts.service();
            RelayTls tls = relayTls.relayTls();
            if (smarthost.isPresent() && tls.reports().isPresent()) {
                throw new Failure("--tls-reports are about mail by MX, and so not for mail to a --smarthost");
            }
            Optional<TokenCheck> check = tokens.check(Clock.systemUTC());
            return new Settings(
                    DataDirectory.at(where),
                    domain,
                    isRehearsal ? onLoopback() : listeners(bind),
                    smarthost,
                    retry == null ? RetrySchedule.standard() : RetrySchedule.parse(retry),
                    relayFrom.stream().map(Network::parse).toList(),
                    limits.limits(),
                    destinations.policy(smarthost),
                    destinations.suppression(),
                    durability(),
                    held && !isRehearsal,
                    List.copyOf(own),
                    clientCertificates,
                    isRehearsal ? check.map(outside -> token -> Optional.empty()) : check,
                    tls);
        } catch (IllegalArgumentException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }

    private Optional<Durability> durability() throws Failure {
        return switch (durability) {
            case "power" -> Optional.of(Durability.POWER);
            case "process" -> Optional.of(Durability.PROCESS);
            case "none" -> Optional.empty();
            default -> throw new Failure("--durability " + durability + ": the levels are power, process, none");
        };
    }

    private Map<String, InetSocketAddress> onLoopback() throws Failure {
        Map<String, InetSocketAddress> listeners = listeners(LOOPBACK);
        listeners.replaceAll((name, address) -> new InetSocketAddress(address.getAddress(), 0));
        return listeners;
    }

    private Map<String, InetSocketAddress> listeners(String where) throws Failure {
        for (String name : ports.keySet()) {
            if (!PORTS.containsKey(name)) {
                throw new Failure("--port " + name + ": the profiles are mx, submission, submissions, alternate");
            }
        }
        InetAddress address;
        try {
            address = InetAddress.getByName(where);
        } catch (UnknownHostException e) {
            throw new Failure("--bind: no such address: " + bind, e);
        }
        Map<String, InetSocketAddress> listeners = new LinkedHashMap<>();
        for (Profile profile : MailServer.profiles()) {
            String told = ports.getOrDefault(profile.name(), String.valueOf(PORTS.get(profile.name())));
            if (!told.equals("off")) {
                listeners.put(profile.name(), new InetSocketAddress(address, HostAndPort.port(told, 0)));
            }
        }
        return listeners;
    }
}
