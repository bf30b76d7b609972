package dev.ehlo.smtp.mta.check;

import static dev.ehlo.smtp.mta.check.SomeFacts.ADDRESS;
import static dev.ehlo.smtp.mta.check.SomeFacts.HOST;
import static dev.ehlo.smtp.mta.check.SomeFacts.IN_CLEAR;
import static dev.ehlo.smtp.mta.check.SomeFacts.LOGINS;
import static dev.ehlo.smtp.mta.check.SomeFacts.NOW;
import static dev.ehlo.smtp.mta.check.SomeFacts.OTHER;
import static dev.ehlo.smtp.mta.check.SomeFacts.asked;
import static dev.ehlo.smtp.mta.check.SomeFacts.asking;
import static dev.ehlo.smtp.mta.check.SomeFacts.at;
import static dev.ehlo.smtp.mta.check.SomeFacts.dane;
import static dev.ehlo.smtp.mta.check.SomeFacts.domain;
import static dev.ehlo.smtp.mta.check.SomeFacts.good;
import static dev.ehlo.smtp.mta.check.SomeFacts.host;
import static dev.ehlo.smtp.mta.check.SomeFacts.hostFacts;
import static dev.ehlo.smtp.mta.check.SomeFacts.hosts;
import static dev.ehlo.smtp.mta.check.SomeFacts.itself;
import static dev.ehlo.smtp.mta.check.SomeFacts.judgedByDane;
import static dev.ehlo.smtp.mta.check.SomeFacts.login;
import static dev.ehlo.smtp.mta.check.SomeFacts.mx;
import static dev.ehlo.smtp.mta.check.SomeFacts.noSts;
import static dev.ehlo.smtp.mta.check.SomeFacts.nowhere;
import static dev.ehlo.smtp.mta.check.SomeFacts.open;
import static dev.ehlo.smtp.mta.check.SomeFacts.pointer;
import static dev.ehlo.smtp.mta.check.SomeFacts.port;
import static dev.ehlo.smtp.mta.check.SomeFacts.secured;
import static dev.ehlo.smtp.mta.check.SomeFacts.showing;
import static dev.ehlo.smtp.mta.check.SomeFacts.shut;
import static dev.ehlo.smtp.mta.check.SomeFacts.sts;
import static dev.ehlo.smtp.mta.check.SomeFacts.timedByDane;
import static dev.ehlo.smtp.mta.check.SomeFacts.tlsShowing;
import static dev.ehlo.smtp.mta.check.SomeFacts.to;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.client.MxAnswer;
import dev.ehlo.smtp.client.MxHost;
import dev.ehlo.smtp.client.SrvAnswer;
import dev.ehlo.smtp.client.StsPolicy;
import dev.ehlo.smtp.client.StsReport;
import dev.ehlo.smtp.client.TlsReportRecord;
import dev.ehlo.smtp.client.TlsaAnswer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Facts in, sentences out: each verdict there is, and what is none. */
class JudgementTest {
    record Case(String name, Facts facts, List<Problem> problems, String first) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Case is(String name, Facts facts, String first, Problem... problems) {
        return new Case(name, facts, List.of(problems), first);
    }

