package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.BareNewlines;
import dev.ehlo.smtp.codec.Capabilities;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.codec.Verb;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.Purpose;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.SessionLimits;
import dev.ehlo.smtp.server.sasl.SaslChannel;
import dev.ehlo.smtp.tls.TlsMode;
import java.net.InetAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A profile on a certain server: what its sessions say and allow. Immutable; shared by them all. */
public final class Role {
    /** Extensions without arguments, in the order of EHLO. */
    private static final List<Extension> PLAIN = List.of(
            Extension.PIPELINING,
            Extension.EIGHTBITMIME,
            Extension.CHUNKING,
            Extension.BINARYMIME,
            Extension.SMTPUTF8,
            Extension.DSN,
            Extension.ENHANCEDSTATUSCODES);

    /** What can be kept only by whoever takes the message: offered where the handler is said to. */
    private static final Set<Extension> OF_HANDLER = EnumSet.of(
            Extension.BINARYMIME,
            Extension.DSN,
            Extension.REQUIRETLS,
            Extension.FUTURERELEASE,
            Extension.DELIVERBY,
            Extension.MT_PRIORITY);

    /** Promises to users, and to nobody before it is clear whose user it is. */
    private static final Set<Extension> AFTER_AUTH =
            EnumSet.of(Extension.FUTURERELEASE, Extension.DELIVERBY, Extension.MT_PRIORITY);

    /** Bits of {@link #logins}. */
    private static final int BINDABLE = 1;

    private static final int CERTIFIED = 2;

    private final ServerSettings server;
    private final Profile profile;
    private final Set<Extension> offered;
    private final EncodedReply greeting;
    private final EncodedReply helo;
    private final KnownReplies knownReplies = new KnownReplies();
    private final EncodedReply ehloInClear;
    /** By {@link #logins}. */
    private final EncodedReply[] ehloUnderTls = new EncodedReply[4];

    private final TraceDate traceDate;
    private final Capabilities underTls;

    /** The profile as that server plays it. */
    public Role(ServerSettings server, Profile profile) {
        this.server = server;
        this.profile = profile;
        this.offered = offered(server, profile);
        this.traceDate = new TraceDate(server.time());
        // No version: it would help nobody but those who look for one.
        this.greeting = new EncodedReply(Reply.of(220, server.hostname() + (isLmtp() ? " LMTP" : " ESMTP")));
        this.helo = new EncodedReply(Reply.of(250, server.hostname()));
        Capabilities always = always();
        this.ehloInClear = ehlo(offersStartTls() ? always.with(Extension.STARTTLS) : always);
        Capabilities protectedOnly = offers(Extension.REQUIRETLS) ? always.with(Extension.REQUIRETLS) : always;
        this.underTls = protectedOnly;
        for (int i = 0; i < ehloUnderTls.length; i++) {
            ehloUnderTls[i] = ehlo(underTls(i));
        }
    }

    private static Set<Extension> offered(ServerSettings server, Profile profile) {
        Set<Extension> offered = EnumSet.allOf(Extension.class);
        offered.removeIf(each -> !profile.offers(each)
                || OF_HANDLER.contains(each) && !server.honoured().contains(each));
        if (!offered.contains(Extension.CHUNKING)) {
            offered.remove(Extension.BINARYMIME);
        }
        // UTF-8 in a header is 8-bit content. RFC 6531 §3.1.
        if (!offered.contains(Extension.EIGHTBITMIME)) {
            offered.remove(Extension.SMTPUTF8);
        }
        return offered;
    }

    /**
     * RFC 5321 §4.1.1.1, RFC 1870 §3, RFC 2920 §3, RFC 6152 §2, RFC 3030 §2, §3, RFC 6531 §3.1, RFC 3461 §3, RFC 2034 §3,
     * RFC 3207 §4, RFC 8689 §2, RFC 9422 §4.
     */
    private Capabilities always() {
        Capabilities offers = Capabilities.NONE;
        if (offers(Extension.SIZE)) {
            offers = offers.with(Extension.SIZE, Long.toString(limits().maxMessageOctets()));
        }
        for (Extension each : PLAIN) {
            if (offers(each)) {
                offers = offers.with(each);
            }
        }
        if (offers(Extension.LIMITS)) {
            String recipients = "RCPTMAX=" + limits().maxRecipients();
            offers = limits().maxTransactions() == SessionLimits.UNBOUNDED
                    ? offers.with(Extension.LIMITS, recipients)
                    : offers.with(Extension.LIMITS, recipients, "MAILMAX=" + limits().maxTransactions());
        }
        return offers;
    }

    /** What is offered under TLS, with the mechanisms that the number is of. RFC 4954 §3. */
    private Capabilities underTls(int logins) {
        if (!offersAuth()) {
            return underTls;
        }
        String[] mechanisms = server.sasl().offered((logins & BINDABLE) != 0, (logins & CERTIFIED) != 0).stream()
                .map(Mechanism::saslName)
                .toArray(String[]::new);
        return mechanisms.length == 0 ? underTls : underTls.with(Extension.AUTH, mechanisms);
    }

