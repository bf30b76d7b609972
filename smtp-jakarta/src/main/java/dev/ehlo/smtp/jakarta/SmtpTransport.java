package dev.ehlo.smtp.jakarta;

import dev.ehlo.smtp.BodyType;
import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.EnhancedStatusCode;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpKeyword;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.client.ConnectionReport;
import dev.ehlo.smtp.client.SmtpAgent;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.URLName;
import jakarta.mail.event.MailEvent;
import jakarta.mail.event.TransportEvent;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.EventListener;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.Vector;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Sends the messages of Jakarta Mail by {@link dev.ehlo.smtp.client.SmtpClient}. One thread at a time sends by it, and
 * waits until the server has the message, as with any {@link Transport}.
 *
 * <p>The transports of a JVM that have the same server, login, TLS and time limits share connections, which are kept for
 * ten seconds after a message: {@link #connect} finds one that stands, or makes one, and {@link #close} leaves it for the
 * next. There is nothing else to close, and the threads behind it end with the JVM, or half a minute after their last use.
 * {@link #isConnected} asks no server: a connection that was lost meanwhile is followed by another, by itself.
 *
 * <p>Properties begin with {@code mail.smtp.}, those of {@link SmtpsTransport} with {@code mail.smtps.}:
 *
 * <ul>
 *   <li>as Angus documents them: {@code host port user from localhost connectiontimeout timeout writetimeout auth
 *       auth.mechanisms auth.….disable starttls.enable starttls.required ssl.enable ssl.trust dsn.notify dsn.ret submitter
 *       mailextension allow8bitmime sendpartial reportsuccess}, and {@code mail.mime.allowutf8}, {@code mail.debug}.
 *       Without a time limit those of RFC 5321 §4.5.3.2 hold.
 *   <li>of this transport: {@code ssl.cafile}, a PEM file of the certificates to trust in place of those of the JVM.
 *   <li>more strictly: {@code ssl.checkserveridentity} is always true where {@code ssl.trust} does not name the host, and
 *       {@code ssl.protocols} has to name TLSv1.2: TLS is 1.2 or 1.3. Where {@code auth} is true and the server offers no
 *       login, nothing is sent.
 *   <li>refused when connecting, as they can't be kept: socket factories (but {@code javax.net.ssl.SSLSocketFactory}, which
 *       says {@code ssl.enable}), {@code ssl.hostnameverifier ssl.ciphersuites proxy.host socks.host localaddress
 *       localport sasl.authorizationid sasl.realm}.
 *   <li>without effect, as the client knows better: {@code ehlo chunksize quitwait quitonsessionreject userset noop.strict}.
 * </ul>
 *
 * <p>{@code mail.smtp.timeout} bounds each wait for the server, a TLS handshake and the wait for a connection, where
 * 500 stand to one server. An interrupt ends a wait: the message may have been sent then; of a thread that was
 * interrupted before, it is kept for later.
 *
 * <p>What could not stand in a command, such as a line end in an address or a property, is refused before anything of the
 * message is sent.
 */
public class SmtpTransport extends Transport {
    private static final EnhancedStatusCode NOT_OFFERED = EnhancedStatusCode.parse("4.7.4");
    private static final EnhancedStatusCode UNKNOWN_HOST = EnhancedStatusCode.parse("4.4.3");
    private static final EsmtpParameter EIGHT_BIT = EsmtpParameter.body(BodyType.EIGHT_BIT_MIME);
    private static final EsmtpParameter SEVEN_BIT = EsmtpParameter.body(BodyType.SEVEN_BIT);
    private static final EventListener NOBODY = new EventListener() {};
    private static final String[] LEFT_OUT = {"Bcc", "Content-Length"};

    private final SharedClients clients = SharedClients.all();
    private final Options options;
    private final boolean implicit;
    private @Nullable ServerOptions server;
    private Set<Extension> offered = Set.of();
    private @Nullable DeliveryReport lastReport;
    /** Events come to be queued by whoever connects, sends or closes. */
    private volatile boolean isQueueBegun;

    /** For {@link Session#getTransport(String)}. */
    public SmtpTransport(Session session, @Nullable URLName name) {
        this(session, name, "smtp", false);
    }

    SmtpTransport(Session session, @Nullable URLName name, String protocol, boolean implicit) {
        super(session, name);
        this.options = new Options(session, name == null ? protocol : name.getProtocol());
        this.implicit = implicit;
    }

    /**
     * {@inheritDoc}
     *
     * @return false if a login is asked for, and it or its password is not given
     * @throws AuthenticationFailedException if the server refuses the login, or offers none by which it could be said
     * @throws MessagingException if no connection came to stand, or the properties ask for what can't be had
     */
    @Override
    protected boolean protocolConnect(@Nullable String host, int port, @Nullable String user, @Nullable String password)
            throws MessagingException {
        boolean isLoginWanted = options.is("auth", false);
        if (isLoginWanted && (user == null || password == null)) {
            return false;
        }
        EnvelopeOptions.of(options);
        ServerOptions asked = ServerOptions.of(options, host, port, implicit);
        boolean isLoginGiven = user != null && password != null && !(user.isEmpty() || password.isEmpty());
        if (isLoginWanted || isLoginGiven) {
            asked = asked.login(options, Objects.requireNonNull(user), Objects.requireNonNull(password));
        }
        server = connect(asked, isLoginWanted);
        return true;
    }

    private ServerOptions connect(ServerOptions asked, boolean isLoginWanted) throws MessagingException {
        boolean isKnown = asked.tls().mode() == TlsUse.Mode.IF_OFFERED && clients.isUnderTls(asked);
        ServerOptions by = isKnown ? asked.in(TlsUse.Mode.STARTTLS) : asked;
        if (clients.isWithoutLogin(asked) && !isLoginWanted) {
            by = by.withoutLogin();
        }
        ConnectionReport report = attempt(by);
        if (isKnown && isLacking(report, DeliveryPhase.EHLO) && !offered(report).contains(Extension.STARTTLS)) {
            clients.isUnderTls(asked, false);
            by = by.in(TlsUse.Mode.IF_OFFERED);
            report = attempt(by);
        }
        if (by.login() == null && asked.login() != null && offered(report).contains(Extension.AUTH)) {
            by = asked.in(by.tls().mode());
            report = attempt(by);
        }
        if (isLacking(report, DeliveryPhase.AUTH)) {
            Optional<ServerOptions> other = by.otherwise();
            if (!offered(report).contains(Extension.AUTH) && !isLoginWanted) {
                clients.offersNoLogin(asked);
                by = by.withoutLogin();
                report = attempt(by);
            } else if (offered(report).contains(Extension.AUTH) && other.isPresent()) {
                by = other.get();
                report = attempt(by);
            }
        }
        if (report.stands() && by.tls().mode() == TlsUse.Mode.IF_OFFERED && isProtected(report)) {
            // So that no connection of this transport goes in clear any more.
            clients.isUnderTls(asked, true);
            by = by.in(TlsUse.Mode.STARTTLS);
            report = attempt(by);
        }
        if (!report.stands()) {
            throw failure(by, report);
        }
        offered = offered(report);
        if (by.login() != null && !isProtected(report)) {
            clients.tellOfClear(by);
        }
        return by;
    }

    private ConnectionReport attempt(ServerOptions to) throws MessagingException {
        return await(to, SmtpAgent::connectAndWait);
    }

    private static Set<Extension> offered(ConnectionReport report) {
        RemoteHost remote = report.remote();
        return remote == null ? Set.of() : remote.offered();
    }

    private static boolean isProtected(ConnectionReport report) {
        RemoteHost remote = report.remote();
        return remote != null && remote.protection().isPresent();
    }

    /** Whether it came to nothing there for what the server lacks, as the client says it (4.7.4). */
    private static boolean isLacking(ConnectionReport report, DeliveryPhase phase) {
        return !report.stands()
                && report.phase() == phase
                && NOT_OFFERED.equals(report.reply().enhanced())
                && report.remote() != null;
    }

    private static MessagingException failure(ServerOptions to, ConnectionReport report) {
        boolean isLost =
                report.reply().enhanced() != null && report.reply().enhanced().subject() == 4;
        if (report.phase() == DeliveryPhase.AUTH && !isLost) {
            return new AuthenticationFailedException(report.reply().toString());
        }
        String what = "Could not connect to SMTP host: " + to.host() + ", port: " + to.port() + "; " + report.reply();
        return new MessagingException(what, cause(report));
    }

    /** What a program looks for behind a failure; null if it is the server's reply. */
    private static @Nullable IOException cause(ConnectionReport report) {
        String text = report.reply().text();
        EnhancedStatusCode why = report.reply().enhanced();
        if (UNKNOWN_HOST.equals(why)) {
            return new UnknownHostException(text);
        }
        if (report.phase() == DeliveryPhase.TLS) {
            return new SSLException(text);
        }
        return report.phase() == DeliveryPhase.CONNECT ? new ConnectException(text) : null;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Unless {@code mail.smtp.sendpartial} is true, nobody gets a message of which one recipient is refused. Where a
     * server takes fewer recipients at a time than there are, that holds for each part of them: those of the parts
     * before have it then, and are told as {@link TransportEvent#MESSAGE_PARTIALLY_DELIVERED} has it.
     *
     * @throws SendFailedException if not each address has it, with the others by what is wrong with them: invalid, where
     *     the address was refused for good, and else valid and unsent. A {@link RecipientException} for each is chained to
     *     it, also where the server refused the whole message, for which Angus has none; by its status one can tell those
     *     who may have the message after all. A connection that was lost is told so too, not by another exception.
     * @throws IllegalStateException if this is not connected
     */
    @Override
    public synchronized void sendMessage(Message message, Address[] addresses) throws MessagingException {
        boolean wasInterrupted = Thread.interrupted(); // or no file could be written
        try {
            sendTo(addresses, message);
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void sendTo(Address[] addresses, Message message) throws MessagingException {
        ServerOptions to = server;
        if (to == null || !isConnected()) {
            throw new IllegalStateException("Not connected");
        }
        if (!(message instanceof MimeMessage mime)) {
            throw new MessagingException("SMTP can only send RFC822 messages");
        }
        EnvelopeOptions told = EnvelopeOptions.of(options);
        Mailing mailing = new Mailing(addresses, told.ofRcpt());
        boolean isPartialTaken = options.is("sendpartial", false);
        try {
            lastReport = null;
            Envelope envelope = told.envelope(message, session).to(mailing.recipients());
            if (!envelope.recipients().isEmpty() && (isPartialTaken || mailing.isAllMailboxes())) {
                DeliveryReport report = send(to, envelope, mime, !isPartialTaken);
                lastReport = report;
                mailing.take(report);
            }
        } catch (MessagingException e) {
            tell(TransportEvent.MESSAGE_NOT_DELIVERED, mailing, message);
            throw e;
        }
        tell(mailing.event(), mailing, message);
        SendFailedException failure = mailing.failure(options.is("reportsuccess", false));
        if (failure != null) {
            throw failure;
        }
    }

    private void tell(int event, Mailing mailing, Message message) {
        notifyTransportListeners(event, mailing.sent(), mailing.unsent(), mailing.invalid(), message);
    }

    private DeliveryReport send(ServerOptions to, Envelope envelope, MimeMessage message, boolean isAllOrNone)
            throws MessagingException {
        boolean takesEightBit = offered.contains(Extension.EIGHTBITMIME);
        try {
            if (takesEightBit && options.is("allow8bitmime", false) && EightBit.encode(message, "8bit")) {
                message.saveChanges();
            }
            try (MessageContent content = written(message)) {
                if (takesEightBit || !content.isEightBit()) {
                    return deliver(to, envelope, content, isAllOrNone);
                }
            }
            if (EightBit.encode(message, "quoted-printable")) {
                message.saveChanges();
            }
            try (MessageContent content = written(message)) {
                return deliver(to, envelope, content, isAllOrNone);
            }
        } catch (IOException e) {
            throw new MessagingException("IOException while sending message", e);
        }
    }

    private static MessageContent written(MimeMessage message) throws MessagingException, IOException {
        MessageContent content = new MessageContent();
        boolean isWhole = false;
        try {
            message.writeTo(content, LEFT_OUT);
            content.complete();
            isWhole = true;
            return content;
        } finally {
            if (!isWhole) {
                content.close();
            }
        }
    }

    private DeliveryReport deliver(ServerOptions to, Envelope envelope, MessageContent content, boolean isAllOrNone)
            throws MessagingException {
        Envelope whole = envelope;
        if (!whole.parameters().has(EsmtpKeyword.BODY)) {
            whole = whole.with(content.isEightBit() ? EIGHT_BIT : SEVEN_BIT);
        }
        if (content.isHeaderEightBit()
                && offered.contains(Extension.SMTPUTF8)
                && !whole.parameters().has(EsmtpKeyword.SMTPUTF8)) {
            whole = whole.with(EsmtpParameter.smtpUtf8());
        }
        Envelope complete = whole;
        return await(to, agent -> (isAllOrNone ? agent.toAllOrNone() : agent).deliverAndWait(complete, content));
    }

    private <T> T await(ServerOptions to, SharedClients.Use<T> use) throws MessagingException {
        boolean wasInterrupted = Thread.interrupted();
        try {
            return clients.use(to, use);
        } catch (InterruptedException e) {
            wasInterrupted = true;
            throw new MessagingException("interrupted; the server may have the message, if there was one", e);
        } catch (RuntimeException e) {
            throw new MessagingException("can't send by " + to.host() + ", port: " + to.port(), e);
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    @SuppressWarnings("JdkObsolete") // Jakarta Mail wants a Vector
    protected void queueEvent(MailEvent event, Vector<? extends EventListener> listeners) {
        if (!isQueueBegun && isQueueOwn()) {
            isQueueBegun = true;
            QueueBegun first = new QueueBegun(this);
            super.queueEvent(first, new Vector<>(List.of(NOBODY)));
            first.await();
        }
        super.queueEvent(event, listeners);
    }

    /** Whether events wait for a thread that is begun for them, and not for one of a session, or of the program. */
    private boolean isQueueOwn() {
        Object scope = session.getProperties().get("mail.event.scope");
        return session.getProperties().get("mail.event.executor") == null
                && !"session".equalsIgnoreCase(String.valueOf(scope))
                && !"application".equalsIgnoreCase(String.valueOf(scope));
    }

    /** What became of each recipient of the last message that went to a server, with what that said; empty before. */
    public synchronized Optional<DeliveryReport> lastReport() {
        return Optional.ofNullable(lastReport);
    }

    /** Leaves the connection for the next transport to the same server; of one that nobody takes it is left with QUIT. */
    @Override
    public synchronized void close() throws MessagingException {
        server = null;
        if (!super.isConnected()) {
            return;
        }
        super.close();
        isQueueBegun = false;
    }
}
