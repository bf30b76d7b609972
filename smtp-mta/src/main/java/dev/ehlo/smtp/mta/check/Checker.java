package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxHost;
import dev.ehlo.smtp.client.RecordType;
import dev.ehlo.smtp.client.SmarthostPresets;
import dev.ehlo.smtp.client.SrvAnswer;
import dev.ehlo.smtp.client.SrvResolver;
import dev.ehlo.smtp.client.StsReport;
import dev.ehlo.smtp.client.TlsReportRecord;
import dev.ehlo.smtp.client.TlsaAnswer;
import dev.ehlo.smtp.grammar.DomainGrammar;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

/** Gathers the facts: all look-ups at once, then all ports at once. Blocks who calls; for one check. */
public final class Checker implements AutoCloseable {
    /** Ports that are knocked at, at a time. */
    private static final int AT_ONCE = 32;

    private final CheckSettings settings;
    private final Consumer<String> progress;
    private final HostLook hosts;
    private final Instant now = Instant.now();
    private final ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE, daemons("check"));
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(daemons("check-clock"));

    /**
     * A host that is to be looked at.
     *
     * @param isOwn whether it is by more than the word of an unsigned answer that users log in there. RFC 6186 §6
     */
    private record Target(String name, HostFacts.Kind kind, Place place, Map<Role, Integer> ports, boolean isOwn) {}

    /** @param progress is told what is done, from any thread, in words that are printable */
    public Checker(CheckSettings settings, Consumer<String> progress) {
        this.settings = settings;
        this.progress = progress;
        this.hosts = new HostLook(settings);
    }

    private static ThreadFactory daemons(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** All that is found. */
    public Facts check(Subject subject) {
        progress.accept("asking DNS about " + Where.text(subject.name()));
        Optional<DomainFacts> domain = subject.isHost()
                ? Optional.empty()
                : Optional.of(domain(subject.name())).filter(this::isOfDns);
        List<Target> targets = domain.map(each -> targets(subject, each)).orElseGet(() -> List.of(named(subject)));
        progress.accept("knocking at " + targets.size() + (targets.size() == 1 ? " host" : " hosts"));
        List<CompletableFuture<HostFacts>> looks =
                targets.stream().map(this::look).toList();
        List<HostFacts> found = HostLook.joined(looks);
        return new Facts(
                subject,
                domain,
                settings.login()
                        .map(who -> new Logins(new LoginTry(settings, who)::at, progress).at(found))
                        .orElse(found),
                settings.login().isPresent(),
                settings.recipient(),
                now);
    }

    /** Of a host that this machine alone knows DNS has nothing to say; or nothing to be heard, if it is near. */
    private boolean isOfDns(DomainFacts domain) {
        boolean isFailed = domain.mx() instanceof MxAnswer.TemporaryFailure;
        if (!isFailed && !(domain.mx() instanceof MxAnswer.NoSuchDomain)) {
            return true;
        }
        List<InetAddress> own = hosts.ofThisMachine(domain.name()).join();
        return own.isEmpty() || isFailed && own.stream().anyMatch(HostLook::isOfTheWorld);
    }

    private DomainFacts domain(String name) {
        CompletableFuture<MxAnswer> mx = settings.mx().resolve(name).toCompletableFuture();
        CompletableFuture<SrvAnswer> submissions =
                settings.srv().resolve(SrvResolver.SUBMISSIONS, name).toCompletableFuture();
        CompletableFuture<SrvAnswer> submission =
                settings.srv().resolve(SrvResolver.SUBMISSION, name).toCompletableFuture();
        CompletableFuture<TlsReportRecord> tlsRpt = settings.records()
                .resolve(TlsReportRecord.NAME + name, RecordType.TXT)
                .thenApply(TlsReportRecord::of)
                .toCompletableFuture();
        CompletableFuture<StsReport> sts = StsReport.of(name, settings.records(), settings.http(), settings.timeout())
                .toCompletableFuture();
        return new DomainFacts(name, mx.join(), sts.join(), tlsRpt.join(), submissions.join(), submission.join());
    }

    private Target named(Subject subject) {
        Place place = subject.isAddress()
                ? HostLook.address(subject.name())
                : hosts.place(subject.name()).join();
        boolean hasPort = subject.port().isPresent();
        return new Target(
                subject.name(),
                hasPort ? HostFacts.Kind.NAMED_PORT : HostFacts.Kind.NAMED,
                place,
                hasPort ? onePort(subject.port().getAsInt()) : settings.ports(),
                true);
    }

    private Map<Role, Integer> onePort(int port) {
        return settings.ports().entrySet().stream()
                .filter(each -> each.getValue() == port)
                .findFirst()
                .map(each -> Map.of(each.getKey(), port))
                .orElseGet(() -> Map.of(Role.of(port), port));
    }

    private List<Target> targets(Subject subject, DomainFacts domain) {
        List<CompletableFuture<Target>> targets = new ArrayList<>();
        boolean isNamed = !domain.hasMx() && subject.mailbox().isEmpty();
        HostFacts.Kind kind = isNamed ? HostFacts.Kind.NAMED : HostFacts.Kind.EXCHANGE;
        boolean isForMail = settings.ports().containsKey(Role.MX);
        boolean isProven = domain.mx() instanceof MxAnswer.Hosts answer && answer.isSecure();
        domain.exchangers().stream()
                .limit(DomainFacts.MAX_EXCHANGERS)
                .forEach(host -> targets.add(place(host, isProven)
                        .thenApply(place -> new Target(
                                host.name(),
                                isForMail ? kind : HostFacts.Kind.NAMED_PORT,
                                place,
                                settings.ports(),
                                isOf(domain.name(), host.name())))));
        services(domain, domain.submissions(), Role.SUBMISSIONS, targets);
        services(domain, domain.submission(), Role.SUBMISSION, targets);
        return HostLook.joined(targets);
    }

    /** One that was not asked about, as there are many, or not with success, is asked about once more. */
    private CompletableFuture<Place> place(MxHost host, boolean isProven) {
        return host.addresses().isEmpty()
                ? hosts.known(host.name()).thenApply(place -> isProven ? place : place.withoutTlsa())
                : CompletableFuture.completedFuture(Place.of(host.addresses(), !host.isLookUpFailed(), host.tlsa()));
    }

    private void services(DomainFacts domain, SrvAnswer answer, Role role, List<CompletableFuture<Target>> targets) {
        boolean isProven = answer instanceof SrvAnswer.Targets some && some.isSecure();
        DomainFacts.services(answer).stream()
                .limit(DomainFacts.MAX_SERVICES)
                .forEach(each -> targets.add(hosts.place(each.host())
                        .thenApply(place -> new Target(
                                each.host(),
                                HostFacts.Kind.SERVICE,
                                place,
                                Map.of(role, each.port()),
                                isProven || isOf(domain.name(), each.host())))));
    }

    private static boolean isOf(String domain, String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return DomainGrammar.isWithin(name, domain) || SmarthostPresets.isHost(name);
    }

    private CompletableFuture<HostFacts> look(Target target) {
        boolean isForMail = target.ports().containsKey(Role.MX);
        Place place = isForMail ? target.place() : target.place().withoutTlsa();
        boolean isName = target.name().indexOf(':') < 0;
        CompletableFuture<List<String>> unproven = isForMail && isName
                ? hosts.unproven(target.name(), place.tlsa())
                : CompletableFuture.completedFuture(List.of());
        CompletableFuture<List<PointerFacts>> pointers = hosts.pointers(place.addresses());
        List<CompletableFuture<PortFacts>> ports = new ArrayList<>();
        new TreeMap<>(target.ports()).forEach((role, port) -> {
            TlsaAnswer tlsa = role == Role.MX ? place.tlsa() : new TlsaAnswer.None();
            place.addresses()
                    .forEach(address -> ports.add(CompletableFuture.supplyAsync(
                            () -> knock(new Door(target.name(), address, role, port, tlsa)), workers)));
        });
        return HostLook.all(ports)
                .thenCompose(found -> unproven.thenCombine(
                        pointers,
                        (tlsa, names) -> new HostFacts(
                                target.name(), target.kind(), target.isOwn(), place, tlsa, names, found)));
    }

    private PortFacts knock(Door door) {
        PortFacts found = new Knock(door, settings, new CertificateJudge(settings.trust(), now), clock).find();
        progress.accept(Where.of(door.host(), door.port()) + ' ' + found.reach());
        return found;
    }

    /** Breaks off what is under way. */
    @Override
    public void close() {
        workers.shutdownNow();
        clock.shutdownNow();
    }
}
