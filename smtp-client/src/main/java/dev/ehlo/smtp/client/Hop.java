package dev.ehlo.smtp.client;

import dev.ehlo.smtp.tls.TlsContext;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * One address to try, and how.
 *
 * @param host the host's name, as outcomes give it
 * @param address resolved
 * @param implicitTls whether under TLS from the first octet
 * @param policy what to ask of TLS
 * @param context toward that host
 */
record Hop(String host, InetSocketAddress address, boolean implicitTls, TlsPolicy policy, TlsContext context) {

    /** What a session by it with that login is good for. The context follows from the policy and the host. */
    Route route(@Nullable Login login) {
        return new Route(host, address, implicitTls, policy, login);
    }

    /** The same address, without TLS. */
    Hop inClear() {
        return new Hop(host, address, false, TlsPolicy.none(), context);
    }
}
