package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.tls.TlsSession;
import dev.ehlo.smtp.tls.reactor.CloseCause;
import dev.ehlo.smtp.tls.reactor.Escaped;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log is told of one session while it lasts, besides what {@link EventLog} says of its end: by its id, with all
 * that is the peer's escaped. From any thread.
 */
final class SessionLog {
    private static final Logger LOG = LoggerFactory.getLogger(ServerConnection.class);

    private final String id;

    SessionLog(String id) {
        this.id = id;
    }

    void opened(SessionInfo info) {
        if (LOG.isDebugEnabled()) {
            LOG.debug(
                    "session {}: {} on {}, {}",
                    id,
                    text(info.remoteAddress()),
                    info.profile(),
                    info.tls().map(TlsSession::toString).orElse("in clear"));
        }
    }

    void newClient(SessionInfo info) {
        LOG.debug("session {}: its peer speaks for {}", id, text(info.remoteAddress()));
    }

    void closed(CloseCause cause) {
        LOG.debug("session {}: closed, {}", id, cause.kind());
    }

    /** Whom a task was for is gone. */
    void gone(String what) {
        LOG.debug("session {}: {} gone", id, what);
    }

    void failed(Throwable cause) {
        Throwable root = cause instanceof CompletionException && cause.getCause() != null ? cause.getCause() : cause;
        if (root instanceof IOException) {
            LOG.warn("session {}: {}", id, Escaped.text(root.toString()));
        } else {
            LOG.error("session {}: answered 4yz because of a defect", id, Escaped.error(root));
        }
    }

    /** In figures alone: an address that was asked for its name would tell that too, as DNS has it. */
    static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ':' + address.getPort();
    }
}
