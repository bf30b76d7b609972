package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.server.session.Role;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Connection;
import dev.ehlo.smtp.tls.reactor.ConnectionHandler;
import java.nio.ByteBuffer;

/**
 * Holds the greeting back, and with it all that the handler does about a client: those that send mail nobody asked for
 * don't wait. Serves in the place of a {@link ServerConnection}, and gives the connection back to it. Used on its
 * connection's loop.
 */
final class GreetingDelay implements ConnectionHandler {
    private final ServerConnection server;
    private final Role role;

    GreetingDelay(ServerConnection server, Role role) {
        this.server = server;
        this.role = role;
    }

    @Override
    public void opened(Connection opened) {
        opened.deadline(role.profile().greetingDelay().toNanos());
    }

    @Override
    public void received(Connection from, ByteBuffer in) {
        if (role.isSilenceAwaited()) {
            server.refuseEarly(from);
        } else {
            from.pauseReading();
        }
    }

    @Override
    public void inputEnded(Connection ended) {
        server.inputEnded(ended);
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