    static Stream<Case> domains() {
        SrvAnswer none = new SrvAnswer.None();
        return Stream.of(
                is(
                        "no domain",
                        mx(new MxAnswer.NoSuchDomain()),
                        "example.org: there is no such",
                        Problem.NO_SUCH_DOMAIN),
                is("null MX", mx(new MxAnswer.NullMx()), "example.org: the domain says that it", Problem.NULL_MX),
                is("no address", mx(new MxAnswer.NoAddress()), "example.org: no mail host", Problem.NO_ADDRESS),
                is("bogus", mx(new MxAnswer.TemporaryFailure()), "example.org: DNS does not say", Problem.DNS_FAILS),
                is("an MX without address", mx(to(HOST, "b.example")), "b.example: the MX record", Problem.NO_ADDRESS),
                is(
                        "a policy that can't be had",
                        domain(to(HOST), new StsReport(true, Optional.empty(), "404"), TlsReportRecord.NONE, none),
                        "example.org: its MTA-STS holds nobody to anything: 404; serve https://mta-sts.example.org/",
                        Problem.STS_BROKEN),
                is(
                        "a record of TLS reports that is none",
                        domain(to(HOST), noSts(), new TlsReportRecord(true, List.of(), "no rua"), none),
                        "example.org: nobody sends it TLS reports: no rua",
                        Problem.TLSRPT_BROKEN),
                is(
                        "SRV that fails",
                        domain(to(HOST), noSts(), TlsReportRecord.NONE, new SrvAnswer.TemporaryFailure()),
                        "example.org: DNS does not say whether it has records at _submissions._tcp; have",
                        Problem.RECORDS_FAIL),
                is(
                        "records of TLS that fail",
                        domain(
                                to(HOST),
                                new StsReport(false, Optional.empty(), "SERVFAIL"),
                                new TlsReportRecord(false, List.of(), "SERVFAIL"),
                                none),
                        "example.org: DNS does not say whether it has records at _mta-sts and _smtp._tls; have",
                        Problem.RECORDS_FAIL),
                is(
                        "an exchanger whose address fails",
                        domain(
                                to(HOST),
                                noSts(),
                                TlsReportRecord.NONE,
                                none,
                                at(HostFacts.Kind.EXCHANGE, nowhere(false))),
                        "mx.example.org: DNS does not say its addresses; see whether",
                        Problem.DNS_FAILS),
                is(
                        "a host for users whose address fails",
                        domain(
                                to(HOST),
                                noSts(),
                                TlsReportRecord.NONE,
                                none,
                                at(HostFacts.Kind.SERVICE, nowhere(false))),
                        "mx.example.org: DNS does not say its addresses; see whether",
                        Problem.DNS_FAILS),
                is(
                        "a host of which one kind of address fails",
                        hosts(at(
                                HostFacts.Kind.NAMED_PORT,
                                new Place(List.of(ADDRESS), 0, false, new TlsaAnswer.None()))),
                        "mx.example.org: DNS does not say all its addresses",
                        Problem.DNS_FAILS),
                is(
                        "a host of many addresses",
                        hosts(at(
                                HostFacts.Kind.NAMED_PORT,
                                new Place(List.of(ADDRESS), 3, true, new TlsaAnswer.None()))),
                        "mx.example.org: 3 more of its addresses were not looked at; check",
                        Problem.LEFT_OUT),
                is(
                        "a domain of many hosts",
                        mx(new MxAnswer.Hosts(Stream.of("a", "b", "c", "d", "e", "f", "g")
                                .map(name -> new MxHost(name, 10, List.of(ADDRESS)))
                                .toList())),
                        "example.org: 2 more of its hosts were not looked at; check",
                        Problem.LEFT_OUT),
                is(
                        "an SRV record that leads nowhere",
                        domain(
                                to(HOST),
                                noSts(),
                                TlsReportRecord.NONE,
                                none,
                                at(HostFacts.Kind.SERVICE, nowhere(true))),
                        "mx.example.org: an SRV record",
                        Problem.NO_ADDRESS),
                is(
                        "a host without address",
                        hosts(at(HostFacts.Kind.NAMED_PORT, nowhere(true))),
                        "mx.example.org: DNS knows no address",
                        Problem.NO_ADDRESS),
                is("no PTR", pointer(List.of(), false, true), "192.0.2.1: the address has no name", Problem.NO_PTR),
                is(
                        "a PTR of another",
                        pointer(List.of("x.example"), false, true),
                        "192.0.2.1: its name (PTR), x.example, does not have",
                        Problem.PTR_UNCONFIRMED),
                is("a good PTR", pointer(List.of(HOST), true, true), ""),
                is("a PTR that nobody knows", pointer(List.of(), false, false), ""));
    }

    private static PortFacts other(Role role) {
        return PortFacts.unspoken(OTHER, role, role.port(), Reach.REFUSED, "");
    }

