package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The one host that takes mail for every destination, and how to speak with it. An immutable value; each method that
 * changes something returns another.
 *
 * <pre>{@code Smarthost.submissions("smtp.example.org").login("user", "secret")}</pre>
 */
public final class Smarthost {
    /** RFC 6409 §3.1. */
    public static final int SUBMISSION_PORT = 587;
    /** RFC 8314 §7.3. */
    public static final int SUBMISSIONS_PORT = 465;

    /** Where some services have the same beside it. */
    private static final int OTHER_SUBMISSIONS_PORT = 2465;

    /** What a host is taken by of which nobody said more. */
    private static final ClientTrust UNVERIFIED = ClientTrust.insecure();

    /** When there has to be TLS. */
    private enum Need {
        OPPORTUNISTIC,
        IF_OFFERED,
        REQUIRED
    }

    private final String host;
    private final int port;
    private final TlsMode tls;
    private final Need need;
    private final ClientTrust trust;
    private final @Nullable Credentials credentials;
    private final boolean inClear;
    private final boolean lmtp;
    /** By which its certificate is judged, if not by the host's. */
    private final @Nullable String certified;
    /** Made once, as connections are shared by those alone who have the same one. */
    private final TlsPolicy policy;

    private Smarthost(
            String host,
            int port,
            TlsMode tls,
            Need need,
            ClientTrust trust,
            @Nullable Credentials credentials,
            boolean inClear,
            boolean lmtp,
            @Nullable String certified) {
        requireHost(host);
        if (certified != null) {
            requireHost(certified);
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("not a port: " + port);
        }
        this.host = host;
        this.port = port;
        this.tls = tls;
        this.need = need;
        this.trust = trust;
        this.credentials = credentials;
        this.inClear = inClear;
        this.lmtp = lmtp;
        this.certified = certified;
        this.policy = tls == TlsMode.NONE
                ? TlsPolicy.none()
                : switch (need) {
                    case OPPORTUNISTIC -> TlsPolicy.opportunistic();
                    case IF_OFFERED -> TlsPolicy.verifiedIfOffered(trust);
                    case REQUIRED -> TlsPolicy.verified(trust);
                };
    }

    private static void requireHost(String text) {
        if (text.isEmpty() || text.length() > 255 || !Octets.isPrintable(text) || text.indexOf(' ') >= 0) {
            throw new IllegalArgumentException("not a host: " + Octets.printable(text));
        }
    }

    /**
     * A host that relays for us because it knows our address. STARTTLS is used if it is offered, whatever the
     * certificate (RFC 7435), and left if the handshake fails; {@link #tls} or {@link #trust} makes more of it.
     *
     * @param host a name, or an IP address without brackets
     * @throws IllegalArgumentException if that is no word of printable ASCII, or the port is out of range
     */
    public static Smarthost relay(String host, int port) {
        return new Smarthost(host, port, TlsMode.STARTTLS, Need.OPPORTUNISTIC, UNVERIFIED, null, false, false, null);
    }

    /**
     * A host that takes mail from users on port 587: STARTTLS required, its certificate verified. RFC 6409.
     *
     * @throws IllegalArgumentException as {@link #relay}
     */
    public static Smarthost submission(String host) {
        return new Smarthost(
                host, SUBMISSION_PORT, TlsMode.STARTTLS, Need.REQUIRED, ClientTrust.system(), null, false, false, null);
    }

    /**
     * A host that takes mail from users on port 465: TLS from the first octet, its certificate verified. RFC 8314
     * §3.3.
     *
     * @throws IllegalArgumentException as {@link #relay}
     */
    public static Smarthost submissions(String host) {
        return new Smarthost(
                host,
                SUBMISSIONS_PORT,
                TlsMode.IMPLICIT,
                Need.REQUIRED,
                ClientTrust.system(),
                null,
                false,
                false,
                null);
    }

    /**
     * A store of mailboxes that speaks LMTP, which says for each recipient whether it has the message: those are
     * {@link dev.ehlo.smtp.DeliveryStatus#DELIVERED} then. STARTTLS is used if it is offered, whatever the certificate.
     * RFC 2033 §4.
     *
     * @param port there is no usual one, but never 25 (RFC 2033 §5)
     * @throws IllegalArgumentException as {@link #relay}, or if the port is 25
     */
    public static Smarthost lmtp(String host, int port) {
        if (port == SmtpClient.SMTP_PORT) {
            throw new IllegalArgumentException("LMTP at the port of SMTP: " + port);
        }
        return new Smarthost(host, port, TlsMode.STARTTLS, Need.OPPORTUNISTIC, UNVERIFIED, null, false, true, null);
    }

    /**
     * The same at another port.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Smarthost port(int other) {
        return new Smarthost(host, other, tls, need, trust, credentials, inClear, lmtp, certified);
    }

    /** The same with TLS in that mode and no other: required, unless the mode is {@link TlsMode#NONE}. */
    public Smarthost tls(TlsMode mode) {
        return new Smarthost(host, port, mode, Need.REQUIRED, trust, credentials, inClear, lmtp, certified);
    }