    /** What the mechanisms that are offered on a channel depend on, as a number. */
    private int logins(SaslChannel channel) {
        if (!offersAuth()) {
            return 0;
        }
        return (server.sasl().hasBound() && channel.isBindable() ? BINDABLE : 0)
                | (channel.certificates().isEmpty() ? 0 : CERTIFIED);
    }

    /** What is offered to users alone; until when a message can be held moves on with time. RFC 4865 §3, RFC 6710 §3. */
    private EncodedReply ehloToUser(Capabilities offered) {
        Capabilities offers = offered;
        if (offers(Extension.FUTURERELEASE)) {
            Instant until = server.time().instant().plus(limits().maxHold()).truncatedTo(ChronoUnit.SECONDS);
            offers = offers.with(
                    Extension.FUTURERELEASE, Long.toString(limits().maxHold().toSeconds()), until.toString());
        }
        for (Extension each : List.of(Extension.DELIVERBY, Extension.MT_PRIORITY)) {
            if (offers(each)) {
                offers = offers.with(each);
            }
        }
        return ehlo(offers);
    }

    private EncodedReply ehlo(Capabilities offers) {
        return new EncodedReply(offers.toReply(server.hostname()));
    }

    /** The profile. */
    public Profile profile() {
        return profile;
    }

    /** The server. */
    public ServerSettings server() {
        return server;
    }

    TraceDate traceDate() {
        return traceDate;
    }

    KnownReplies knownReplies() {
        return knownReplies;
    }

    SessionLimits limits() {
        return profile.limits();
    }

    EncodedReply greeting() {
        return greeting;
    }

    EncodedReply helo() {
        return helo;
    }

    EncodedReply ehlo(SessionInfo info, SaslChannel channel) {
        if (info.tls().isEmpty()) {
            return ehloInClear;
        }
        int logins = logins(channel);
        return info.login().isPresent() && AFTER_AUTH.stream().anyMatch(this::offers)
                ? ehloToUser(underTls(logins))
                : ehloUnderTls[logins];
    }

    /** Whether the extension may be used here, some of them only under TLS or after AUTH. */
    boolean offers(Extension extension) {
        return offered.contains(extension);
    }

    /** Whether the extension may be used in a session that stands so. */
    boolean offers(Extension extension, SessionInfo info) {
        return offers(extension)
                && (extension != Extension.REQUIRETLS || info.tls().isPresent())
                && (!AFTER_AUTH.contains(extension) || info.login().isPresent());
    }

    boolean isSubmission() {
        return profile.isSubmission();
    }

    /** Whether LMTP is spoken. RFC 2033. */
    boolean isLmtp() {
        return profile.purpose() == Purpose.DELIVERY;
    }

    /** What the verb means here: LMTP has one greeting of its own, in place of both of SMTP. RFC 2033 §4.1. */
    Verb read(Verb verb) {
        if (!isLmtp()) {
            return verb;
        }
        return switch (verb) {
            case LHLO -> Verb.EHLO;
            case EHLO, HELO -> Verb.UNKNOWN;
            default -> verb;
        };
    }

    boolean offersStartTls() {
        return profile.tls() == TlsMode.STARTTLS && server.isTlsPossible() && offers(Extension.STARTTLS);
    }

    boolean offersAuth() {
        return offers(Extension.AUTH);
    }

    /** Between servers a bare CR or LF is an attack more often than not; a user's program is given its line ends. */
    BareNewlines bareNewlines() {
        return profile.isSubmission() ? BareNewlines.REPAIR : BareNewlines.REFUSE;
    }

    boolean isTrusted(InetAddress client) {
        return isWithin(server.relayFrom(), client);
    }

    /** Whether a connection from there has to begin with a PROXY header. */
    public boolean wantsProxyHeaderFrom(InetAddress peer) {
        return isWithin(profile.proxyNetworks(), peer);
    }

    /** Whether clients are ended that do not wait for the greeting: other servers do wait. */
    public boolean isSilenceAwaited() {
        return profile.purpose() == Purpose.RELAY;
    }

    /** Whether who connects from there may say by XCLIENT whom it speaks for. */
    public boolean takesXclientFrom(InetAddress peer) {
        return isWithin(profile.xclientNetworks(), peer);
    }

    private static boolean isWithin(List<Network> networks, InetAddress address) {
        return networks.stream().anyMatch(network -> network.contains(address));
    }

    /** Whether mail to the mailbox ends here, so that a stranger may send it. RFC 5321 §3.6.1, §3.6.2. */
    boolean isLocal(Mailbox mailbox) {
        return mailbox.domain().isEmpty()
                || server.localDomains().contains(mailbox.destination()) && !isRouted(mailbox.localPart());
    }

    /** {@code user%remote@us}, {@code remote!user@us}, {@code "user@remote"@us}: relaying in disguise. */
    private static boolean isRouted(String localPart) {
        return localPart.indexOf('%') >= 0 || localPart.indexOf('!') >= 0 || localPart.indexOf('@') >= 0;
    }
}
