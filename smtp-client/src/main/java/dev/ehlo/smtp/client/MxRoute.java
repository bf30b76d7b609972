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
 * From what DNS says of a domain to the hosts to try, in order; or to the reason why there is none. RFC 5321 §5.1.
 */
sealed interface MxRoute {
    /** Hosts that one delivery tries, so that a domain of many dead hosts does not hold it up for hours. */
    int MAX_HOSTS = 10;

    /**
     * A host.
     *
     * @param preference the lower, the sooner
     * @param addresses where it is, one at least
     * @param isProven whether DNSSEC proves that it is the domain's
     * @param tlsa by which certificate it is known
     */
    record Stop(String host, int preference, List<InetAddress> addresses, boolean isProven, TlsaAnswer tlsa) {
        /** The one host that there is, of which DNS proves nothing. */
        Stop(String host, List<InetAddress> addresses) {
            this(host, 0, addresses, false, new TlsaAnswer.None());
        }

        /** The same host, of whose certificate nothing is known. */
        Stop withoutTlsa() {
            return new Stop(host, preference, addresses, isProven, new TlsaAnswer.None());
        }
    }

    /** These, one at least. */
    record To(List<Stop> stops) implements MxRoute {}

    /** Nowhere. */
    record Nowhere(DeliveryStatus status, Reply reply) implements MxRoute {}

    /**
     * The route.
     *
     * @param own this host: it and hosts no better than it are left out, or mail would go in a loop
     * @param port where it goes; on the port of the world, loopback addresses are nobody's
     * @param random shares the load between hosts of equal preference
     */
    static MxRoute of(String domain, MxAnswer answer, OwnHost own, int port, Random random) {
        if (answer instanceof MxAnswer.Hosts hosts) {
            return of(domain, hosts, own, port, random);
        }
        if (answer instanceof MxAnswer.NullMx) {
            return failed(556, "5.1.10", domain + " does not accept mail (null MX)");
        }
        if (answer instanceof MxAnswer.NoSuchDomain) {
            return failed(550, "5.1.2", "there is no domain " + domain);
        }
        return answer instanceof MxAnswer.NoAddress ? noAddress(domain) : unknown(domain);
    }

    /** Straight to an address, as a literal says. RFC 5321 §4.1.3, §5.1. */
    static MxRoute to(String literal, InetAddress address, OwnHost own, int port) {
        if (own.isAt(address, port)) {
            return loop(literal, own);
        }
        return isUsable(address, port)
                ? new To(List.of(new Stop(literal, List.of(address))))
                : failed(550, "5.1.2", "no mail goes to " + literal);
    }

    private static MxRoute of(String domain, MxAnswer.Hosts answer, OwnHost own, int port, Random random) {
        List<MxHost> ordered = new ArrayList<>(answer.hosts());
        Collections.shuffle(ordered, random);
        ordered.sort(Comparator.comparingInt(MxHost::preference));
        int ownPreference = ordered.stream()
                .filter(h -> own.isNamed(h.name())
                        || h.addresses().stream().anyMatch(a -> isUsable(a, port) && own.isAt(a, port)))
                .mapToInt(MxHost::preference)
                .min()
                .orElse(Integer.MAX_VALUE);
        List<Stop> stops = ordered.stream()
                .filter(h -> h.preference() < ownPreference && !isLiteral(h.name()))
                .map(h -> new Stop(h.name(), h.preference(), usable(h.addresses(), port), answer.isSecure(), h.tlsa()))
                .filter(s -> !s.addresses().isEmpty())
                .limit(MAX_HOSTS)
                .toList();
        if (!stops.isEmpty()) {
            return new To(stops);
        }
        if (ordered.stream()
                .anyMatch(h -> h.preference() < ownPreference && !isLiteral(h.name()) && h.isLookUpFailed())) {
            return unknown(domain);
        }
        return ownPreference < Integer.MAX_VALUE ? loop(domain, own) : noAddress(domain);
    }

    /** A name that looks like an address would share its connections with mail for that address. */
    private static boolean isLiteral(String host) {
        return host.startsWith("[");
    }

    private static List<InetAddress> usable(List<InetAddress> addresses, int port) {
        return addresses.stream().filter(a -> isUsable(a, port)).toList();
    }

    /**
     * Whether anybody but this machine can be there. That an MX of a stranger's domain is on the loopback address is a
     * mistake, or a trick to reach what trusts this machine; other ports than that of the world are for tests.
     */
    private static boolean isUsable(InetAddress address, int port) {
        return !address.isAnyLocalAddress()
                && !address.isMulticastAddress()
                && !(address.isLoopbackAddress() && port == SmtpClient.SMTP_PORT);
    }

    private static Nowhere unknown(String domain) {
        return new Nowhere(
                DeliveryStatus.NOT_SENT,
                Reply.quoting(451, "4.4.3", "the mail host of " + domain + " can't be looked up"));
    }

    private static Nowhere loop(String domain, OwnHost own) {
        return failed(554, "5.4.6", "mail for " + domain + " loops back to " + own.name());
    }

    private static Nowhere noAddress(String domain) {
        return failed(550, "5.4.4", "no mail host of " + domain + " has an address to send to");
    }

    private static Nowhere failed(int code, String enhanced, String text) {
        return new Nowhere(DeliveryStatus.FAILED, Reply.quoting(code, enhanced, text));
    }
}
