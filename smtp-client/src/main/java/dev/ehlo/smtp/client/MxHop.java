package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** A hop to a mail exchanger, and its preference: the lower, the sooner. RFC 5321 §5.1. */
record MxHop(int preference, Hop hop) {
    /** A host by its name, whose letters have no case, and what is asked of it. */
    private record Asked(String host, TlsPolicy policy, boolean isClosed) {}

    /**
     * What is equal for domains whose mail may go together: the same hosts, in the same order of preference whatever the
     * numbers, with the same policy for each. Addresses are as good as each other.
     */
    static Object way(List<MxHop> hops) {
        TreeMap<Integer, Set<Asked>> equals = new TreeMap<>();
        for (MxHop each : hops) {
            equals.computeIfAbsent(each.preference(), p -> new HashSet<>()).add(asked(each.hop()));
        }
        return List.copyOf(equals.values());
    }

    private static Asked asked(Hop hop) {
        return new Asked(Octets.lowerAscii(hop.host()), hop.policy(), hop.closed() != null);
    }
}
