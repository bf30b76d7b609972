package dev.ehlo.smtp.mta.check;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that was found.
 *
 * @param domain what DNS says of it; empty of a host that was named with its port, or by its address
 * @param hosts those that were looked at
 * @param now when
 */
public record Facts(Subject subject, Optional<DomainFacts> domain, List<HostFacts> hosts, Instant now) {
    /** Copies the list. */
    public Facts {
        hosts = List.copyOf(hosts);
    }
}
