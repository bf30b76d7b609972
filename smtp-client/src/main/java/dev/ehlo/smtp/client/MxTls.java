package dev.ehlo.smtp.client;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsPolicy;
import dev.ehlo.smtp.tls.TlsaRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of the TLS of mail exchangers: by DANE of those that have TLSA records, else by MTA-STS of those whose
 * domain has a policy, and of others what the message asks. Policies are kept, so that connections and sessions are
 * shared by all deliveries to hosts of the same records. Thread-safe. RFC 7672 §2.2, RFC 8461 §2, RFC 8689 §4.2.1.
 */
final class MxTls {
    /** Policies kept; beyond that, the one that was not used for longest is made anew. */
    static final int MAX_POLICIES = 1_000;

    private final Transport.HostTls opportunistic = tls(TlsPolicy.opportunistic());

    private final Map<Certificates, Transport.HostTls> dane = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Certificates, Transport.HostTls> eldest) {
            return size() > MAX_POLICIES;
        }
    };

    private final Map<Set<String>, Transport.HostTls> mtaSts = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Set<String>, Transport.HostTls> eldest) {
            return size() > MAX_POLICIES;
        }
    };

    /** What a policy is made of, in any order. */
    private record Certificates(Set<TlsaRecord> records, List<String> otherNames) {}

    private static Transport.HostTls tls(TlsPolicy policy) {
        return new Transport.HostTls(policy, TlsContext.client(policy));
    }

    /** What is asked of hosts of which nothing is known, for a message that asks for nothing. */
    Transport.HostTls opportunistic() {
        return opportunistic;
    }

    /**
     * The way to the host; null if the message asks for a host that is proven, and this one can't be.
     *
     * @param asked what the message asks
     * @param way what the domain's policy of MTA-STS asks
     */
    @Nullable
    Hop hop(String domain, MxRoute.Stop stop, Transport.HostTls asked, MxAgent.Way way, int port) {
        if (stop.tlsa() instanceof TlsaAnswer.Failed) {
            // Who can suppress the records would else have the mail in clear. RFC 7672 §2.1.2.
            return hop(stop, asked, serverName(stop), port)
                    .closed(Reply.quoting(451, "4.7.5", "the TLSA records of " + stop.host() + " can't be looked up"));
        }
        boolean isRequired = asked.policy().isTlsRequired();
        TlsaAnswer.Records records = stop.tlsa() instanceof TlsaAnswer.Records some ? some : null;
        if (records != null && records.isUsable()) {
            return hop(stop, dane(records), records.host(), port);
        }
        if (way.isBlind()) {
            return hop(stop, asked, serverName(stop), port).closed(UnreadableRoots.REPLY);
        }
        if (way.sts() != null) {
            return hop(stop, way.sts(), serverName(stop), port);
        }
        if (records != null && !isRequired) {
            return hop(stop, dane(records), records.host(), port);
        }
        return isRequired && !stop.isProven() && !isOf(domain, stop.host())
                ? null
                : hop(stop, asked, serverName(stop), port);
    }

    private static Hop hop(MxRoute.Stop stop, Transport.HostTls tls, String name, int port) {
        return new Hop(
                Octets.printable(stop.host()),
                Hop.at(stop.addresses(), port),
                false,
                tls.policy(),
                tls.context().toward(name, port));
    }

    private synchronized Transport.HostTls dane(TlsaAnswer.Records answer) {
        Certificates key = new Certificates(Set.copyOf(answer.records()), answer.otherNames());
        return dane.computeIfAbsent(key, k -> tls(TlsPolicy.dane(answer.records(), answer.otherNames())));
    }

    /** What a policy of MTA-STS asks. */
    synchronized Transport.HostTls mtaSts(StsPolicy policy, ClientTrust trust) {
        return mtaSts.computeIfAbsent(Set.copyOf(policy.mx()), k -> tls(TlsPolicy.mtaSts(policy.mx(), trust)));
    }

    /** Whether the name is the domain's by itself, and not by what an unsigned answer of DNS says. RFC 8689 §4.2.1. */
    private static boolean isOf(String domain, String host) {
        String name = Octets.lowerAscii(DomainGrammar.withoutRoot(host));
        return DomainGrammar.isWithin(name, domain);
    }

    /** Whom to tell of TLS with that host. */
    static TlsWatch watch(TlsEvents events, String domain, MxRoute.Stop stop, MxAgent.Way way) {
        StsPolicy policy = way.policy();
        ClientTrust trust = way.roots();
        TlsResult.Policy told = TlsWatch.policy(domain, stop.tlsa(), policy);
        TlsPolicy tested = null;
        if (policy != null
                && trust != null
                && policy.mode() == StsPolicy.Mode.TESTING
                && told.type() == TlsResult.Type.STS) {
            tested = TlsPolicy.mtaSts(policy.mx(), trust);
        }
        return new TlsWatch(events, told, Octets.printable(stop.host()), serverName(stop), tested);
    }

    /** By which its certificate is judged: of an address literal, and of the root of DNS, the address. */
    private static String serverName(MxRoute.Stop stop) {
        boolean isName = !stop.host().isEmpty()
                && !stop.host().equals(".")
                && !stop.host().startsWith("[");
        return isName ? stop.host() : stop.addresses().get(0).getHostAddress();
    }
}
