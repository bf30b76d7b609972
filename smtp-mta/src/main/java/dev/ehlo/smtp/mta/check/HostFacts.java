package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.TlsaAnswer;
import java.net.InetAddress;
import java.util.List;

/**
 * A host, and what is at its ports.
 *
 * @param name as DNS has it, or an address
 * @param kind what it was looked at for
 * @param tlsa its TLSA records, as far as DNSSEC proves them
 * @param unproven TLSA records that it has and nothing proves
 */
public record HostFacts(
        String name,
        Kind kind,
        List<InetAddress> addresses,
        TlsaAnswer tlsa,
        List<String> unproven,
        List<PointerFacts> pointers,
        List<PortFacts> ports) {
    /** What a host was looked at for. */
    public enum Kind {
        /** It takes the mail of the domain: its other ports are nobody's business. */
        EXCHANGE,
        /** It was named, and so whatever it has is to be good. */
        NAMED,
        /** One of its ports was named: that has to be there. */
        NAMED_PORT,
        /** The domain's SRV records name it: the port has to be there. */
        SERVICE
    }

    /** Copies the lists. */
    public HostFacts {
        addresses = List.copyOf(addresses);
        unproven = List.copyOf(unproven);
        pointers = List.copyOf(pointers);
        ports = List.copyOf(ports);
    }
}