    /**
     * The same host on each of these ports, TLS required on all: from the first octet on 465 and 2465, and by STARTTLS on
     * others. In the order to try them, for {@link SmtpClient#to(List)}: {@code onPorts(465, 587, 2525)} for networks
     * that block some.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public List<Smarthost> onPorts(int... ports) {
        return IntStream.of(ports)
                .mapToObj(each -> port(each)
                        .tls(
                                each == SUBMISSIONS_PORT || each == OTHER_SUBMISSIONS_PORT
                                        ? TlsMode.IMPLICIT
                                        : TlsMode.STARTTLS))
                .toList();
    }

    /**
     * The same, whose certificate is to be for that name instead of the host's, and which is asked for it by that name:
     * for a host that is known by its address, or named by an answer of DNS that nothing proves. RFC 6186 §6.
     *
     * @throws IllegalArgumentException if it is no word of printable ASCII
     */
    public Smarthost certifiedAs(String name) {
        return new Smarthost(host, port, tls, need, trust, credentials, inClear, lmtp, name);
    }

    /** The same with that trust; where TLS was opportunistic it is required from now on. */
    public Smarthost trust(ClientTrust other) {
        return new Smarthost(host, port, tls, Need.REQUIRED, other, credentials, inClear, lmtp, certified);
    }

    /**
     * The same with STARTTLS where it is offered, by a host with a certificate that is trusted, and in clear where it is
     * not: a handshake that fails is the end of the attempt. Who steps between can strip the offer; {@link #login} holds
     * back what is said in clear, {@link #loginEvenInClear} does not.
     */
    public Smarthost startTlsIfOffered(ClientTrust other) {
        return new Smarthost(
                host, port, TlsMode.STARTTLS, Need.IF_OFFERED, other, credentials, inClear, lmtp, certified);
    }

    /**
     * The same with a login by {@link Credentials#password}, as {@link #login(Credentials)}.
     *
     * @throws IllegalArgumentException if either is empty, holds CR, LF or NUL, or is longer than AUTH can carry
     */
    public Smarthost login(String user, String secret) {
        return login(Credentials.password(user, secret));
    }

    /**
     * The same with a login, by the best mechanism that the host offers, and under TLS only: where there is none,
     * nothing is delivered. A host whose certificate was not to be verified until now, as that of {@link #relay}, is
     * verified by {@link ClientTrust#system()} from now on, so that the password is for nobody else, unless
     * {@link #trust} says otherwise.
     */
    public Smarthost login(Credentials who) {
        return trust == UNVERIFIED
                ? new Smarthost(host, port, tls, Need.REQUIRED, ClientTrust.system(), who, false, lmtp, certified)
                : new Smarthost(host, port, tls, need, trust, who, false, lmtp, certified);
    }

    /**
     * The same with a login that is said in clear where there is no TLS, for everyone on the way to read. For tests
     * and for hosts behind a tunnel.
     *
     * @throws IllegalArgumentException as {@link #login(String, String)}
     */
    public Smarthost loginEvenInClear(String user, String secret) {
        return loginEvenInClear(Credentials.password(user, secret));
    }

    /** As {@link #loginEvenInClear(String, String)}, with other credentials. */
    public Smarthost loginEvenInClear(Credentials who) {
        return new Smarthost(host, port, tls, need, trust, who, true, lmtp, certified);
    }

    /** The name or IP address. */
    public String host() {
        return host;
    }

    /** The port. */
    public int port() {
        return port;
    }

    /** When the connection turns to TLS. */
    public TlsMode tls() {
        return tls;
    }

    /** Whether mail goes in clear where STARTTLS is not offered or fails. */
    public boolean isOpportunistic() {
        return need == Need.OPPORTUNISTIC;
    }

    /** Which certificates are taken. */
    public ClientTrust trust() {
        return trust;
    }

    /** The name, or the address, that its certificate is to be for. */
    String certified() {
        return certified == null ? host : certified;
    }

    /** How much is asked of its TLS: the more, the higher. */
    int strength() {
        if (!policy.isTlsWanted()) {
            return 0;
        }
        return policy.isTlsGivenUp() ? 1 : !policy.isTlsRequired() ? 2 : trust.verified() ? 4 : 3;
    }

    /** Whether LMTP is spoken there. RFC 2033 §4. */
    public boolean isLmtp() {
        return lmtp;
    }

    /** What all of that asks of TLS. */
    TlsPolicy policy() {
        return policy;
    }

    /** Whether there are credentials that are sent without TLS too. */
    public boolean isLoginInClear() {
        return inClear;
    }

    /** Who the client is to the host, if it logs in. */
    public Optional<Credentials> credentials() {
        return Optional.ofNullable(credentials);
    }

    /** The credentials as they are for this host. */
    @Nullable
    Login asLogin() {
        return credentials == null ? null : new Login(credentials, isAddress() ? certified() : host, port, inClear);
    }

    /** There is no top-level domain of digits. */
    private boolean isAddress() {
        return host.indexOf(':') >= 0 || Character.isDigit(host.charAt(host.length() - 1));
    }

    /** Without the login. */
    @Override
    public String toString() {
        return host + ':' + port + ' ' + tls + (need == Need.REQUIRED ? "" : " if offered");
    }
}
