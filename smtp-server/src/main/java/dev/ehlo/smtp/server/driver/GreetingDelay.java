package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.server.session.Role;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the greeting back, and with it all that the handler does about a client: those that send mail nobody asked for
 * don't wait. Serves in the place of a {@link ServerConnection}, and gives the connection back to it. Used on its
 * connection's loop.
 */
final class GreetingDelay implements ConnectionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(GreetingDelay.class);
    /** The greeting of a client that should have waited for it. RFC 5321 §4.3.1. */
    private static final EncodedReply TALKED_EARLY =
            new EncodedReply(Reply.of(554, "5.5.1", "Octets sent before the greeting"));

    private final ServerConnection server;
    private final Role role;

    GreetingDelay(ServerConnection server, Role role) {
        this.server = server;
        this.role = role;
    }

    /** Ends a connection whose client did not wait for the greeting. */
    static void refuse(Connection early, String id) {
        LOG.info("session {}: none, octets before the greeting, from {}", id, early.remoteAddress());
        TALKED_EARLY.writeTo(early.output(TALKED_EARLY.length()));
        early.flush();
        early.close();
    }

    @Override
    public void opened(Connection opened) {
        opened.deadline(role.profile().greetingDelay().toNanos());
    }

    @Override
    public void received(Connection from, ByteBuffer in) {
        if (role.isSilenceAwaited()) {
            refuse(from, server.id());
        } else {
            from.pauseReading();
        }
    }

    @Override
    public void deadlineReached(Connection waited) {
        waited.resumeReading();
        waited.handOver(server);
    }

    @Override
    public void closed(Connection gone, CloseCause cause) {
        server.closed(gone, cause);
    }
}
