package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.TlsaAnswer;
import java.util.List;
import java.util.Optional;

/** Whether a port comes to TLS, and in the way of its kind. RFC 3207, RFC 8314 §3. */
final class TlsRules {
    private TlsRules() {}

    static List<Finding> of(HostFacts host, PortFacts port, Optional<DomainFacts> domain) {
        String where = Where.of(host, port);
        boolean isImplicit = port.role() == Role.SUBMISSIONS;
        if (isImplicit && port.tls().state() != TlsState.IMPLICIT && port.tls().state() != TlsState.FAILED) {
            return List.of(Finding.wrong(
                    Problem.CLEAR_ON_TLS_PORT,
                    where,
                    "the port is for TLS from the first octet, and the server speaks in clear",
                    "turn on implicit TLS for it (wrapper mode), or have clients use STARTTLS at port 587"));
        }
        if (port.tls().state() == TlsState.IMPLICIT && !isImplicit && port.role() != Role.OTHER) {
            return List.of(Finding.wrong(
                    Problem.TLS_ON_CLEAR_PORT,
                    where,
                    "the port is for STARTTLS, and the server speaks TLS from the first octet",
                    "turn off implicit TLS for it (wrapper mode), or have clients use implicit TLS, as at port 465"));
        }
        return switch (port.tls().state()) {
            case NOT_OFFERED -> List.of(notOffered(port, where, isProofAsked(host, domain)));
            case REFUSED ->
                List.of(Finding.wrong(
                        Problem.STARTTLS_REFUSED,
                        where,
                        "STARTTLS is offered, but refused when asked for: "
                                + Where.text(port.tls().said()),
                        "look into the server's log: most often it can't read its certificate or key"));
            case FAILED ->
                List.of(
                        Finding.wrong(
                                Problem.HANDSHAKE,
                                where,
                                "TLS comes to nothing: " + Where.text(port.tls().said()),
                                "let the server have TLS 1.2 or 1.3 with a suite of today, and a certificate that it can read"));
            case UNKNOWN, STARTTLS, IMPLICIT -> List.of();
        };
    }

    /** Whether senders send nothing without TLS. */
    private static boolean isProofAsked(HostFacts host, Optional<DomainFacts> domain) {
        return host.tlsa() instanceof TlsaAnswer.Records
                || host.isMailHost() && domain.filter(DomainRules::isEnforced).isPresent();
    }

    private static Finding notOffered(PortFacts port, String where, boolean isAsked) {
        if (port.role().isForUsers()) {
            return Finding.wrong(
                    Problem.NO_STARTTLS,
                    where,
                    "no STARTTLS is offered, so that passwords and mail would go in clear",
                    "give the server a certificate, and have it offer STARTTLS");
        }
        String remedy = "give the server a certificate, be it self-signed, and have it offer STARTTLS";
        return isAsked
                ? Finding.wrong(
                        Problem.NO_STARTTLS,
                        where,
                        "no STARTTLS is offered, though DANE or MTA-STS promises TLS, so that mail to it waits",
                        remedy)
                : Finding.advice(
                        Problem.NO_STARTTLS, where, "no STARTTLS is offered, so that mail to it goes in clear", remedy);
    }
}
