package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.codec.Leniency;
import dev.ehlo.smtp.tls.TlsMode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The role of one port. Start from {@link #mx}, {@link #submission}, {@link #submissions}, {@link #alternateSubmission} or
 * {@link #lmtp}, and derive what differs; a profile never changes:
 *
 * <pre>{@code Profile.mx().at(new InetSocketAddress("127.0.0.1", 10025)).maxMessageOctets(10 << 20)}</pre>
 */
public final class Profile {
    /** What is offered on every profile, if the server can. */
    private static final Set<Extension> ALWAYS = EnumSet.of(
            Extension.SIZE,
            Extension.PIPELINING,
            Extension.EIGHTBITMIME,
            Extension.CHUNKING,
            Extension.BINARYMIME,
            Extension.SMTPUTF8,
            Extension.DSN,
            Extension.LIMITS,
            Extension.ENHANCEDSTATUSCODES,
            Extension.STARTTLS,
            Extension.REQUIRETLS);
    /** What is offered to users besides. */
    private static final Set<Extension> FOR_USERS =
            EnumSet.of(Extension.AUTH, Extension.FUTURERELEASE, Extension.DELIVERBY, Extension.MT_PRIORITY);
    /** Without these nobody could submit. */
    private static final Set<Extension> NEEDED_BY_USERS = EnumSet.of(Extension.STARTTLS, Extension.AUTH);

    private static final Duration CLIENT_PATIENCE = Duration.ofMinutes(5);

    /** The parts, while a profile is made; none is touched once it is. */
    private static final class Parts implements Cloneable {
        String name;
        InetSocketAddress address;
        TlsMode tls;
        Purpose purpose;
        SessionLimits limits = SessionLimits.STANDARD;
        Set<Extension> extensions;
        Set<Leniency> leniencies = Set.of();
        boolean anyRecipient;
        boolean hidesClient;
        boolean addsReturnPath;
        Duration greetingDelay = Duration.ZERO;
        Optional<Boolean> clientCertificates = Optional.empty();
        List<Network> proxies = List.of();
        List<Network> xclients = List.of();

        Parts(String name, InetSocketAddress address, TlsMode tls, Purpose purpose) {
            this.name = name;
            this.address = address;
            this.tls = tls;
            this.purpose = purpose;
            this.hidesClient = purpose == Purpose.SUBMISSION;
            this.addsReturnPath = purpose == Purpose.DELIVERY;
            if (purpose == Purpose.DELIVERY) {
                // A server inside hands over what it took from others, errors included.
                limits = limits.errorDelay(ErrorDelay.NONE);
            }
            this.extensions = EnumSet.copyOf(ALWAYS);
            if (purpose == Purpose.SUBMISSION) {
                extensions.addAll(FOR_USERS);
            }
        }

        List<Object> values() {
            return List.of(
                    name,
                    address,
                    tls,
                    purpose,
                    limits,
                    extensions,
                    leniencies,
                    anyRecipient,
                    hidesClient,
                    addsReturnPath,
                    greetingDelay,
                    clientCertificates,
                    proxies,
                    xclients);
        }

        Parts copy() {
            try {
                return (Parts) clone();
            } catch (CloneNotSupportedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private final Parts parts;

    private Profile(Parts parts) {
        this.parts = parts;
    }

    /** Takes mail for the local domains from other servers: port 25, STARTTLS offered, no AUTH. */
    public static Profile mx() {
        return new Profile(new Parts("mx", everywhere(25), TlsMode.STARTTLS, Purpose.RELAY));
    }

    /** Takes mail from users: port 587, STARTTLS required. RFC 6409. */
    public static Profile submission() {
        return new Profile(new Parts("submission", everywhere(587), TlsMode.STARTTLS, Purpose.SUBMISSION));
    }

    /** Takes mail from users: port 465, under TLS from the first octet. RFC 8314 §3.3. */
    public static Profile submissions() {
        return new Profile(new Parts("submissions", everywhere(465), TlsMode.IMPLICIT, Purpose.SUBMISSION));
    }

    /** As {@link #submission}, on port 2525, for networks that block 587. */
    public static Profile alternateSubmission() {
        return new Profile(new Parts("alternate", everywhere(2525), TlsMode.STARTTLS, Purpose.SUBMISSION));
    }

    /**
     * Takes mail for final delivery from a server inside, by LMTP: port 24 on loopback, in clear. Whoever reaches it may
     * deliver to any recipient that the handler takes. RFC 2033.
     */
    public static Profile lmtp() {
        InetSocketAddress inside = new InetSocketAddress(InetAddress.getLoopbackAddress(), 24);
        return new Profile(new Parts("lmtp", inside, TlsMode.NONE, Purpose.DELIVERY));
    }

    /** On all addresses of both families. */
    private static InetSocketAddress everywhere(int port) {
        return new InetSocketAddress(port);
    }

    private Profile with(Consumer<Parts> change) {
        Parts changed = parts.copy();
        change.accept(changed);
        return new Profile(changed);
    }

    /** This profile under another name, so that one server can have two of a kind: one for each address, say. */
    public Profile named(String name) {
        return with(p -> p.name = name);
    }

    /**
     * This profile at another address; port 0 takes any free one.
     *
     * @throws IllegalArgumentException if LMTP is to be spoken on port 25, where whoever comes speaks SMTP (RFC 2033 §5)
     */
    public Profile at(InetSocketAddress address) {
        if (purpose() == Purpose.DELIVERY && address.getPort() == 25) {
            throw new IllegalArgumentException("profile " + name() + " can't be on port 25");
        }
        return with(p -> p.address = address);
    }

    /**
     * This profile turning to TLS at another time.
     *
     * @throws IllegalArgumentException if a submission profile would do without
     */
    public Profile tls(TlsMode tls) {
        if (isSubmission() && tls == TlsMode.NONE) {
            throw new IllegalArgumentException("profile " + name() + " needs TLS");
        }
        return with(p -> p.tls = tls);
    }

    /** This profile with other limits. */
    public Profile limits(SessionLimits limits) {
        return with(p -> p.limits = limits);
    }

    /** This profile with another limit of message size, told by SIZE (RFC 1870). */
    public Profile maxMessageOctets(long octets) {
        return limits(limits().maxMessageOctets(octets));
    }

    /** This profile with another limit of recipients in one transaction, told by LIMITS (RFC 9422). */
    public Profile maxRecipients(int recipients) {
        return limits(limits().maxRecipients(recipients));
    }

    /** This profile with other {@linkplain SessionTimes#times times}. */
    public Profile timeouts(Duration command, Duration content) {
        return limits(limits().times(limits().times().times(command, content)));
    }

    /**
     * This profile less these extensions.
     *
     * @throws IllegalArgumentException if it does not have one of them, or is for users, who can't do without it
     */
    public Profile without(Extension... extensions) {
        Set<Extension> fewer = EnumSet.copyOf(parts.extensions);
        for (Extension extension : extensions) {
            boolean needed = isSubmission() && NEEDED_BY_USERS.contains(extension);
            if (needed || !fewer.remove(extension)) {
                throw new IllegalArgumentException(
                        "profile " + name() + (needed ? " can't do without " : " has no ") + extension.keyword());
            }
        }
        return with(p -> p.extensions = fewer);
    }

    /** This profile with recipients of any domain: what a sink wants, and an open relay is. */
    public Profile anyRecipient() {
        return with(p -> p.anyRecipient = true);
    }

    /**
     * This profile with these forms of commands taken too, for clients that can't be mended. With
     * {@link Leniency#UNKNOWN_PARAMETER} the handler is given the parameters that the server does not know, and answers
     * for them.
     */
    public Profile allowing(Leniency... forms) {
        return with(p -> p.leniencies = Set.of(forms));
    }

    /**
     * This profile with the client's name and address left out of the Received field, or not: where users submit, they
     * are nobody's business, and are left out unless said.
     */
    public Profile hidingClient(boolean hides) {
        return with(p -> p.hidesClient = hides);
    }

    /**
     * This profile with a Return-Path field put in front of the content, in place of any there is, or not: for final
     * delivery, and so for {@link #lmtp} unless said. RFC 5321 §4.4.
     */
    public Profile returnPath(boolean adds) {
        return with(p -> p.addsReturnPath = adds);
    }

    /**
     * This profile with the greeting held back so long, none unless said. Clients that do not wait for it are ended where
     * other servers are expected, {@link #mx}, as they are before any greeting; elsewhere they are heard after it.
     *
     * @throws IllegalArgumentException if it is negative, or the five minutes that clients wait (RFC 5321 §4.5.3.2.1)
     */
    public Profile greetingDelay(Duration delay) {
        if (delay.isNegative() || delay.compareTo(CLIENT_PATIENCE) >= 0) {
            throw new IllegalArgumentException("nobody waits for a greeting delayed by " + delay);
        }
        return with(p -> p.greetingDelay = delay);
    }

    /**
     * This profile behind a proxy: whoever connects from these networks has to begin with a PROXY header, version 1 or
     * 2, in clear and within 5 seconds, which names the client; from anybody else none is taken.
     */
    public Profile proxyFrom(Collection<Network> networks) {
        return with(p -> p.proxies = List.copyOf(networks));
    }

    /**
     * This profile with XCLIENT offered to these networks, by which a trusted proxy or filter names the client, address
     * and all, as in Postfix's XCLIENT_README. The handler is then asked anew whether that client may connect. A login
     * is not taken from anyone. Trusted is whom a PROXY header names, where there is one.
     */
    public Profile xclientFrom(Collection<Network> networks) {
        return with(p -> p.xclients = List.copyOf(networks));
    }

    /**
     * This profile with clients asked for a certificate as the server's {@link dev.ehlo.smtp.tls.TlsContext} has it, or
     * not at all. Unless said, they are asked where a certificate is required, and where users can log in by one.
     */
    public Profile clientCertificates(boolean asks) {
        return with(p -> p.clientCertificates = Optional.of(asks));
    }

    /** By which it is logged and {@linkplain SmtpServer#address found again}. */
    public String name() {
        return parts.name;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return parts.address;
    }

    /** When its connections turn to TLS. */
    public TlsMode tls() {
        return parts.tls;
    }

    /** What it is for. */
    public Purpose purpose() {
        return parts.purpose;
    }

    /** Whether it is for users. */
    public boolean isSubmission() {
        return parts.purpose == Purpose.SUBMISSION;
    }

    /** Of its sessions. */
    public SessionLimits limits() {
        return parts.limits;
    }

    /** Whether the extension is offered where it can be. */
    public boolean offers(Extension extension) {
        return parts.extensions.contains(extension);
    }

    /** Whether recipients of any domain are taken from anyone. */
    public boolean isAnyRecipient() {
        return parts.anyRecipient;
    }

    /** Forms of commands taken beyond the grammar; none unless told. Unmodifiable. */
    public Set<Leniency> leniencies() {
        return parts.leniencies;
    }

    /** Whether the client is left out of the Received field. */
    public boolean hidesClient() {
        return parts.hidesClient;
    }

    /** Whether a Return-Path field is put in front of the content. */
    public boolean addsReturnPath() {
        return parts.addsReturnPath;
    }

    /** Whether clients are asked for a certificate; empty for where something comes of it. */
    public Optional<Boolean> clientCertificates() {
        return parts.clientCertificates;
    }

    /** How long the greeting is held back. */
    public Duration greetingDelay() {
        return parts.greetingDelay;
    }

    /** From where a PROXY header is required. Unmodifiable. */
    public List<Network> proxyNetworks() {
        return parts.proxies;
    }

    /** From where XCLIENT is taken. Unmodifiable. */
    public List<Network> xclientNetworks() {
        return parts.xclients;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Profile that && parts.values().equals(that.parts.values());
    }

    @Override
    public int hashCode() {
        return parts.values().hashCode();
    }

    @Override
    public String toString() {
        return name() + " at " + address();
    }
}
