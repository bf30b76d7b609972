package dev.ehlo.smtp.mta.check;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that was found.
 *
 * @param domain what DNS says of it; empty of a host that was named with its port, or by its address
 * @param hosts those that were looked at
 * @param isLoginAsked whether a login was to be tried
 * @param recipient who was to be asked about; empty for nobody
 * @param now when
 */
public record Facts(
        Subject subject,
        Optional<DomainFacts> domain,
        List<HostFacts> hosts,
        boolean isLoginAsked,
        String recipient,
        Instant now) {
    /** Copies the list. */
    public Facts {
        hosts = List.copyOf(hosts);
    }
}
