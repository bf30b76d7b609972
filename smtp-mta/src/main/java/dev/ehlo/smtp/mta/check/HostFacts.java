package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.client.TlsaAnswer;
import java.net.InetAddress;
import java.util.List;

/**
 * A host, and what is at its ports.
 *
 * @param name as DNS has it, or an address
 * @param kind what it was looked at for
 * @param isOwn whether it is by more than the word of an unsigned answer that users log in there. RFC 6186 §6
 * @param unproven TLSA records that it has and nothing proves
 */
public record HostFacts(
        String name,
        Kind kind,
        boolean isOwn,
        Place place,
        List<String> unproven,
        List<PointerFacts> pointers,
        List<PortFacts> ports) {
    /** What a host was looked at for. */
    public enum Kind {
        /** It takes the mail of the domain: its other ports are nobody's business. */
        EXCHANGE,
        /** It was named, and so whatever it has is to be good; a domain that it is as well has no other mail host. */
        NAMED,
        /** One of its ports was named: that has to be there. */
        NAMED_PORT,
        /** The domain's SRV records name it: the port has to be there. */
        SERVICE
    }

    /** Copies the lists. */
    public HostFacts {
        unproven = List.copyOf(unproven);
        pointers = List.copyOf(pointers);
        ports = List.copyOf(ports);
    }

    /** Those that were looked at. */
    public List<InetAddress> addresses() {
        return place.addresses();
    }

    /** Its TLSA records for mail from servers, as far as DNSSEC proves them. */
    public TlsaAnswer tlsa() {
        return place.tlsa();
    }

    /** Whether mail to the domain goes there, if there is one. */
    boolean isMailHost() {
        return kind == Kind.EXCHANGE || kind == Kind.NAMED;
    }

    /** The same with those ports. */
    HostFacts with(List<PortFacts> others) {
        return new HostFacts(name, kind, isOwn, place, unproven, pointers, others);
    }
}
