package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Reply;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * From what DNS says of a domain to the addresses to try, in order; or to the reason why there is none. RFC 5321 §5.1.
 */
sealed interface MxRoute {
    /** Addresses that one delivery tries, so that a domain of many dead hosts does not hold it up for hours. */
    int MAX_ADDRESSES = 10;

    /** An address of a host. */
    record Stop(String host, InetAddress address) {}

    /** These, one at least. */
    record To(List<Stop> stops) implements MxRoute {}

    /** Nowhere. */
    record Nowhere(DeliveryStatus status, Reply reply) implements MxRoute {}

    /**
     * The route.
     *
     * @param localName this host's name: it and hosts no better than it are left out, or mail would go in a loop
     * @param random shares the load between hosts of equal preference
     */
    static MxRoute of(String domain, MxAnswer answer, String localName, Random random) {
        if (answer instanceof MxAnswer.Hosts hosts) {
            return of(domain, hosts.hosts(), localName, random);
        }
        if (answer instanceof MxAnswer.NullMx) {
            return failed(556, "5.1.10", domain + " does not accept mail (null MX)");
        }
        if (answer instanceof MxAnswer.NoSuchDomain) {
            return failed(550, "5.1.2", "there is no domain " + domain);
        }
        if (answer instanceof MxAnswer.NoAddress) {
            return failed(550, "5.4.4", "no mail host of " + domain + " has an address");
        }
        return unknown(domain);
    }

    private static MxRoute of(String domain, List<MxHost> hosts, String localName, Random random) {
        List<MxHost> ordered = new ArrayList<>(hosts);
        Collections.shuffle(ordered, random);
        ordered.sort(Comparator.comparingInt(MxHost::preference));
        int own = ordered.stream()
                .filter(h -> h.name().equalsIgnoreCase(localName))
                .mapToInt(MxHost::preference)
                .min()
                .orElse(Integer.MAX_VALUE);
        List<Stop> stops = ordered.stream()
                .filter(h -> h.preference() < own)
                .flatMap(h -> h.addresses().stream().map(a -> new Stop(h.name(), a)))
                .limit(MAX_ADDRESSES)
                .toList();
        if (!stops.isEmpty()) {
            return new To(stops);
        }
        if (ordered.stream().anyMatch(h -> h.preference() < own && h.isLookUpFailed())) {
            return unknown(domain);
        }
        return own < Integer.MAX_VALUE
                ? failed(554, "5.4.6", "mail for " + domain + " loops back to " + localName)
                : failed(550, "5.4.4", "no mail host of " + domain + " has an address");
    }

    private static Nowhere unknown(String domain) {
        return new Nowhere(
                DeliveryStatus.DEFERRED,
                Reply.quoting(451, "4.4.3", "the mail host of " + domain + " can't be looked up"));
    }

    private static Nowhere failed(int code, String enhanced, String text) {
        return new Nowhere(DeliveryStatus.FAILED, Reply.quoting(code, enhanced, text));
    }
}
