package dev.ehlo.smtp.server;

import dev.ehlo.smtp.tls.TlsSession;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What is known of a session at one moment. Never changes, but for {@link #clientName()}; thread-safe. A test of a
 * handler makes one by {@link #of} and the methods that derive another.
 */
public final class SessionInfo {
    private final String id;
    private final InetSocketAddress remoteAddress;
    private final InetSocketAddress localAddress;
    private final String profile;
    private final String helo;
    private final boolean esmtp;
    private final Optional<TlsSession> tls;
    private final Optional<String> login;
    private final NameLookup name;

    private SessionInfo(
            String id,
            InetSocketAddress remoteAddress,
            InetSocketAddress localAddress,
            String profile,
            String helo,
            boolean esmtp,
            Optional<TlsSession> tls,
            Optional<String> login,
            NameLookup name) {
        this.id = id;
        this.remoteAddress = remoteAddress;
        this.localAddress = localAddress;
        this.profile = profile;
        this.helo = helo;
        this.esmtp = esmtp;
        this.tls = tls;
        this.login = login;
        this.name = name;
    }

    /** A session of which no more is known: in clear, and nothing said. */
    public static SessionInfo of(
            String id, InetSocketAddress remote, InetSocketAddress local, String profile, ClientNames names) {
        NameLookup name = new NameLookup(names, remote.getAddress());
        return new SessionInfo(id, remote, local, profile, "", false, Optional.empty(), Optional.empty(), name);
    }

    /** This session under TLS, with what was said in clear forgotten: the greeting and the login. RFC 3207 §4.2. */
    public SessionInfo underTls(TlsSession session) {
        return new SessionInfo(
                id, remoteAddress, localAddress, profile, "", false, Optional.of(session), Optional.empty(), name);
    }

    /** This session after EHLO or HELO. */
    public SessionInfo greetedBy(String helo, boolean esmtp) {
        return new SessionInfo(id, remoteAddress, localAddress, profile, helo, esmtp, tls, login, name);
    }

    /** This session after AUTH. */
    public SessionInfo loggedIn(String login) {
        return new SessionInfo(id, remoteAddress, localAddress, profile, helo, esmtp, tls, Optional.of(login), name);
    }

    /** This session with another client than was thought, of whom no more is known: nothing said, and another name. */
    public SessionInfo ofClient(InetSocketAddress remote, InetSocketAddress local, ClientNames names) {
        NameLookup lookup = new NameLookup(names, remote.getAddress());
        return new SessionInfo(id, remote, local, profile, "", false, tls, Optional.empty(), lookup);
    }

    /** The session's own, letters and digits, the same in log lines and trace fields. */
    public String id() {
        return id;
    }

    /** The client: who connected, or for whom a trusted proxy says that it speaks. */
    public InetSocketAddress remoteAddress() {
        return remoteAddress;
    }

    /** Where the client connected to: to this server, or as the proxy says. */
    public InetSocketAddress localAddress() {
        return localAddress;
    }

    /** The name of the profile it came by. */
    public String profile() {
        return profile;
    }

    /** What the client calls itself in EHLO or HELO, any printable word and not verified; empty before either. */
    public String helo() {
        return helo;
    }

    /** Whether it said EHLO. */
    public boolean esmtp() {
        return esmtp;
    }

    /** What the handshake came to; empty in clear. */
    public Optional<TlsSession> tls() {
        return tls;
    }

    /** As the {@link Authenticator} named it; empty before AUTH. */
    public Optional<String> login() {
        return login;
    }

    /**
     * The client's name as DNS confirms it both ways, if it has been asked for and found by now. It then stands in
     * the Received field, too. Looks nothing up.
     */
    public Optional<String> clientName() {
        return name.known();
    }

    /**
     * Asks for the client's name, as {@link ClientNames} finds it; empty if it has none that is confirmed and a valid
     * host name. Looked up once for a connection, when this is called first; fails with an {@link java.io.IOException}
     * if it can't be told for now. Completed on a thread of the look-up's, which is not to be blocked.
     */
    public CompletionStage<Optional<String>> findClientName() {
        return name.ask();
    }

    /**
     * Asks as {@link #findClientName()} and waits, for a handler that may block: empty too if the name can't be told, or
     * not in that time, so that nobody is to be refused for good because of it.
     *
     * @throws InterruptedException as the server closes, say
     */
    public Optional<String> findClientName(Duration atMost) throws InterruptedException {
        CompletableFuture<Optional<String>> asked = name.ask().toCompletableFuture();
        try {
            return asked.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return "session " + id + " of " + remoteAddress.getAddress().getHostAddress() + " on " + profile;
    }
}
