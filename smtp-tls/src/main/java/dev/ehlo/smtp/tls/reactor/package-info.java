/**
 * How octets travel: event loops over non-blocking sockets, and connections that may turn to TLS on the way. For the
 * protocols built on it (server and client), not for users of those.
 *
 * <p>One thread for each {@link dev.ehlo.smtp.tls.reactor.EventLoop}; a
 * {@link dev.ehlo.smtp.tls.reactor.Connection} stays on its loop, and all calls on it, and from it to its
 * {@link dev.ehlo.smtp.tls.reactor.ConnectionHandler}, are made there.
 */
@NullMarked
package dev.ehlo.smtp.tls.reactor;

import org.jspecify.annotations.NullMarked;
