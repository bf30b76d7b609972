package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.ServerEvents;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SessionSummary;
import dev.ehlo.smtp.server.TransactionSummary;
import dev.ehlo.smtp.tls.TlsSession;
import java.time.Duration;
import java.util.Optional;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * Writes sessions, transactions, handshakes and failed logins into a recording of the JDK's Flight Recorder, while there
 * is one; else a look at a field is all it costs. Loaded only where the module {@code jdk.jfr} is there. Stateless.
 */
public final class FlightEvents implements ServerEvents {
    /** Asked whether anybody records them, without an object for each event. */
    private static final SessionEvent SESSION = new SessionEvent();

    private static final TransactionEvent TRANSACTION = new TransactionEvent();
    private static final HandshakeEvent HANDSHAKE = new HandshakeEvent();
    private static final LoginFailedEvent LOGIN_FAILED = new LoginFailedEvent();

    private FlightEvents() {}

    /** Those, if this JVM has a Flight Recorder. */
    public static Optional<ServerEvents> ifPossible() {
        return ModuleLayer.boot().findModule("jdk.jfr").map(module -> new FlightEvents());
    }

    /** A session that is over. */
    @Name("dev.ehlo.smtp.Session")
    @Label("SMTP session")
    @Category({"SMTP", "Server"})
    @StackTrace(false)
    static final class SessionEvent extends Event {
        @Label("Session")
        String session = "";

        @Label("Profile")
        String profile = "";

        @Label("Client")
        String client = "";

        @Label("Login")
        String login = "";

        @Label("TLS")
        String tls = "";

        @Label("Time")
        @Timespan
        long time;

        @Label("Octets in")
        @DataAmount
        long octetsIn;

        @Label("Octets out")
        @DataAmount
        long octetsOut;

        @Label("Transactions")
        int transactions;

        @Label("Accepted")
        int accepted;

        @Label("End")
        String end = "";
    }

    /** A transaction that is over. */
    @Name("dev.ehlo.smtp.Transaction")
    @Label("SMTP transaction")
    @Category({"SMTP", "Server"})
    @StackTrace(false)
    static final class TransactionEvent extends Event {
        @Label("Session")
        String session = "";

        @Label("Message")
        int message;

        @Label("Sender")
        String sender = "";

        @Label("Recipients")
        int recipients;

        @Label("Refused recipients")
        int refusedRecipients;

        @Label("Octets")
        @DataAmount
        long octets;

        @Label("Time")
        @Timespan
        long time;

        @Label("Outcome")
        String outcome = "";

        @Label("Reply code")
        int code;
    }

    /** A TLS handshake that came to its end. */
    @Name("dev.ehlo.smtp.Handshake")
    @Label("TLS handshake of SMTP")
    @Category({"SMTP", "Server"})
    @StackTrace(false)
    static final class HandshakeEvent extends Event {
        @Label("Session")
        String session = "";

        @Label("TLS")
        String tls = "";

        @Label("Time")
        @Timespan
        long time;
    }

    /** A login that failed. */
    @Name("dev.ehlo.smtp.LoginFailed")
    @Label("Failed login of SMTP")
    @Category({"SMTP", "Server"})
    @StackTrace(false)
    static final class LoginFailedEvent extends Event {
        @Label("Session")
        String session = "";

        @Label("Client")
        String client = "";

        @Label("Login")
        String login = "";

        @Label("Mechanism")
        String mechanism = "";

        @Label("Reason")
        String reason = "";
    }

    private static String tls(SessionInfo session) {
        return session.tls().map(TlsSession::toString).orElse("");
    }

    private static String client(SessionInfo session) {
        return session.remoteAddress().getAddress().getHostAddress();
    }

    @Override
    public void tls(SessionInfo session, Duration handshake) {
        if (HANDSHAKE.isEnabled()) {
            HandshakeEvent event = new HandshakeEvent();
            event.session = session.id();
            event.tls = tls(session);
            event.time = handshake.toNanos();
            event.commit();
        }
    }

    @Override
    public void loginFailed(SessionInfo session, String login, Mechanism mechanism, Refusal reason) {
        if (LOGIN_FAILED.isEnabled()) {
            LoginFailedEvent event = new LoginFailedEvent();
            event.session = session.id();
            event.client = client(session);
            event.login = login.substring(0, Math.min(login.length(), LogLine.MAX_VALUE));
            event.mechanism = mechanism.saslName();
            event.reason = reason.word();
            event.commit();
        }
    }

    @Override
    public void transaction(TransactionSummary transaction) {
        if (TRANSACTION.isEnabled()) {
            TransactionEvent event = new TransactionEvent();
            event.session = transaction.session().id();
            event.message = transaction.message();
            event.sender = transaction.sender().toString();
            event.recipients = transaction.recipients();
            event.refusedRecipients = transaction.refusedRecipients();
            event.octets = transaction.octets();
            event.time = transaction.nanos();
            event.outcome = transaction.outcome().name();
            event.code = transaction.reply() == null ? 0 : transaction.reply().code();
            event.commit();
        }
    }

    @Override
    public void disconnected(SessionSummary summary) {
        if (SESSION.isEnabled()) {
            SessionInfo session = summary.session();
            SessionEvent event = new SessionEvent();
            event.session = session.id();
            event.profile = session.profile();
            event.client = client(session);
            event.login = session.login().orElse("");
            event.tls = tls(session);
            event.time = summary.nanos();
            event.octetsIn = summary.octetsIn();
            event.octetsOut = summary.octetsOut();
            event.transactions = summary.transactions();
            event.accepted = summary.accepted();
            event.end = summary.end().name();
            event.commit();
        }
    }
}
