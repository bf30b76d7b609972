package dev.ehlo.smtp.server;

import dev.ehlo.smtp.tls.TlsSession;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
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
    /**
     * The one at the other end, or for whom that one speaks.
     *
     * @param helo what he called himself, if a proxy told that; else empty
     */
    private record Client(
            InetSocketAddress remoteAddress, InetSocketAddress localAddress, NameLookup name, String helo) {}

    private final String id;
    private final String profile;
    private final Client client;
    private final String helo;
    private final boolean esmtp;
    private final Optional<TlsSession> tls;
    private final Optional<String> login;

    private SessionInfo(
            String id,
            String profile,
            Client client,
            String helo,
            boolean esmtp,
            Optional<TlsSession> tls,
            Optional<String> login) {
        this.id = id;
        this.profile = profile;
        this.client = client;
        this.helo = helo;
        this.esmtp = esmtp;
        this.tls = tls;
        this.login = login;
    }

    /** A session of which no more is known: in clear, and nothing said. */
    public static SessionInfo of(
            String id, InetSocketAddress remote, InetSocketAddress local, String profile, ClientNames names) {
        Client client = new Client(remote, local, NameLookup.of(remote.getAddress(), names), "");
        return new SessionInfo(id, profile, client, "", false, Optional.empty(), Optional.empty());
    }

    /** This session under TLS, with what was said in clear forgotten: the greeting and the login. RFC 3207 §4.2. */
    public SessionInfo underTls(TlsSession session) {
        return new SessionInfo(id, profile, client, client.helo(), false, Optional.of(session), Optional.empty());
    }

    /** This session after EHLO or HELO; what a proxy told of that stays. */
    public SessionInfo greetedBy(String argument, boolean byEhlo) {
        String heard = client.helo().isEmpty() ? argument : client.helo();
        return new SessionInfo(id, profile, client, heard, byEhlo, tls, login);
    }

    /** This session after AUTH. */
    public SessionInfo loggedIn(String identity) {
        return new SessionInfo(id, profile, client, helo, esmtp, tls, Optional.of(identity));
    }

    /**
     * This session with another client, who has said nothing yet. His name, unless it was told, is looked up anew when
     * it is asked for.
     */
    public SessionInfo ofClient(InetSocketAddress remote, InetSocketAddress local) {
        return with(new Client(remote, local, client.name().forClient(remote.getAddress()), client.helo()));
    }

    /** This session with a client whose name is told, and need not be looked up; he has said nothing yet. */
    public SessionInfo withClientName(CompletionStage<Optional<String>> told) {
        return with(new Client(remoteAddress(), localAddress(), NameLookup.told(told), client.helo()));
    }

    /** This session with a client who is told to call himself so, whatever EHLO says; empty for no such tale. */
    public SessionInfo withClientHelo(String told) {
        return with(new Client(remoteAddress(), localAddress(), client.name(), told));
    }

    private SessionInfo with(Client other) {
        Optional<TlsSession> hop = tls.map(SessionInfo::withoutCertificates);
        return new SessionInfo(id, profile, other, other.helo(), false, hop, Optional.empty());
    }

    /** The certificates are those of whoever tells of the client, and prove nothing of him. */
    private static TlsSession withoutCertificates(TlsSession hop) {
        return new TlsSession(
                hop.protocol(),
                hop.cipherSuite(),
                List.of(),
                hop.serverName(),
                hop.applicationProtocol(),
                hop.resumed(),
                hop.verdict());
    }

    /** The session's own, letters and digits, the same in log lines and trace fields. */
    public String id() {
        return id;
    }

    /** The client: who connected, or for whom a trusted proxy says that it speaks. */
    public InetSocketAddress remoteAddress() {
        return client.remoteAddress();
    }

    /** Where the client connected to: to this server, or as the proxy says. */
    public InetSocketAddress localAddress() {
        return client.localAddress();
    }

    /** The name of the profile it came by. */
    public String profile() {
        return profile;
    }

    /**
     * What the client calls itself in EHLO or HELO, or is told to by a trusted proxy: any printable word, not verified;
     * empty before.
     */
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
        return client.name().known();
    }

    /**
     * Asks for the client's name, as {@link ClientNames} finds it; empty if it has none that is confirmed and a valid
     * host name. Looked up once for a connection, when this is called first; fails with an {@link java.io.IOException}
     * if it can't be told for now. Completed on a thread of the look-up's, which is not to be blocked.
     */
    public CompletionStage<Optional<String>> findClientName() {
        return client.name().ask();
    }

    /**
     * Asks as {@link #findClientName()} and waits, for a handler that may block: empty too if the name can't be told, or
     * not in that time, so that nobody is to be refused for good because of it.
     *
     * @throws InterruptedException as the server closes, say
     */
    public Optional<String> findClientName(Duration atMost) throws InterruptedException {
        CompletableFuture<Optional<String>> asked = client.name().ask().toCompletableFuture();
        try {
            return asked.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return "session " + id + " of " + remoteAddress().getAddress().getHostAddress() + " on " + profile;
    }
}
