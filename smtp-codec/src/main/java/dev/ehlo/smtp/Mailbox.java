package dev.ehlo.smtp;

import dev.ehlo.smtp.grammar.Delimiters;
import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.grammar.PathGrammar;
import dev.ehlo.smtp.grammar.PathSpan;
import java.nio.ByteBuffer;

/**
 * A mailbox, {@code local-part@domain}, without the angle brackets. RFC 5321 §4.1.2, RFC 6531 §3.3.
 *
 * <p>A value: equal to another of the same parts, octet for octet.
 */
public final class Mailbox {
    private static final String POSTMASTER_NAME = "Postmaster";

    /** The mailbox {@code <Postmaster>}, which needs no domain. RFC 5321 §4.1.1.3. */
    public static final Mailbox POSTMASTER = new Mailbox(POSTMASTER_NAME, "");

    private final String localPart;
    private final String domain;

    /**
     * Checks both parts.
     *
     * @param localPart the local part with its quoting removed; quotes come back by {@link #toString()} where needed
     * @param domain a domain name, an address literal with its brackets, or empty in {@link #POSTMASTER} alone
     * @throws IllegalArgumentException if they do not make a mailbox: a control character, an octet length over
     *     RFC 5321 §4.5.3.1, a malformed domain
     */
    public Mailbox(String localPart, String domain) {
        boolean postmaster = domain.isEmpty() && isPostmaster(localPart);
        this.localPart = postmaster ? POSTMASTER_NAME : localPart;
        this.domain = domain;
        if (!postmaster) {
            String text = wire(localPart, domain);
            spanOf(text, Octets.utf8(text));
        }
    }

    /** The parts lie in the octets so. */
    private Mailbox(byte[] octets, PathSpan span) {
        ByteBuffer in = ByteBuffer.wrap(octets);
        String local = Octets.text(in, span.localStart, span.localEnd);
        this.localPart = span.quoted ? unquote(local) : local;
        this.domain = Octets.text(in, span.domainStart, span.domainEnd);
    }

    /**
     * The mailbox that the text says: {@code user@example.org}, {@code "a b"@[192.0.2.1]}, {@code Postmaster}.
     *
     * @throws IllegalArgumentException if the text is no mailbox
     */
    public static Mailbox parse(String text) {
        if (isPostmaster(text)) {
            return POSTMASTER;
        }
        byte[] octets = Octets.utf8(text);
        return new Mailbox(octets, spanOf(text, octets));
    }

    /** The local part with its quoting removed. */
    public String localPart() {
        return localPart;
    }

    /** A domain name, an address literal with its brackets, or empty in {@link #POSTMASTER} alone. */
    public String domain() {
        return domain;
    }

    /** Whether this mailbox is at the domain, compared as {@link #destination} is. RFC 5321 §2.4. */
    public boolean isAt(String otherDomain) {
        return destination().equals(DomainGrammar.toAscii(otherDomain));
    }

    /** Whether an octet outside ASCII occurs, so that SMTPUTF8 is needed to carry it. RFC 6531. */
    public boolean needsUtf8() {
        return !Octets.isAscii(localPart) || !Octets.isAscii(domain);
    }

    /**
     * The domain as DNS has it: A to Z in lower case, {@code bücher.example} as {@code xn--bcher-kva.example} (RFC 5890
     * §2.3.2.1). The key by which destinations are told apart, and the name to look up.
     */
    public String destination() {
        return DomainGrammar.toAscii(domain);
    }

    /** The mailbox as it stands on the wire, quoted where it must be, without angle brackets. */
    @Override
    public String toString() {
        return domain.isEmpty() ? localPart : wire(localPart, domain);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Mailbox that && localPart.equals(that.localPart) && domain.equals(that.domain);
    }

    @Override
    public int hashCode() {
        return 31 * localPart.hashCode() + domain.hashCode();
    }

    private static PathSpan spanOf(String text, byte[] octets) {
        PathSpan span = new PathSpan();
        Delimiters delimiters = new Delimiters(PathGrammar.MAX_PATH);
        if (!PathGrammar.mailbox(ByteBuffer.wrap(octets), 0, octets.length, delimiters, span)) {
            throw new IllegalArgumentException("not a mailbox: " + Octets.printable(text));
        }
        return span;
    }

    private static String wire(String localPart, String domain) {
        return (PathGrammar.isDotString(localPart) ? localPart : quote(localPart)) + '@' + domain;
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\');
            }
            quoted.append(c);
        }
        return quoted.append('"').toString();
    }

    private static String unquote(String quoted) {
        StringBuilder text = new StringBuilder(quoted.length());
        for (int i = 1; i < quoted.length() - 1; i++) {
            if (quoted.charAt(i) == '\\') {
                i++;
            }
            text.append(quoted.charAt(i));
        }
        return text.toString();
    }

    private static boolean isPostmaster(String text) {
        return text.length() == POSTMASTER_NAME.length()
                && Octets.lowerAscii(text).equals("postmaster");
    }
}
