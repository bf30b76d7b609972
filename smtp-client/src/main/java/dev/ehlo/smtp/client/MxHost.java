package dev.ehlo.smtp.client;

import java.net.InetAddress;
import java.util.List;

/**
 * A host that takes mail for a domain. RFC 5321 §5.1.
 *
 * @param name its name, without a dot at the end; as DNS gave it, so escape it where it is shown. Hosts of one name are
 *     one host, whose connections serve all domains that name it
 * @param preference the lower, the sooner; 0 to 65535
 * @param addresses in the order in which to try them; empty if it has none or they could not be looked up;
 *     unmodifiable
 * @param isLookUpFailed whether DNS did not know all its addresses at the moment, or was not asked
 * @param tlsa by which certificate it is known. RFC 7672 §2.2
 */
public record MxHost(
        String name, int preference, List<InetAddress> addresses, boolean isLookUpFailed, TlsaAnswer tlsa) {
    /** A host of which DNS proves nothing. */
    public MxHost(String name, int preference, List<InetAddress> addresses, boolean isLookUpFailed) {
        this(name, preference, addresses, isLookUpFailed, new TlsaAnswer.None());
    }

    /** A host whose addresses are known. */
    public MxHost(String name, int preference, List<InetAddress> addresses) {
        this(name, preference, addresses, false);
    }

    /** Copies the list. */
    public MxHost {
        addresses = List.copyOf(addresses);
    }
}
