package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.Alert;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.ServerEvents;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SessionSummary;
import dev.ehlo.smtp.server.Strain;
import dev.ehlo.smtp.server.TransactionSummary;
import dev.ehlo.smtp.tls.reactor.Escaped;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells each of those who listen, in their order; what one throws is logged, and the others are told all the same. From
 * any thread; written out, as an object for each event would be made otherwise.
 */
public final class Listeners implements ServerEvents {
    private static final Logger LOG = LoggerFactory.getLogger(ServerEvents.class);

    private final ServerEvents[] each;

    /** Those. */
    public Listeners(Collection<ServerEvents> listeners) {
        this.each = listeners.toArray(ServerEvents[]::new);
    }

    private static void failed(Throwable e) {
        LOG.error("who listens to events failed", Escaped.error(e));
    }

    @Override
    public void connected(SessionInfo session) {
        for (ServerEvents told : each) {
            try {
                told.connected(session);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    @Override
    public void refused(Refusal reason, InetSocketAddress remote, String profile) {
        for (ServerEvents told : each) {
            try {
                told.refused(reason, remote, profile);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    @Override
    public void tls(SessionInfo session, Duration handshake) {
        for (ServerEvents told : each) {
            try {
                told.tls(session, handshake);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    @Override
    public void tlsFailed(SessionInfo session, Throwable cause) {
        for (ServerEvents told : each) {
            try {
                told.tlsFailed(session, cause);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    @Override
    public void loggedIn(SessionInfo session, Mechanism mechanism) {
        for (ServerEvents told : each) {
            try {
                told.loggedIn(session, mechanism);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    @Override
    public void loginFailed(SessionInfo session, String login, Mechanism mechanism, Refusal reason) {
        for (ServerEvents told : each) {
            try {
                told.loginFailed(session, login, mechanism, reason);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    @Override
    public void limited(SessionInfo session, Refusal reason) {
        for (ServerEvents told : each) {
            try {
                told.limited(session, reason);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    @Override
    public void replied(SessionInfo session, Reply reply) {
        for (ServerEvents told : each) {
            try {
                told.replied(session, reply);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    @Override
    public void transaction(TransactionSummary transaction) {
        for (ServerEvents told : each) {
            try {
                told.transaction(transaction);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    @Override
    public void disconnected(SessionSummary session) {
        for (ServerEvents told : each) {
            try {
                told.disconnected(session);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    @Override
    public void strained(Strain strain) {
        for (ServerEvents told : each) {
            try {
                told.strained(strain);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }

    @Override
    public void alert(Alert alert) {
        for (ServerEvents told : each) {
            try {
                told.alert(alert);
            } catch (Throwable e) {
                failed(e);
            }
        }
    }
}
