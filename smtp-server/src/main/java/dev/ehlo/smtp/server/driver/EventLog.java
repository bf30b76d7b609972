package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.server.Alert;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.ServerEvents;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SessionSummary;
import dev.ehlo.smtp.server.TransactionSummary;
import java.net.InetSocketAddress;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a line of the log for each transaction and each session when it is over, and for who is not let in; as WARN for
 * logins that fail and for alerts. Names the login, and never what it was proved by. Stateless.
 */
public final class EventLog implements ServerEvents {
    private static final Logger LOG = LoggerFactory.getLogger(ServerEvents.class);
    /** The most characters of a login that failed: a guesser is not to fill the log. */
    private static final int LOGIN = 128;

    /** The log of SLF4J, named as {@link ServerEvents}. */
    public EventLog() {}

    @Override
    public void refused(Refusal reason, InetSocketAddress remote, String profile) {
        if (LOG.isInfoEnabled()) {
            LOG.info(new LogLine()
                    .put("refused", reason.word())
                    .put("client", remote)
                    .put("profile", profile)
                    .toString());
        }
    }

    @Override
    public void tlsFailed(SessionInfo session, Throwable cause) {
        if (LOG.isInfoEnabled()) {
            LOG.info(of("session", session.id(), session)
                    .put("tls-failed", String.valueOf(cause.getMessage()))
                    .toString());
        }
    }

    @Override
    public void loginFailed(SessionInfo session, String login, Mechanism mechanism, Refusal reason) {
        LOG.warn(of("session", session.id(), session)
                .put("login-failed", login.substring(0, Math.min(login.length(), LOGIN)))
                .put("mechanism", mechanism.saslName())
                .put("reason", reason.word())
                .toString());
    }

    @Override
    public void transaction(TransactionSummary transaction) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        SessionInfo session = transaction.session();
        LogLine line = of("transaction", session.id() + '.' + transaction.message(), session);
        session.login().ifPresent(login -> line.put("login", login));
        line.put("outcome", word(transaction.outcome()))
                .put("sender", transaction.sender().toString())
                .put("recipients", transaction.recipients())
                .put("refused", transaction.refusedRecipients())
                .put("octets", transaction.octets())
                .seconds("seconds", transaction.nanos());
        if (transaction.reply() != null) {
            line.put("reply", transaction.reply().toString());
        }
        transaction.queueId().ifPresent(id -> line.put("queue-id", id));
        LOG.info(line.toString());
    }

    @Override
    public void disconnected(SessionSummary summary) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        SessionInfo session = summary.session();
        LogLine line = of("session", session.id(), session);
        if (!session.helo().isEmpty()) {
            line.put("helo", session.helo());
        }
        session.clientName().ifPresent(name -> line.put("name", name));
        session.tls().ifPresent(tls -> line.put("tls", tls.protocol()).put("suite", tls.cipherSuite()));
        session.login().ifPresent(login -> line.put("login", login));
        line.put("end", word(summary.end()))
                .seconds("seconds", summary.nanos())
                .put("octets-in", summary.octetsIn())
                .put("octets-out", summary.octetsOut())
                .put("transactions", summary.transactions())
                .put("accepted", summary.accepted())
                .put("errors", summary.errors());
        if (summary.failedLogins() > 0) {
            line.put("failed-logins", summary.failedLogins());
        }
        summary.lastRefusal().ifPresent(reason -> line.put("last-refusal", reason.word()));
        LOG.info(line.toString());
    }

    @Override
    public void alert(Alert alert) {
        LOG.warn(new LogLine()
                .put("alert", word(alert.kind()))
                .put("subject", alert.subject())
                .put("count", alert.count())
                .put("within-seconds", alert.seconds())
                .toString());
    }

    private static LogLine of(String kind, String id, SessionInfo session) {
        return new LogLine()
                .put(kind, id)
                .put("client", session.remoteAddress())
                .put("profile", session.profile());
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