    static Stream<Case> reaches() {
        Role mx = Role.MX;
        return Stream.of(
                is(
                        "refused",
                        port(shut(mx, Reach.REFUSED)),
                        "mx.example.org:25: the connection is refused",
                        Problem.REFUSED),
                is("filtered", port(shut(mx, Reach.FILTERED)), "mx.example.org:25: nothing answers", Problem.FILTERED),
                is(
                        "unreachable",
                        port(shut(Role.SUBMISSION, Reach.UNREACHABLE)),
                        "mx.example.org:587: it can't be reached, says somebody on the way: what was said",
                        Problem.UNREACHABLE),
                is(
                        "no route",
                        port(shut(mx, Reach.NO_ROUTE)),
                        "mx.example.org:25: this machine has no",
                        Problem.NO_ROUTE),
                is("silent", port(shut(mx, Reach.SILENT)), "mx.example.org:25: the connection stands", Problem.SILENT),
                is(
                        "closed",
                        port(shut(mx, Reach.CLOSED)),
                        "mx.example.org:25: the connection is closed",
                        Problem.CLOSED),
                is(
                        "not SMTP",
                        port(PortFacts.unspoken(ADDRESS, mx, 25, Reach.NOT_SMTP, "SSH-2.0\u001b[2J")),
                        "mx.example.org:25: something other than SMTP answers: SSH-2.0\\u001b[2J",
                        Problem.NOT_SMTP),
                is(
                        "turned away",
                        port(shut(mx, Reach.TURNED_AWAY)),
                        "mx.example.org:25: the server turns this machine away: what was said",
                        Problem.TURNED_AWAY),
                is(
                        "25 is blocked, 587 is open",
                        host(HostFacts.Kind.NAMED, shut(mx, Reach.FILTERED), good(Role.SUBMISSION)),
                        "mx.example.org:25: port 25 is blocked on the way, while other ports of the host answer; submit by "
                                + "port 587 with a login, or ask the provider of this network to open it.",
                        Problem.PORT_25_BLOCKED),
                is(
                        "25 of an exchange is blocked, 587 refuses",
                        host(
                                HostFacts.Kind.EXCHANGE,
                                shut(mx, Reach.UNREACHABLE),
                                shut(Role.SUBMISSION, Reach.REFUSED)),
                        "mx.example.org:25: port 25 is blocked on the way, while other ports of the host answer; send by a",
                        Problem.PORT_25_BLOCKED),
                is(
                        "25 is blocked by IPv6, while IPv4 takes all",
                        host(
                                HostFacts.Kind.NAMED,
                                good(mx),
                                good(Role.SUBMISSION),
                                PortFacts.unspoken(OTHER, mx, 25, Reach.FILTERED, ""),
                                PortFacts.unspoken(OTHER, Role.SUBMISSION, 587, Reach.FILTERED, "")),
                        "mx.example.org:25 [2001:db8:0:0:0:0:0:1]: nothing answers",
                        Problem.FILTERED,
                        Problem.FILTERED),
                is(
                        "a host that is dead at one of its addresses",
                        host(HostFacts.Kind.NAMED, good(Role.SUBMISSION), other(Role.SUBMISSION)),
                        "mx.example.org:587 [2001:db8:0:0:0:0:0:1]: the connection is refused",
                        Problem.REFUSED),
                is(
                        "a domain without MX whose host is dead at one of its addresses",
                        itself(good(mx), other(mx)),
                        "mx.example.org:25 [2001:db8:0:0:0:0:0:1]: the connection is refused",
                        Problem.REFUSED),
                is(
                        "a domain without MX whose host takes no mail",
                        itself(shut(mx, Reach.REFUSED), good(Role.SUBMISSION)),
                        "mx.example.org:25: mail to addresses at mx.example.org would come to this port, for want of an MX "
                                + "record, and nobody listens there; if",
                        Problem.NO_MAIL_HOST),
                is("a domain without MX whose host takes mail", itself(good(mx), good(Role.SUBMISSION)), ""),
                is(
                        "all are filtered",
                        host(HostFacts.Kind.EXCHANGE, shut(mx, Reach.FILTERED), shut(Role.SUBMISSION, Reach.FILTERED)),
                        "mx.example.org:25: nothing answers",
                        Problem.FILTERED),
                is(
                        "other ports of a host that was named may be shut",
                        host(
                                HostFacts.Kind.NAMED,
                                shut(mx, Reach.REFUSED),
                                good(Role.SUBMISSION),
                                shut(Role.ALTERNATE, Reach.FILTERED)),
                        ""),
                is(
                        "but one has to be open",
                        host(HostFacts.Kind.NAMED, shut(mx, Reach.REFUSED), shut(Role.SUBMISSION, Reach.REFUSED)),
                        "mx.example.org:25, mx.example.org:587: the connection is refused",
                        Problem.REFUSED),
                is(
                        "what an exchange has for its users is its own affair",
                        host(
                                HostFacts.Kind.EXCHANGE,
                                good(mx),
                                shut(Role.SUBMISSION, Reach.SILENT),
                                showing(Role.ALTERNATE, CertificateFacts.State.EXPIRED, "expired")),
                        ""),
                is(
                        "no way to IPv6 is no fault where IPv4 goes",
                        port(good(mx), PortFacts.unspoken(OTHER, mx, 25, Reach.NO_ROUTE, "")),
                        ""),
                is(
                        "of several addresses the one is named",
                        port(good(mx), PortFacts.unspoken(OTHER, mx, 25, Reach.REFUSED, "")),
                        "mx.example.org:25 [2001:db8:0:0:0:0:0:1]: the connection is refused",
                        Problem.REFUSED));
    }

