package dev.ehlo.smtp.server;

import dev.ehlo.smtp.codec.Leniency;
import dev.ehlo.smtp.tls.TlsMode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * The role of one port. Start from {@link #mx}, {@link #submission}, {@link #submissions} or
 * {@link #alternateSubmission}, and derive what differs:
 *
 * <pre>{@code Profile.mx().at(new InetSocketAddress("127.0.0.1", 10025)).maxMessageOctets(10 << 20)}</pre>
 *
 * @param name by which it is logged and {@linkplain SmtpServer#address found again}
 * @param address where it listens; port 0 takes any free one
 * @param tls when its connections turn to TLS
 * @param isSubmission whether clients are the server's own users: TLS and then AUTH come before MAIL (RFC 6409 §4.3,
 *     RFC 8314 §3.3), any recipient is taken, and missing Date and Message-ID are added (RFC 6409 §8.2, §8.3); where not, clients
 *     are other servers, AUTH is not offered, and recipients are at local domains
 * @param limits of its sessions
 * @param withheld extensions that it would offer but does not, by keyword
 * @param isAnyRecipient whether recipients of any domain are taken from anyone; for sinks and tests
 * @param leniencies forms of commands taken beyond the grammar; none unless told
 */
public record Profile(
        String name,
        InetSocketAddress address,
        TlsMode tls,
        boolean isSubmission,
        SessionLimits limits,
        Set<String> withheld,
        boolean isAnyRecipient,
        Set<Leniency> leniencies) {
    /** What can be withheld. On a submission profile STARTTLS and AUTH can't: nobody could send a message there. */
    private static final Set<String> EXTENSIONS = Set.of(
            "SIZE",
            "PIPELINING",
            "8BITMIME",
            "CHUNKING",
            "SMTPUTF8",
            "LIMITS",
            "ENHANCEDSTATUSCODES",
            "STARTTLS",
            "AUTH");

    /** @throws IllegalArgumentException if the parts contradict one another */
    public Profile {
        withheld = Set.copyOf(withheld);
        leniencies = Set.copyOf(leniencies);
        for (String keyword : withheld) {
            boolean needed = isSubmission && (keyword.equals("STARTTLS") || keyword.equals("AUTH"));
            if (!EXTENSIONS.contains(keyword) || needed) {
                throw new IllegalArgumentException("profile " + name + " can't do without " + keyword);
            }
        }
        if (isSubmission && tls == TlsMode.NONE) {
            throw new IllegalArgumentException("profile " + name + " needs TLS");
        }
    }

    /** Takes mail for the local domains from other servers: port 25, STARTTLS offered, no AUTH. */
    public static Profile mx() {
        return of("mx", 25, TlsMode.STARTTLS, false);
    }

    /** Takes mail from users: port 587, STARTTLS required. RFC 6409. */
    public static Profile submission() {
        return of("submission", 587, TlsMode.STARTTLS, true);
    }

    /** Takes mail from users: port 465, under TLS from the first octet. RFC 8314 §3.3. */
    public static Profile submissions() {
        return of("submissions", 465, TlsMode.IMPLICIT, true);
    }

    /** As {@link #submission}, on port 2525, for networks that block 587. */
    public static Profile alternateSubmission() {
        return of("alternate", 2525, TlsMode.STARTTLS, true);
    }

    private static Profile of(String name, int port, TlsMode tls, boolean submission) {
        return new Profile(
                name,
                new InetSocketAddress("0.0.0.0", port),
                tls,
                submission,
                SessionLimits.STANDARD,
                Set.of(),
                false,
                Set.of());
    }

    /** This profile under another name, so that one server can have two of a kind. */
    public Profile named(String other) {
        return new Profile(other, address, tls, isSubmission, limits, withheld, isAnyRecipient, leniencies);
    }

    /** This profile at another address. */
    public Profile at(InetSocketAddress other) {
        return new Profile(name, other, tls, isSubmission, limits, withheld, isAnyRecipient, leniencies);
    }

    /** This profile with other limits. */
    public Profile limits(SessionLimits other) {
        return new Profile(name, address, tls, isSubmission, other, withheld, isAnyRecipient, leniencies);
    }

    /** This profile with another limit of message size, told by SIZE (RFC 1870). */
    public Profile maxMessageOctets(long octets) {
        return limits(limits.maxMessageOctets(octets));
    }

    /** This profile with another limit of recipients in one transaction. */
    public Profile maxRecipients(int recipients) {
        return limits(limits.maxRecipients(recipients));
    }

    /** This profile with other {@linkplain SessionLimits times}. */
    public Profile timeouts(Duration command, Duration content) {
        return limits(limits.times(command, content));
    }

    /**
     * This profile less these extensions, by keyword.
     *
     * @throws IllegalArgumentException if there is no such extension, or a submission profile can't do without it
     */
    public Profile without(String... keywords) {
        Set<String> fewer = new TreeSet<>(withheld);
        for (String keyword : keywords) {
            fewer.add(keyword.toUpperCase(Locale.ROOT));
        }
        return new Profile(name, address, tls, isSubmission, limits, fewer, isAnyRecipient, leniencies);
    }

    /** This profile with recipients of any domain: what a sink wants, and an open relay is. */
    public Profile anyRecipient() {
        return new Profile(name, address, tls, isSubmission, limits, withheld, true, leniencies);
    }

    /**
     * This profile with these forms of commands taken too, for clients that can't be mended. With
     * {@link Leniency#UNKNOWN_PARAMETER} the handler is given the parameters that the server does not know, and answers
     * for them.
     */
    public Profile allowing(Leniency... forms) {
        return new Profile(name, address, tls, isSubmission, limits, withheld, isAnyRecipient, Set.of(forms));
    }

    /** Whether the extension, by its keyword in upper case, is offered where it can be. */
    public boolean offers(String keyword) {
        return !withheld.contains(keyword);
    }
}
