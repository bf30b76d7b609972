package dev.ehlo.smtp.client;

import dev.ehlo.smtp.tls.TlsContext;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/**
 * One address to try, and how.
 *
 * @param host the host's name, as outcomes give it
 * @param address resolved
 * @param implicitTls whether under TLS from the first octet
 * @param tls what to make of STARTTLS otherwise
 * @param context for either; made when it is needed
 */
record Hop(String host, InetSocketAddress address, boolean implicitTls, TlsUse tls, Supplier<TlsContext> context) {

    /** The same address, without TLS. */
    Hop inClear() {
        return new Hop(host, address, false, TlsUse.NEVER, context);
    }
}