    static Stream<Case> tls() {
        Role users = Role.SUBMISSION;
        TlsFacts implicit = secured(
                TlsState.IMPLICIT,
                new CertificateFacts(
                        CertificateFacts.State.GOOD, "good", NOW.plus(Duration.ofDays(60)), Optional.empty(), true));
        return Stream.of(
                is("good at 25", port(good(Role.MX)), ""),
                is("good at 465", port(good(Role.SUBMISSIONS)), ""),
                is("good at 587", port(good(users)), ""),
                is(
                        "clear at 465",
                        port(open(Role.SUBMISSIONS, IN_CLEAR, LOGINS, List.of())),
                        "mx.example.org:465: the port is for TLS from the first octet, and the server speaks in clear; turn on",
                        Problem.CLEAR_ON_TLS_PORT),
                is(
                        "STARTTLS at 465",
                        port(open(Role.SUBMISSIONS, good(users).tls(), List.of("STARTTLS"), LOGINS)),
                        "mx.example.org:465: the port is for TLS",
                        Problem.CLEAR_ON_TLS_PORT),
                is(
                        "TLS at 587",
                        port(open(users, implicit, List.of(), LOGINS)),
                        "mx.example.org:587: the port is for STARTTLS, and the server speaks TLS from the first octet; turn off",
                        Problem.TLS_ON_CLEAR_PORT),
                is("TLS where nobody knows", port(open(Role.OTHER, implicit, List.of(), List.of())), ""),
                is(
                        "no STARTTLS for users",
                        port(open(users, IN_CLEAR, LOGINS, List.of())),
                        "mx.example.org:587: no STARTTLS is offered, so that passwords",
                        Problem.NO_STARTTLS),
                is(
                        "no STARTTLS for servers",
                        port(open(Role.MX, IN_CLEAR, List.of("SIZE"), List.of())),
                        "mx.example.org:25: no STARTTLS is offered, so that mail to it goes in clear",
                        Problem.NO_STARTTLS),
                is(
                        "no STARTTLS where DANE promises it",
                        dane(open(Role.MX, IN_CLEAR, List.of("SIZE"), List.of())),
                        "mx.example.org:25: no STARTTLS is offered, though DANE or MTA-STS promises TLS",
                        Problem.NO_STARTTLS),
                is(
                        "STARTTLS refused",
                        port(open(users, TlsFacts.none(TlsState.REFUSED, "454 no key"), LOGINS, List.of())),
                        "mx.example.org:587: STARTTLS is offered, but refused when asked for: 454 no key",
                        Problem.STARTTLS_REFUSED),
                is(
                        "a handshake that fails",
                        port(open(users, TlsFacts.none(TlsState.FAILED, "protocol_version"), LOGINS, List.of())),
                        "mx.example.org:587: TLS comes to nothing: protocol_version",
                        Problem.HANDSHAKE),
                is(
                        "no certificate",
                        port(open(users, secured(TlsState.STARTTLS, null), List.of("STARTTLS"), LOGINS)),
                        "mx.example.org:587: the server shows no certificate",
                        Problem.NO_CERTIFICATE),
                is("DANE likes it", dane(judgedByDane(true)), ""),
                is(
                        "DANE refuses it",
                        dane(judgedByDane(false)),
                        "mx.example.org:25: DANE refuses the certificate, so that mail to it waits: the certificate is that of no",
                        Problem.DANE_MISMATCH),
                is(
                        "DANE likes it, and MTA-STS does not",
                        sts(StsPolicy.Mode.ENFORCE, HOST, judgedByDane(true)),
                        "mx.example.org:25: MTA-STS refuses the certificate, so that mail to it waits: expired",
                        Problem.STS_CERTIFICATE),
                is(
                        "DANE likes it until it ends",
                        dane(timedByDane()),
                        "mx.example.org:25: the certificate ends in 3 days",
                        Problem.ENDS_SOON),
                is(
                        "TLSA that can't be looked up",
                        hosts(hostFacts(HostFacts.Kind.NAMED, new TlsaAnswer.Failed(), good(Role.MX))),
                        "mx.example.org: its TLSA records can't be looked up",
                        Problem.TLSA_FAILS),
                is(
                        "TLSA that nothing proves",
                        hosts(new HostFacts(
                                HOST,
                                HostFacts.Kind.NAMED,
                                true,
                                Place.unproven(List.of(ADDRESS)),
                                List.of("3 1 1 00"),
                                List.of(),
                                List.of(good(Role.MX)))),
                        "mx.example.org: it has TLSA records that DNSSEC does not prove",
                        Problem.TLSA_UNPROVEN));
    }

