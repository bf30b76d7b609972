package dev.ehlo.smtp.client;

import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.TlsFacts;
import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsPolicy;
import dev.ehlo.smtp.tls.TlsVerdict;
import dev.ehlo.smtp.tls.reactor.Connection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One host to try, and how.
 *
 * @param host its name, as outcomes give it
 * @param addresses resolved, all with one port, in the order in which to try them; one at least
 * @param implicitTls whether under TLS from the first octet
 * @param policy what to ask of TLS
 * @param context toward that host
 * @param lmtp whether LMTP is spoken there. RFC 2033 §4
 * @param closed why nothing may go there for now; null if it may
 * @param watch is told how TLS goes there; null if nobody is
 */
record Hop(
        String host,
        List<InetSocketAddress> addresses,
        boolean implicitTls,
        TlsPolicy policy,
        TlsContext context,
        boolean lmtp,
        @Nullable Reply closed,
        @Nullable TlsWatch watch) {
    /** Addresses of one host that one delivery tries. */
    static final int MAX_ADDRESSES = 8;

    /** A hop by SMTP. */
    Hop(String host, List<InetSocketAddress> addresses, boolean implicitTls, TlsPolicy policy, TlsContext context) {
        this(host, addresses, implicitTls, policy, context, false);
    }

    /** A hop that is open. */
    Hop(
            String host,
            List<InetSocketAddress> addresses,
            boolean implicitTls,
            TlsPolicy policy,
            TlsContext context,
            boolean lmtp) {
        this(host, addresses, implicitTls, policy, context, lmtp, null, null);
    }

    Hop {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("a hop without an address");
        }
    }

    /** The addresses to try, at that port: the families in turn, and no more than are tried. */
    static List<InetSocketAddress> at(List<InetAddress> addresses, int port) {
        return Race.interleaved(addresses).stream()
                .limit(MAX_ADDRESSES)
                .map(a -> new InetSocketAddress(a, port))
                .toList();
    }

    /** What a session by it with that login is good for. The context follows from the policy and the host. */
    Route route(@Nullable Login login) {
        return new Route(host, addresses.get(0).getPort(), implicitTls, lmtp, policy, login);
    }

    /** The same host, where nothing may go for now. */
    Hop closed(Reply why) {
        return new Hop(host, addresses, implicitTls, policy, context, lmtp, why, watch);
    }

    /** The same host, of which that is told how TLS goes. */
    Hop watched(TlsWatch by) {
        return new Hop(host, addresses, implicitTls, policy, context, lmtp, closed, by);
    }

    /** The same host, without TLS. */
    Hop inClear() {
        return new Hop(host, addresses, false, TlsPolicy.none(), context, lmtp);
    }

    /** The same host at fewer addresses; null if none is left. */
    @Nullable
    Hop without(Predicate<InetSocketAddress> these) {
        List<InetSocketAddress> left = addresses.stream().filter(these.negate()).toList();
        return left.isEmpty() ? null : new Hop(host, left, implicitTls, policy, context, lmtp, closed, watch);
    }

    /** The host as outcomes tell it, once the connection stands. */
    RemoteHost reached(Connection open) {
        TlsFacts facts = open.tls()
                .map(tls -> new TlsFacts(
                        tls.protocol(),
                        tls.cipherSuite(),
                        tls.verdict().filter(TlsVerdict::authenticated).isPresent()))
                .orElse(null);
        return new RemoteHost(host, open.remoteAddress(), facts, Set.of());
    }
}
