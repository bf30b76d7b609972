package dev.ehlo.smtp.tls;

import dev.ehlo.smtp.tls.reactor.Escaped;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * With which keys a server speaks TLS, or whom a client trusts. Shared by threads and
 * connections; immutable, but for {@link #reload}.
 *
 * <p>TLS 1.2 and 1.3 (RFC 8997 §3), with suites that are forward secret and authenticated alone, in the server's order
 * (RFC 9325 §4.2). Each context has sessions and tickets of its own, so that a session cannot be carried from one
 * service to another with another policy ({@link #withOwnSessions}). A client that offers protocols by ALPN must offer
 * {@value #APPLICATION_PROTOCOL} among them: octets meant for a server of another protocol end here with the handshake
 * (RFC 9325 §3.8, RFC 7301 §3.2).
 */
public final class TlsContext {
    /** The name of SMTP in ALPN. */
    static final String APPLICATION_PROTOCOL = "smtp";

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    /** Of these, those that the JVM has. RFC 9325 §4.2, RFC 8446 §9.1. */
    private static final List<String> CIPHER_SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    private static final int SMTP_PORT = 25;

    /** For which a session can be resumed whose peer was judged, and the verdict of its full handshake stands. */
    private static final int JUDGED_SESSION_SECONDS = 3600;

    private static final Peer NOBODY = new Peer("", 0);

    private final SSLContext context;
    private final String[] suites;
    private final @Nullable Server server;
    private final @Nullable Peer peer;

    /** Whom a client means to reach. */
    private record Peer(String name, int port) {}

    /** What a server shows, and asks for. */
    private record Server(
            ServerKeys keys,
            ClientCertificates clientCertificates,
            @Nullable ClientJudge judge) {}

    private TlsContext(SSLContext context, String[] suites, @Nullable Server server, @Nullable Peer peer) {
        this.context = context;
        this.suites = suites;
        this.server = server;
        this.peer = peer;
    }

    private static String[] suites(SSLContext context) {
        Set<String> supported = Set.of(context.getSupportedSSLParameters().getCipherSuites());
        return CIPHER_SUITES.stream().filter(supported::contains).toArray(String[]::new);
    }

    /** A server's: with several certificates, or with clients that show theirs. */
    public static TlsServerBuilder server() {
        return new TlsServerBuilder();
    }

    /**
     * A server's, from PEM files.
     *
     * @param chain the server's certificate, then those that lead from it towards a root
     * @param key the private key of the first one, not encrypted: PKCS#8, PKCS#1 or SEC1
     * @throws IOException if a file cannot be read, or does not hold what it should, or the key is another
     *     certificate's; the message says which file, and what is wrong
     */
    public static TlsContext pem(Path chain, Path key) throws IOException {
        return server().certificate(chain, key).build();
    }

    /**
     * As {@link #pem(Path, Path)}, with an encrypted key.
     *
     * @param passphrase the caller's, who may wipe it; a copy is kept for {@link #reload}
     */
    public static TlsContext pem(Path chain, Path key, char[] passphrase) throws IOException {
        return server().certificate(chain, key, passphrase).build();
    }

    /**
     * A server's, with a new ECDSA key on P-256 and a certificate for these names that nobody but itself vouches for;
     * kept in memory.
     *
     * @param names host names or addresses, at least one
     * @throws IllegalArgumentException if there is no name, or one is neither
     */
    public static TlsContext selfSigned(String... names) {
        SelfSigned made = SelfSigned.make(List.of(names), Instant.now());
        try {
            return server().certificate(new CertifiedKey(List.of(made.certificate()), made.key()))
                    .build();
        } catch (IOException e) {
            throw new IllegalStateException("this JVM cannot use a key that it made", e);
        }
    }

    /**
     * Makes what {@link #selfSigned} makes and writes it as PEM files, each replaced as a whole; only the owner may
     * read that of the key.
     *
     * @throws IllegalArgumentException if there is no name, or one is neither a host name nor an address
     * @throws IOException if a file cannot be written
     */
    public static void writeSelfSigned(Path chain, Path key, List<String> names) throws IOException {
        SelfSigned.make(names, Instant.now()).write(chain, key);
    }

    /**
     * A client's, for servers of any name: {@link #toward} says which. Sessions are kept for each host and port, and
     * resumed under this policy alone, for an hour at most, so that what was judged is not long ago.
     */
    public static TlsContext client(TlsPolicy policy) {
        return client(policy, Clock.systemUTC());
    }

    /**
     * As {@link #client(TlsPolicy)}, with a certificate to show to servers that ask for one. Sessions are resumed with
     * this context alone, so that none is taken for another client's.
     */
    public static TlsContext client(TlsPolicy policy, ClientKey key) {
        return client(policy, Clock.systemUTC(), key.manager());
    }

    static TlsContext client(TlsPolicy policy, Clock clock) {
        return client(policy, clock, new KeyManager[0]);
    }

    private static TlsContext client(TlsPolicy policy, Clock clock, KeyManager... keys) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {new JudgingTrust(policy, clock)}, null);
            context.getClientSessionContext().setSessionTimeout(JUDGED_SESSION_SECONDS);
            return new TlsContext(context, suites(context), null, NOBODY);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }

    /** {@link #client(TlsPolicy)} with {@link TlsPolicy#verified} toward that server. */
    public static TlsContext client(ClientTrust trust, String serverName) {
        return client(TlsPolicy.verified(trust)).toward(serverName);
    }

    /** As {@link #toward(String, int)}, at port {@value #SMTP_PORT}. */
    public TlsContext toward(String serverName) {
        return toward(serverName, SMTP_PORT);
    }

    /**
     * The same client's, toward that server; costs little, and shares policy and sessions.
     *
     * @param serverName the server's host name, in A-labels, or its address: asked for by SNI if it is a name (RFC 6066
     *     §3), and judged by the policy
     * @param port where sessions of other ports are not to be tried
     * @throws IllegalStateException if it is a server's context
     * @throws IllegalArgumentException if the name is empty, or the port is none
     */
    public TlsContext toward(String serverName, int port) {
        if (peer == null) {
            throw new IllegalStateException("a server's context is toward nobody");
        }
        String name = serverName.endsWith(".") ? serverName.substring(0, serverName.length() - 1) : serverName;
        if (name.isEmpty() || port < 0 || port > 65_535) {
            throw new IllegalArgumentException("not a server: " + Escaped.text(serverName) + ':' + port);
        }
        return new TlsContext(context, suites, null, new Peer(name, port));
    }

    /**
     * Reads the server's files anew, and shows what is in them from the next handshake on, also by the contexts that
     * share its keys ({@link #withOwnSessions}). Connections and sessions are not touched. From any thread.
     *
     * @throws IOException if anything is wrong with any of them, as {@link TlsServerBuilder#build} says it; then all
     *     the old ones stay
     * @throws IllegalStateException if it is a client's context
     */
    public void reload() throws IOException {
        serving().keys.reload();
    }

    /**
     * One with the same keys, and sessions and tickets of its own: what a client agreed with one of them is nothing to
     * the other. A server takes one for each of its ports, whose policies differ (RFC 8446 §4.6.1).
     *
     * @throws IllegalStateException if it is a client's context
     */
    public TlsContext withOwnSessions() {
        Server same = serving();
        return server(same.keys, same.clientCertificates, same.judge);
    }

    /**
     * As {@link #withOwnSessions}, with clients asked for no certificate: for a port that has no use for them, where
     * another one has.
     *
     * @throws IllegalStateException if it is a client's context
     */
    public TlsContext withoutClientCertificates() {
        return server(serving().keys, ClientCertificates.NONE, null);
    }

    /**
     * Whether clients are asked for certificates.
     *
     * @throws IllegalStateException if it is a client's context
     */
    public ClientCertificates clientCertificates() {
        return serving().clientCertificates;
    }

    /** The server's own certificate, of several the default; empty for a client. */
    public Optional<X509Certificate> certificate() {
        return Optional.ofNullable(server).map(s -> s.keys.certificate());
    }

    /**
     * The server's certificate as people compare it: {@code SHA-256 AB:CD:…}, over its DER form.
     *
     * @throws IllegalStateException if it is a client's context
     */
    public String fingerprint() {
        X509Certificate own = serving().keys.certificate();
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(own.getEncoded());
            return "SHA-256 " + HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no SHA-256", e);
        }
    }

    /**
     * An engine for one connection, in its role, with nothing begun. For who moves the octets himself.
     *
     * @throws IllegalStateException if it is a client's, and toward nobody
     */
    public SSLEngine newEngine() {
        SSLParameters parameters = new SSLParameters(suites, PROTOCOLS);
        NamedGroups.set(parameters);
        HandshakeNotes notes = new HandshakeNotes();
        Peer toward = peer;
        if (NOBODY.equals(toward)) {
            throw new IllegalStateException("a client's context that is toward nobody yet");
        }
        SSLEngine engine =
                toward == null ? context.createSSLEngine() : context.createSSLEngine(toward.name, toward.port);
        engine.setUseClientMode(toward != null);
        engine.setHandshakeApplicationProtocolSelector(notes);
        if (toward == null) {
            parameters.setUseCipherSuitesOrder(true);
            parameters.setSNIMatchers(List.of(notes.serverNames()));
            switch (serving().clientCertificates) {
                case NONE -> {}
                case ASKED -> parameters.setWantClientAuth(true);
                case REQUIRED -> parameters.setNeedClientAuth(true);
            }
        } else {
            parameters.setServerNames(HostNames.serverName(toward.name).stream().toList());
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    static TlsContext server(ServerKeys keys, ClientCertificates clientCertificates, @Nullable ClientJudge judge) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManager[] judges = judge == null ? new TrustManager[0] : new TrustManager[] {judge};
            context.init(new KeyManager[] {keys}, judges, null);
            if (judge != null) {
                context.getServerSessionContext().setSessionTimeout(JUDGED_SESSION_SECONDS);
            }
            return new TlsContext(context, suites(context), new Server(keys, clientCertificates, judge), null);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no TLS", e);
        }
    }

    private Server serving() {
        if (server == null) {
            throw new IllegalStateException("a client has no certificate");
        }
        return server;
    }
}
