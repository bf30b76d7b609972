package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.MessageIds;
import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.Authenticator;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.SenderRule;
import dev.ehlo.smtp.server.ServerLimits;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.TransactionSummary;
import dev.ehlo.smtp.server.limit.LoginGuard;
import dev.ehlo.smtp.server.sasl.SaslMechanisms;
import dev.ehlo.smtp.testkit.Peer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A session without a socket: questions are answered on the spot, unless a test wants to wait. */
final class MachinePeer implements Peer, SessionDriver {
    static final Instant NOW = Instant.parse("2026-11-21T20:29:15Z");
    static final String DATE = "Sat, 21 Nov 2026 20:29:15 +0000";

    static final ChannelBinding BINDING = new ChannelBinding(ChannelBinding.TLS_EXPORTER, new byte[] {1, 2, 3});
    /** The server's part. */
    static final String NONCE = "0123456789";

    /** So that a dialogue may have as many failures as it likes. */
    private static final ServerLimits WIDE = ServerLimits.STANDARD.failedLogins(1000, 1000);

    private static final TestCertificate ALICE = TestCertificate.selfSigned("alice");

    /** Whom the session asks, unless a handler of another kind was given. */
    final MailRoom room;

    final List<Throwable> failures = new ArrayList<>();
    final List<String> failedLogins = new ArrayList<>();
    /** What was held back: after how many octets of the replies since they were last taken, and for how long. */
    final List<Held> heldBack = new ArrayList<>();

    record Held(int after, Duration time) {}

    private final Role role;
    private final List<X509Certificate> certificates;

    @Nullable
    ChannelBinding binding;

    private final InetSocketAddress remote;
    private final ByteBuffer in = ByteBuffer.allocate(16 * 1024).limit(0);
    private ByteBuffer out = ByteBuffer.allocate(0);
    private final ByteArrayOutputStream replies = new ByteArrayOutputStream();
    private ServerSession session;
    private boolean closed;
    private boolean awaitingTls;
    private @Nullable Question<?> asked;
    private @Nullable Throwable thrown;
    boolean holdQuestions;
    long messageWait;
    long recipientWait;

    /** The server is short of something. */
    boolean sheds;

    CompletableFuture<Optional<String>> name = CompletableFuture.failedFuture(new IOException("not asked for"));

    MachinePeer(Profile profile) {
        this(profile, Set.of());
    }

    MachinePeer(Profile profile, Set<Extension> honoured) {
        this(profile, "192.0.2.7", HandlerKind.BLOCKING, honoured);
    }

    MachinePeer(Profile profile, String remoteAddress) {
        this(profile, remoteAddress, HandlerKind.BLOCKING);
    }

    MachinePeer(Profile profile, String remoteAddress, HandlerKind kind) {
        this(profile, remoteAddress, kind, Set.of());
    }

    MachinePeer(Profile profile, String remoteAddress, HandlerKind kind, Set<Extension> honoured) {
        this(profile, remoteAddress, kind, honoured, new MailRoom());
    }

    private MachinePeer(
            Profile profile, String remoteAddress, HandlerKind kind, Set<Extension> honoured, MailRoom room) {
        this(profile, remoteAddress, kind.calls(room), honoured, room, Logins.PASSWORDS);
    }

    MachinePeer(Profile profile, HandlerCalls handler, Set<Extension> honoured) {
        this(profile, "192.0.2.7", handler, honoured, new MailRoom(), Logins.PASSWORDS);
    }

    /** One to which those may log in, by the certificate and the binding of {@link #BINDING} too. */
    MachinePeer(Profile profile, HandlerCalls handler, Set<Extension> honoured, Authenticator logins) {
        this(profile, "192.0.2.7", handler, honoured, new MailRoom(), logins);
        binding = BINDING;
    }

    /** As the one before, with a handler that takes all. */
    MachinePeer(Profile profile, Authenticator logins) {
        this(profile, HandlerKind.INLINE.calls(new MailRoom()), Set.of(), logins);
    }

    private MachinePeer(
            Profile profile,
            String remoteAddress,
            HandlerCalls handler,
            Set<Extension> honoured,
            MailRoom room,
            Authenticator logins) {
        this.room = room;
        this.certificates = logins.equals(Logins.ALL) ? List.of(ALICE.x509()) : List.of();
        ServerSettings settings = new ServerSettings(
                "mx.example.org",
                handler,
                new SaslMechanisms(logins, "mx.example.org", new byte[16], () -> NONCE),
                SenderRule.ownName(Set.of("example.org")),
                Set.of("example.org"),
                List.of(Network.parse("198.51.100.0/24")),
                honoured,
                true,
                () -> NOW,
                new MessageIds("mx.example.org", () -> NOW, () -> 35L),
                new LoginGuard(
                        logins.equals(Logins.ALL) ? WIDE : ServerLimits.STANDARD, Set.of("example.org"), () -> 0));
        role = new Role(settings, profile);
        remote = new InetSocketAddress(remoteAddress, 40000);
        session = ServerSession.connected(
                role,
                role.server().handler(),
                info(profile.tls() == TlsMode.IMPLICIT ? Optional.of(tls()) : Optional.empty()),
                this);
    }