    static Stream<Case> certificates() {
        Role users = Role.SUBMISSION;
        CertificateFacts.State wrong = CertificateFacts.State.WRONG_NAME;
        String words = "the certificate is issued for a, not for b";
        return Stream.of(
                is(
                        "expired",
                        port(showing(users, CertificateFacts.State.EXPIRED, "the certificate is expired since then")),
                        "mx.example.org:587: the certificate is expired since then; renew it, and have the server load the new one.",
                        Problem.EXPIRED),
                is(
                        "not yet valid",
                        port(showing(users, CertificateFacts.State.NOT_YET_VALID, "not before")),
                        "mx.example.org:587: not before; set the clock right",
                        Problem.NOT_YET_VALID),
                is(
                        "wrong name",
                        port(showing(users, wrong, words)),
                        "mx.example.org:587: " + words + "; get",
                        Problem.WRONG_NAME),
                is(
                        "self-signed",
                        port(showing(users, CertificateFacts.State.SELF_SIGNED, "self")),
                        "mx.example.org:587: self; get one from an authority",
                        Problem.SELF_SIGNED),
                is(
                        "untrusted",
                        port(showing(users, CertificateFacts.State.UNTRUSTED, "of X")),
                        "mx.example.org:587: of X; have the server send the whole chain",
                        Problem.UNTRUSTED),
                is(
                        "for servers it is advice",
                        port(showing(Role.MX, wrong, words)),
                        "mx.example.org:25: " + words + ", which senders without a policy overlook; get",
                        Problem.WRONG_NAME),
                is(
                        "it ends soon",
                        port(open(
                                users, tlsShowing(users, CertificateFacts.State.GOOD, "good", 13), List.of(), LOGINS)),
                        "mx.example.org:587: the certificate ends in 13 days",
                        Problem.ENDS_SOON),
                is(
                        "it does not end soon",
                        port(open(
                                users, tlsShowing(users, CertificateFacts.State.GOOD, "good", 14), List.of(), LOGINS)),
                        ""),
                is("MTA-STS likes it", sts(StsPolicy.Mode.ENFORCE, "*.example.org", good(Role.MX)), ""),
                is(
                        "MTA-STS does not name the host",
                        sts(StsPolicy.Mode.ENFORCE, "*.b.example.org", good(Role.MX)),
                        "mx.example.org: the domain's MTA-STS policy does not name this host, so that mail to it waits; add mx: "
                                + "mx.example.org to the policy",
                        Problem.STS_HOST),
                is(
                        "MTA-STS, being tested, does not name the host",
                        sts(StsPolicy.Mode.TESTING, "a.example.org", good(Role.MX)),
                        "mx.example.org: the domain's MTA-STS policy, which is being tested",
                        Problem.STS_HOST),
                is("a policy that is withdrawn", sts(StsPolicy.Mode.NONE, "a.example.org", good(Role.MX)), ""),
                is(
                        "MTA-STS refuses the certificate",
                        sts(StsPolicy.Mode.ENFORCE, HOST, showing(Role.MX, wrong, words)),
                        "mx.example.org:25: MTA-STS refuses the certificate, so that mail to it waits: " + words,
                        Problem.STS_CERTIFICATE),
                is(
                        "MTA-STS, being tested, refuses the certificate",
                        sts(StsPolicy.Mode.TESTING, HOST, showing(Role.MX, wrong, words)),
                        "mx.example.org:25: MTA-STS, which is being tested, refuses the certificate: " + words,
                        Problem.STS_CERTIFICATE),
                is(
                        "MTA-STS refuses the domain's own host",
                        sts(
                                StsPolicy.Mode.ENFORCE,
                                "a.example.org",
                                hostFacts(
                                        HostFacts.Kind.NAMED,
                                        new TlsaAnswer.None(),
                                        showing(Role.MX, wrong, words),
                                        good(users))),
                        "mx.example.org: the domain's MTA-STS policy does not name this host",
                        Problem.STS_HOST,
                        Problem.STS_CERTIFICATE),
                is(
                        "MTA-STS without STARTTLS at the domain's own host",
                        sts(
                                StsPolicy.Mode.ENFORCE,
                                HOST,
                                hostFacts(
                                        HostFacts.Kind.NAMED,
                                        new TlsaAnswer.None(),
                                        open(Role.MX, IN_CLEAR, List.of("SIZE"), List.of()))),
                        "mx.example.org:25: no STARTTLS is offered, though DANE or MTA-STS",
                        Problem.NO_STARTTLS),
                is(
                        "MTA-STS without STARTTLS",
                        sts(StsPolicy.Mode.ENFORCE, HOST, open(Role.MX, IN_CLEAR, List.of("SIZE"), List.of())),
                        "mx.example.org:25: no STARTTLS is offered, though DANE or MTA-STS",
                        Problem.NO_STARTTLS));
    }

