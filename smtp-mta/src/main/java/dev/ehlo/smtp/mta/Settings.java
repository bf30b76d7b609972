package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.mta.token.TokenCheck;
import dev.ehlo.smtp.queue.Durability;
import dev.ehlo.smtp.queue.LanePolicy;
import dev.ehlo.smtp.queue.RetrySchedule;
import dev.ehlo.smtp.queue.SuppressionPolicy;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.ServerLimits;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the server was told.
 *
 * @param data where everything is kept
 * @param host the server's own name, and a local domain
 * @param listeners by profile name, where each listens; a profile left out does not
 * @param smarthost who takes all mail for other domains; empty for their MX
 * @param retry when a deferred message is tried again
 * @param relayFrom clients that may relay on mx without a login
 * @param limits what clients may have
 * @param destinations how mail goes to each destination that is not here
 * @param suppressAfter when a mailbox that fails is suppressed; empty for never
 * @param durability what accepted mail survives; empty if not even the end of the process
 * @param held whether deliveries wait until an operator releases them
 * @param certificates chain and key of each of the server's certificates, the default first; none for a self-signed
 *     one
 * @param clientCertificates whether clients are asked for certificates, by which users may log in
 * @param tokens who tells of access tokens whose they are; empty if none are taken
 * @param relayTls what mail exchangers have to prove
 */
record Settings(
        DataDirectory data,
        String host,
        Map<String, InetSocketAddress> listeners,
        Optional<Service> smarthost,
        RetrySchedule retry,
        List<Network> relayFrom,
        ServerLimits limits,
        LanePolicy destinations,
        Optional<SuppressionPolicy> suppressAfter,
        Optional<Durability> durability,
        boolean held,
        List<Certificate> certificates,
        boolean clientCertificates,
        Optional<TokenCheck> tokens,
        RelayTls relayTls) {

    /** Files in PEM. */
    record Certificate(Path chain, Path key) {}

    /** The domains whose mail ends here. */
    Set<String> localDomains() {
        return Set.copyOf(List.of("localhost", DomainGrammar.toAscii(host)));
    }
}
