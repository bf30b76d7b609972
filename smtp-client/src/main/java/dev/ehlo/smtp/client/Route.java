package dev.ehlo.smtp.client;

import dev.ehlo.smtp.tls.TlsPolicy;
import org.jspecify.annotations.Nullable;

/**
 * What two messages must have in common to go by the same connection, one after the other. A policy is the same only as
 * the same object, so that sessions judged by other roots, records or patterns are never mixed; the name that the
 * certificate is judged by follows from the host.
 *
 * @param host by whose name the certificate was judged, and whose addresses are as good as each other
 */
record Route(
        String host,
        int port,
        boolean implicitTls,
        boolean lmtp,
        TlsPolicy policy,
        @Nullable Login login) {}
