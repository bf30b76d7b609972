package dev.ehlo.smtp.mta.check;

import java.net.InetAddress;
import java.util.List;

/**
 * The name that an address has. RFC 1912 §2.1.
 *
 * @param names of its PTR records, as DNS has them
 * @param isConfirmed whether one of them has that address
 * @param isKnown whether DNS could say
 */
public record PointerFacts(InetAddress address, List<String> names, boolean isConfirmed, boolean isKnown) {
    /** Copies the list. */
    public PointerFacts {
        names = List.copyOf(names);
    }
}
