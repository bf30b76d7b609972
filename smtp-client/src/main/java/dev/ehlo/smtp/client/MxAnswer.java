package dev.ehlo.smtp.client;

import java.util.List;

/** What DNS says of where the mail of a domain goes. RFC 5321 §5.1. */
public sealed interface MxAnswer {
    /**
     * To these hosts.
     *
     * @param hosts in any order, at least one of them with an address; a domain without MX records is its own host
     * @param isSecure whether DNSSEC proves that these are its hosts. RFC 7672 §2.2.1
     * @param isImplicit whether the host is the domain itself for want of MX records
     */
    record Hosts(List<MxHost> hosts, boolean isSecure, boolean isImplicit) implements MxAnswer {
        /** Hosts that MX records name. */
        public Hosts(List<MxHost> hosts, boolean isSecure) {
            this(hosts, isSecure, false);
        }

        /** Hosts that MX records name, and nothing proves. */
        public Hosts(List<MxHost> hosts) {
            this(hosts, false);
        }

        /** Copies the list. */
        public Hosts {
            hosts = List.copyOf(hosts);
        }
    }

    /** The domain takes no mail, and says so. RFC 7505. */
    record NullMx() implements MxAnswer {}

    /** There is no such domain. */
    record NoSuchDomain() implements MxAnswer {}

    /** There is such a domain, but no host of it has an address. */
    record NoAddress() implements MxAnswer {}

    /** DNS does not know at the moment. */
    record TemporaryFailure() implements MxAnswer {}
}
