package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.codec.BareNewlines;
import dev.ehlo.smtp.codec.Capabilities;
import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.server.Network;
import dev.ehlo.smtp.server.Profile;
import dev.ehlo.smtp.server.SessionLimits;
import dev.ehlo.smtp.tls.TlsMode;
import java.net.InetAddress;
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
            Extension.SMTPUTF8,
            Extension.ENHANCEDSTATUSCODES);

    /** What can be kept only by whoever takes the message: offered where the handler is said to. */
    private static final Set<Extension> OF_HANDLER = EnumSet.of(
            Extension.BINARYMIME,
            Extension.DSN,
            Extension.REQUIRETLS,
            Extension.FUTURERELEASE,
            Extension.DELIVERBY,
            Extension.MT_PRIORITY);

    private final ServerSettings server;
    private final Profile profile;
    private final EncodedReply greeting;
    private final EncodedReply helo;
    private final EncodedReply ehloInClear;
    private final EncodedReply ehloUnderTls;
    private final TraceDate traceDate;

    /** The profile as that server plays it. */
    public Role(ServerSettings server, Profile profile) {
        this.server = server;
        this.profile = profile;
        this.traceDate = new TraceDate(server.time());
        // No version: it would help nobody but those who look for one.
        this.greeting = new EncodedReply(Reply.of(220, server.hostname() + " ESMTP"));
        this.helo = new EncodedReply(Reply.of(250, server.hostname()));
        Capabilities always = offers();
        this.ehloInClear = ehlo(offersStartTls() ? always.with(Extension.STARTTLS) : always);
        this.ehloUnderTls = ehlo(
                offersAuth() ? always.with(Extension.AUTH, AuthDialogue.MECHANISMS.toArray(String[]::new)) : always);
    }

    /**
     * RFC 5321 §4.1.1.1, RFC 1870 §3, RFC 2920 §3, RFC 6152 §2, RFC 3030 §2, RFC 6531 §3.1, RFC 2034 §3, RFC 3207 §4, RFC
     * 4954 §3, RFC 9422 §4.
     */
    private Capabilities offers() {
        Capabilities offers = Capabilities.NONE;
        if (offers(Extension.SIZE)) {
            offers = offers.with(Extension.SIZE, Long.toString(limits().maxMessageOctets()));
        }
        for (Extension each : PLAIN) {
            if (each == Extension.SMTPUTF8 ? offersUtf8() : offers(each)) {
                offers = offers.with(each);
            }
        }
        if (offers(Extension.LIMITS)) {
            offers = offers.with(Extension.LIMITS, "RCPTMAX=" + limits().maxRecipients());
        }
        return offers;
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

    SessionLimits limits() {
        return profile.limits();
    }

    EncodedReply greeting() {
        return greeting;
    }

    EncodedReply helo() {
        return helo;
    }

    EncodedReply ehlo(boolean underTls) {
        return underTls ? ehloUnderTls : ehloInClear;
    }

    /** Whether the extension may be used here, some of them only under TLS or after AUTH. */
    boolean offers(Extension extension) {
        return profile.offers(extension)
                && (!OF_HANDLER.contains(extension) || server.honoured().contains(extension));
    }

    boolean isSubmission() {
        return profile.isSubmission();
    }

    boolean offersStartTls() {
        return profile.tls() == TlsMode.STARTTLS && server.isTlsPossible() && offers(Extension.STARTTLS);
    }

    /** UTF-8 in a header is 8-bit content: one is not offered without the other. RFC 6531 §3.1. */
    boolean offersUtf8() {
        return offers(Extension.SMTPUTF8) && offers(Extension.EIGHTBITMIME);
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
        return localPart.chars().anyMatch(c -> c == '%' || c == '!' || c == '@');
    }
}