    static Stream<Case> logins() {
        Role users = Role.SUBMISSION;
        TlsFacts tls = tlsShowing(users, CertificateFacts.State.GOOD, "good", 60);
        return Stream.of(
                is(
                        "no AUTH",
                        port(open(users, tls, List.of("STARTTLS"), List.of("SIZE"))),
                        "mx.example.org:587: no login (AUTH) is offered under TLS, so that no user can send; turn logins on",
                        Problem.NO_AUTH),
                is("no AUTH for servers", port(open(Role.MX, tls, List.of("STARTTLS"), List.of("SIZE"))), ""),
                is("logged in", port(login(LoginFacts.State.TAKEN)), ""),
                is(
                        "login refused",
                        port(login(LoginFacts.State.REFUSED)),
                        "mx.example.org:587: the login is refused: 535 no; correct user and password",
                        Problem.LOGIN_REFUSED),
                is(
                        "login at a host of others",
                        host(HostFacts.Kind.EXCHANGE, login(LoginFacts.State.NOT_OWN)),
                        "mx.example.org:587: the login was not tried: 535 no; check the host by its own name",
                        Problem.LOGIN_WITHHELD),
                is(
                        "login refused by an exchanger",
                        host(HostFacts.Kind.EXCHANGE, login(LoginFacts.State.REFUSED)),
                        "mx.example.org:587: the login is refused: 535 no; correct user and password",
                        Problem.LOGIN_REFUSED),
                is(
                        "login that is put off",
                        port(login(LoginFacts.State.DEFERRED)),
                        "mx.example.org:587: the login is put off: 535 no; look into what it says, and try again later",
                        Problem.LOGIN_FAILED),
                is(
                        "login that came to nothing",
                        port(login(LoginFacts.State.FAILED)),
                        "mx.example.org:587: the login came to nothing: 535 no; look into what it says",
                        Problem.LOGIN_FAILED),
                is(
                        "login withheld",
                        port(login(LoginFacts.State.WITHHELD)),
                        "mx.example.org:587: the login was not tried: 535 no; mend that first, as passwords would go in clear",
                        Problem.LOGIN_WITHHELD),
                is(
                        "login at who proves nothing",
                        port(login(LoginFacts.State.UNPROVEN)),
                        "mx.example.org:587: the login was not tried: 535 no; mend that first, or say --insecure",
                        Problem.LOGIN_WITHHELD),
                is(
                        "login where users have no port",
                        asking(port(good(Role.MX)), true, ""),
                        "mx.example.org: no login was tried, as no port for users that is open offers one (AUTH); name",
                        Problem.LOGIN_NOWHERE),
                is(
                        "login where nothing is open",
                        asking(port(shut(Role.SUBMISSION, Reach.REFUSED)), true, ""),
                        "mx.example.org:587: the connection is refused",
                        Problem.REFUSED,
                        Problem.LOGIN_NOWHERE),
                is(
                        "login and recipient of a host without address",
                        asking(hosts(at(HostFacts.Kind.NAMED_PORT, nowhere(true))), true, "a@example.org"),
                        "mx.example.org: DNS knows no address",
                        Problem.NO_ADDRESS),
                is("login where it was tried", asking(port(login(LoginFacts.State.TAKEN)), true, ""), ""),
                is(
                        "a recipient that nobody takes",
                        asking(port(good(users)), false, "a@example.org"),
                        "mx.example.org: nobody was asked about <a@example.org>, as no port for mail from servers let",
                        Problem.RECIPIENT_UNKNOWN),
                is(
                        "a recipient of whom nothing is said",
                        asking(port(asked(0)), false, "a@example.org"),
                        "mx.example.org:25: whether <a@example.org> is taken can't be said: 0 so it is",
                        Problem.RECIPIENT_UNKNOWN),
                is(
                        "a sender that is refused",
                        port(asked(true, 550)),
                        "mx.example.org:25: the sender (--from) is refused before the recipient is asked about: 550 so it is",
                        Problem.SENDER_REFUSED),
                is(
                        "AUTH before TLS",
                        port(open(users, tls, LOGINS, LOGINS)),
                        "mx.example.org:587: logins are offered before TLS",
                        Problem.AUTH_IN_CLEAR),
                is("a recipient that is taken", port(asked(250)), ""),
                is(
                        "a recipient that is refused",
                        port(asked(550)),
                        "mx.example.org:25: <a@example.org> is refused: 550 so it is",
                        Problem.RECIPIENT_REFUSED),
                is(
                        "a recipient that has to wait",
                        port(asked(450)),
                        "mx.example.org:25: <a@example.org> is not taken for now: 450 so it is; try again",
                        Problem.RECIPIENT_LATER));
    }

