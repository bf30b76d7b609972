package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxHost;
import dev.ehlo.smtp.client.SrvAnswer;
import dev.ehlo.smtp.client.StsPolicy;
import dev.ehlo.smtp.client.StsReport;
import dev.ehlo.smtp.client.TlsReportRecord;
import dev.ehlo.smtp.client.TlsaAnswer;
import dev.ehlo.smtp.tls.TlsVerdict;
import dev.ehlo.smtp.tls.TlsaRecord;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Facts as a check might find them. */
final class SomeFacts {
    static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    static final InetAddress ADDRESS = address("192.0.2.1");
    static final InetAddress OTHER = address("2001:db8::1");
    static final String HOST = "mx.example.org";
    static final Subject NAMED = new Subject(HOST, false, true, "", OptionalInt.empty());
    static final Subject DOMAIN = new Subject("example.org", false, false, "", OptionalInt.empty());
    static final TlsFacts IN_CLEAR = TlsFacts.none(TlsState.NOT_OFFERED, "");
    static final List<String> LOGINS = List.of("SIZE", "AUTH PLAIN");
    static final TlsaAnswer TLSA =
            new TlsaAnswer.Records(HOST, List.of(TlsaRecord.of(3, 1, 1, new byte[32])), List.of());

    private SomeFacts() {}

    static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static Facts host(HostFacts.Kind kind, PortFacts... ports) {
        return hosts(hostFacts(kind, new TlsaAnswer.None(), ports));
    }

    static Facts hosts(HostFacts... hosts) {
        return new Facts(NAMED, Optional.empty(), List.of(hosts), false, "", NOW);
    }

    /** The same, though a login or a recipient was asked for as well. */
    static Facts asking(Facts facts, boolean isLoginAsked, String recipient) {
        return new Facts(facts.subject(), facts.domain(), facts.hosts(), isLoginAsked, recipient, NOW);
    }

    static HostFacts hostFacts(HostFacts.Kind kind, TlsaAnswer tlsa, PortFacts... ports) {
        List<InetAddress> addresses =
                Arrays.stream(ports).map(PortFacts::address).distinct().toList();
        return new HostFacts(
                HOST,
                kind,
                true,
                new Place(addresses.isEmpty() ? List.of(ADDRESS) : addresses, 0, true, tlsa),
                List.of(),
                List.of(),
                List.of(ports));
    }

    /** Without ports. */
    static HostFacts at(HostFacts.Kind kind, Place place) {
        return new HostFacts(HOST, kind, true, place, List.of(), List.of(), List.of());
    }

    static Place nowhere(boolean isKnown) {
        return new Place(List.of(), 0, isKnown, new TlsaAnswer.None());
    }

    static Facts port(PortFacts... ports) {
        return host(HostFacts.Kind.NAMED_PORT, ports);
    }

    static PortFacts shut(Role role, Reach reach) {
        return PortFacts.unspoken(ADDRESS, role, role.port(), reach, "what was said");
    }

    static PortFacts open(Role role, TlsFacts tls, List<String> inClear, List<String> inTls) {
        return new PortFacts(
                ADDRESS,
                role,
                role.port(),
                Reach.OPEN,
                "220 hello",
                tls,
                inClear,
                inTls,
                Optional.empty(),
                Optional.empty());
    }

    static PortFacts good(Role role) {
        return open(role, tlsShowing(role, CertificateFacts.State.GOOD, "issued", 60), List.of("STARTTLS"), LOGINS);
    }

    static PortFacts showing(Role role, CertificateFacts.State state, String words) {
        return open(role, tlsShowing(role, state, words, 60), List.of("STARTTLS"), LOGINS);
    }

    static TlsFacts tlsShowing(Role role, CertificateFacts.State state, String words, int days) {
        return secured(
                role == Role.SUBMISSIONS ? TlsState.IMPLICIT : TlsState.STARTTLS,
                new CertificateFacts(
                        state,
                        words,
                        NOW.plus(Duration.ofDays(days)),
                        Optional.empty(),
                        state == CertificateFacts.State.GOOD));
    }

    static TlsFacts secured(TlsState state, CertificateFacts certificate) {
        return new TlsFacts(state, "", "TLSv1.3", "TLS_AES_128_GCM_SHA256", Optional.ofNullable(certificate));
    }