    private TlsSession tls() {
        return new TlsSession(
                "TLSv1.3",
                "TLS_AES_128_GCM_SHA256",
                certificates,
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty());
    }

    private SessionInfo info(Optional<TlsSession> tls) {
        SessionInfo info = SessionInfo.of(
                "id1",
                remote,
                new InetSocketAddress("192.0.2.1", 25),
                role.profile().name(),
                address -> name);
        return tls.map(info::underTls).orElse(info);
    }

    ServerSession session() {
        return session;
    }

    /** What the session says to this; text, a character for each octet. */
    String say(String text) {
        return new String(exchange(text.getBytes(StandardCharsets.ISO_8859_1)), StandardCharsets.ISO_8859_1);
    }

    @Override
    public byte[] exchange(byte[] octets) {
        for (int from = 0; ; ) {
            in.compact();
            int length = Math.min(in.remaining(), octets.length - from);
            in.put(octets, from, length).flip();
            from += length;
            int before = in.remaining();
            run();
            if (from == octets.length || closed || awaitingTls) {
                break;
            }
            if (length == 0 && in.remaining() == before) {
                throw new AssertionError("a full buffer was left unconsumed");
            }
        }
        return taken();
    }

    byte[] taken() {
        collect();
        byte[] said = replies.toByteArray();
        replies.reset();
        return said;
    }

    /** Goes on as far as it can: also after a question that was open has been answered. */
    void run() {
        while (!closed && !awaitingTls) {
            if (thrown != null) {
                throw new AssertionError("an answer broke the session", thrown);
            }
            switch (session.step(in)) {
                case AGAIN:
                    break;
                case NEED_INPUT:
                    return;
                case ASK:
                    Question<?> question = session.question();
                    if (holdQuestions || question == asked) {
                        return;
                    }
                    asked = question;
                    settle(question);
                    break;
                case NEW_CLIENT:
                    session = session.successor();
                    break;
                case START_TLS:
                    awaitingTls = true;
                    break;
                case CLOSE:
                    closed = true;
                    break;
            }
        }
    }

    <T> void settle(Question<T> question) {
        question.ask().whenComplete((value, error) -> {
            try {
                if (error != null || value == null) {
                    failures.add(error == null ? new NullPointerException("no answer") : error);
                    session.answerFailed(question);
                } else {
                    session.answer(question, value);
                }
            } catch (RuntimeException | Error e) {
                // A stage would keep it to itself.
                thrown = e;
            }
        });
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    boolean isAwaitingTls() {
        return awaitingTls;
    }

    @Override
    public void startTls() {
        if (!awaitingTls) {
            throw new AssertionError("the session did not turn to TLS");
        }
        awaitingTls = false;
        session = ServerSession.afterStartTls(
                role, role.server().handler(), session.info().underTls(tls()), this);
    }

    @Override
    public ByteBuffer room(int octets) {
        if (octets > MAX_ROOM) {
            throw new AssertionError("too much room: " + octets);
        }
        collect();
        out = ByteBuffer.allocate(octets);
        return out;
    }

    private void collect() {
        replies.write(out.array(), 0, out.position());
        out.clear();
    }

    @Override
    public MessageSink carry(MessageSink sink, boolean mayBlock) {
        return sink;
    }

    @Override
    public void sinkEnded() {}

    @Override
    public boolean shedsTransactions() {
        return sheds;
    }

    @Override
    public void holdBack(long nanos) {
        collect();
        heldBack.add(new Held(replies.size(), Duration.ofNanos(nanos)));
    }

    @Override
    public boolean mayNameClients() {
        return role.takesXclientFrom(remote.getAddress());
    }

    @Override
    public @Nullable Refusal admit(InetAddress client) {
        return client.getHostAddress().equals("203.0.113.99") ? Refusal.TOO_MANY_CONNECTIONS : null;
    }

    @Override
    public long messageWait() {
        return messageWait;
    }

    @Override
    public long recipientWait() {
        return recipientWait;
    }

    @Override
    public void failed(Throwable cause) {
        failures.add(cause);
    }

    @Override
    public void loginFailed(String login, Mechanism mechanism, Refusal reason) {
        failedLogins.add(login);
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public Optional<ChannelBinding> channelBinding(String type) {
        return Optional.ofNullable(binding).filter(each -> each.type().equals(type));
    }

    @Override
    public void loggedIn(Mechanism mechanism) {}

    @Override
    public void limited(Refusal reason) {}

    @Override
    public void replied(Reply reply, int octets) {}

    @Override
    public void transactionBegan() {}

    @Override
    public void transactionEnded(TransactionSummary summary) {}
}
