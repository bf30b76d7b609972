package dev.ehlo.smtp.mta.check;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What is at a port of an address. Text is as the peer said it, but for what is told to be printable.
 *
 * @param said the greeting or what came instead of it, or the error of this machine
 * @param inClear what EHLO is answered before TLS, a keyword with its parameters each; empty if it was not asked
 * @param inTls the same under TLS
 */
public record PortFacts(
        InetAddress address,
        Role role,
        int port,
        Reach reach,
        String said,
        TlsFacts tls,
        List<String> inClear,
        List<String> inTls,
        Optional<LoginFacts> login,
        Optional<RecipientFacts> recipient) {
    /** Copies the lists. */
    public PortFacts {
        inClear = List.copyOf(inClear);
        inTls = List.copyOf(inTls);
    }

    /** Where one did not come to speak. */
    static PortFacts unspoken(InetAddress address, Role role, int port, Reach reach, String said) {
        return new PortFacts(
                address,
                role,
                port,
                reach,
                said,
                TlsFacts.none(TlsState.UNKNOWN, ""),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty());
    }

    /** The same, with what came of a login. */
    PortFacts with(LoginFacts tried) {
        return new PortFacts(address, role, port, reach, said, tls, inClear, inTls, Optional.of(tried), recipient);
    }

    /** What is offered by the mechanisms of AUTH, under TLS where there is any; empty if it has no logins. */
    public Optional<String> auth() {
        return auth(tls.isUp() ? inTls : inClear);
    }

    /** Whether its certificate proves the host. */
    boolean isProven() {
        return tls.certificate().filter(CertificateFacts::isProof).isPresent();
    }

    /** The mechanisms that are named there. RFC 4954 §3. */
    static Optional<String> auth(List<String> offers) {
        return offers.stream()
                .filter(each -> each.regionMatches(true, 0, "AUTH ", 0, 5))
                .map(each -> each.substring(5).strip())
                .findFirst();
    }
}
