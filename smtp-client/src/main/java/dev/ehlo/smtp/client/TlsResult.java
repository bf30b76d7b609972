package dev.ehlo.smtp.client;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How TLS went with one mail exchanger, on one connection.
 *
 * @param policy what the recipients' domain wants
 * @param host the mail exchanger, as its domain names it; empty if it did not come to one
 * @param from where the connection was made from; empty if there was none
 * @param to the host's address; empty if there was none
 * @param failure what was not as the policy wants it; empty if TLS stands. Mail may have gone all the same, in clear or to
 *     a host that is not proven, where the policy is tested only or there is none
 * @param reason more about the failure, in a postmaster's words and printable ASCII; empty if there is no more
 */
public record TlsResult(
        Policy policy,
        String host,
        Optional<InetAddress> from,
        Optional<InetAddress> to,
        Optional<TlsFailure> failure,
        String reason) {
    /**
     * What a domain wants.
     *
     * @param type which of its policies it is
     * @param text the lines of a policy of MTA-STS, or the TLSA records, data beyond 64 octets cut; none
     *     where they are not known
     * @param domain whose policy it is: that of the recipients
     * @param hosts the patterns of hosts that MTA-STS names
     */
    public record Policy(Type type, List<String> text, String domain, List<String> hosts) {
        /** Copies the lists. */
        public Policy {
            text = List.copyOf(text);
            hosts = List.copyOf(hosts);
        }
    }

    /** Which policies there are. RFC 8460 §4.4. */
    public enum Type {
        /** DANE. */
        TLSA,
        /** MTA-STS. */
        STS,
        /** Neither. */
        NO_POLICY_FOUND;

        /** As reports name it. */
        public String term() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