    static Facts domain(MxAnswer mx, StsReport sts, TlsReportRecord report, SrvAnswer srv, HostFacts... hosts) {
        DomainFacts domain = new DomainFacts("example.org", mx, sts, report, srv, new SrvAnswer.None());
        return new Facts(DOMAIN, Optional.of(domain), List.of(hosts), false, "", NOW);
    }

    static Facts mx(MxAnswer answer) {
        return domain(answer, noSts(), TlsReportRecord.NONE, new SrvAnswer.None());
    }

    static Facts sts(StsPolicy.Mode mode, String pattern, PortFacts... ports) {
        return sts(mode, pattern, hostFacts(HostFacts.Kind.EXCHANGE, new TlsaAnswer.None(), ports));
    }

    static Facts sts(StsPolicy.Mode mode, String pattern, HostFacts host) {
        StsPolicy policy = new StsPolicy(mode, List.of(pattern), Duration.ofDays(7));
        return domain(
                to(HOST),
                new StsReport(true, Optional.of(policy), ""),
                TlsReportRecord.NONE,
                new SrvAnswer.None(),
                host);
    }

    /** Of a host that no MX record makes the mail host of the domain of its name. */
    static Facts itself(PortFacts... ports) {
        MxAnswer itself = new MxAnswer.Hosts(List.of(new MxHost(HOST, 0, List.of(ADDRESS))), false, true);
        return domain(
                itself,
                noSts(),
                TlsReportRecord.NONE,
                new SrvAnswer.None(),
                hostFacts(HostFacts.Kind.NAMED, new TlsaAnswer.None(), ports));
    }

    static Facts dane(PortFacts port) {
        return domain(
                to(HOST),
                noSts(),
                TlsReportRecord.NONE,
                new SrvAnswer.None(),
                hostFacts(HostFacts.Kind.EXCHANGE, TLSA, port));
    }

    static PortFacts judgedByDane(boolean accepted) {
        TlsVerdict verdict = new TlsVerdict(accepted, accepted, "the certificate is that of no TLSA record");
        return open(
                Role.MX,
                secured(
                        TlsState.STARTTLS,
                        new CertificateFacts(
                                CertificateFacts.State.EXPIRED,
                                "expired",
                                NOW.minusSeconds(9),
                                Optional.of(verdict),
                                false)),
                List.of("STARTTLS"),
                List.of());
    }

    /** Of a private authority that DANE vouches for. */
    static PortFacts timedByDane() {
        return open(
                Role.MX,
                secured(
                        TlsState.STARTTLS,
                        new CertificateFacts(
                                CertificateFacts.State.UNTRUSTED,
                                "of X",
                                NOW.plus(Duration.ofDays(3)),
                                Optional.of(new TlsVerdict(true, true, "TLSA 2 1 1")),
                                true)),
                List.of("STARTTLS"),
                List.of());
    }

    static StsReport noSts() {
        return new StsReport(false, Optional.empty(), "");
    }

    static MxAnswer to(String... hosts) {
        return new MxAnswer.Hosts(Stream.of(hosts)
                .map(host -> new MxHost(host, 10, host.equals(HOST) ? List.of(ADDRESS) : List.of()))
                .toList());
    }

    static Facts pointer(List<String> names, boolean isConfirmed, boolean isKnown) {
        PointerFacts pointer = new PointerFacts(ADDRESS, names, isConfirmed, isKnown);
        HostFacts host = new HostFacts(
                HOST,
                HostFacts.Kind.NAMED_PORT,
                true,
                Place.unproven(List.of(ADDRESS)),
                List.of(),
                List.of(pointer),
                List.of(good(Role.MX)));
        return hosts(host);
    }

    static PortFacts asked(int code) {
        return asked(false, code);
    }

    static PortFacts asked(boolean isOfSender, int code) {
        PortFacts mx = good(Role.MX);
        return new PortFacts(
                mx.address(),
                mx.role(),
                mx.port(),
                mx.reach(),
                mx.said(),
                mx.tls(),
                mx.inClear(),
                mx.inTls(),
                Optional.empty(),
                Optional.of(new RecipientFacts("a@example.org", isOfSender, code, code + " so it is")));
    }

    static PortFacts login(LoginFacts.State state) {
        return good(Role.SUBMISSION).with(new LoginFacts(state, "535 no"));
    }
}