    @ParameterizedTest
    @MethodSource({"domains", "reaches", "tls", "certificates", "logins"})
    void saysWhatIsWrongAndWhatToDo(Case each) {
        List<Finding> findings = Judgement.of(each.facts());
        assertThat(findings).extracting(Finding::problem).containsExactlyElementsOf(each.problems());
        if (!findings.isEmpty()) {
            assertThat(findings.get(0).sentence()).startsWith(each.first()).endsWith(".");
        }
    }

    @Test
    void everyProblemIsSaidByOneOfThese() {
        Set<Problem> said = Stream.of(domains(), reaches(), tls(), certificates(), logins())
                .flatMap(cases -> cases)
                .flatMap(each -> each.problems().stream())
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Problem.class)));
        assertThat(said).containsExactlyInAnyOrder(Problem.values());
    }

    @Test
    void theWorstComesFirstAndAdviceLast() {
        Facts facts = host(
                HostFacts.Kind.NAMED,
                showing(Role.MX, CertificateFacts.State.EXPIRED, "expired"),
                open(
                        Role.SUBMISSION,
                        tlsShowing(Role.SUBMISSION, CertificateFacts.State.WRONG_NAME, "x", 60),
                        LOGINS,
                        List.of()),
                open(Role.SUBMISSIONS, IN_CLEAR, LOGINS, List.of()));
        assertThat(Judgement.of(facts))
                .extracting(Finding::problem, Finding::isWrong)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(Problem.CLEAR_ON_TLS_PORT, true),
                        org.assertj.core.groups.Tuple.tuple(Problem.WRONG_NAME, true),
                        org.assertj.core.groups.Tuple.tuple(Problem.NO_AUTH, true),
                        org.assertj.core.groups.Tuple.tuple(Problem.EXPIRED, false),
                        org.assertj.core.groups.Tuple.tuple(Problem.AUTH_IN_CLEAR, false));
    }
}
