package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.Octets;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What XCLIENT and XFORWARD tell of a client. Postfix's XCLIENT_README and XFORWARD_README. */
public enum ClientAttribute {
    /** The client's host name, verified or not as the sender says. */
    NAME(Kind.WORD, true, true),
    /** The client's address: {@code 192.0.2.1} or {@code IPV6:2001:db8::1}. */
    ADDR(Kind.ADDRESS, true, true),
    /** The client's port. */
    PORT(Kind.PORT, true, true),
    /** SMTP or ESMTP; in XFORWARD any protocol. */
    PROTO(Kind.PROTOCOL, true, true),
    /** What the client said in HELO or EHLO. */
    HELO(Kind.WORD, true, true),
    /** The login by which the client authenticated. */
    LOGIN(Kind.TEXT, true, false),
    /** The address that the client connected to, in the forms of {@link #ADDR}. */
    DESTADDR(Kind.ADDRESS, true, false),
    /** The port that the client connected to. */
    DESTPORT(Kind.PORT, true, false),
    /** The message's name at the sender. */
    IDENT(Kind.WORD, false, true),
    /** LOCAL for what arose at the sender, else REMOTE. */
    SOURCE(Kind.SOURCE, false, true);

    private enum Kind {
        WORD,
        TEXT,
        ADDRESS,
        PORT,
        PROTOCOL,
        SOURCE
    }

    /** Characters of the name of a protocol in XFORWARD. */
    private static final int MAX_PROTOCOL = 64;

    private static final String IPV6 = "IPV6:";

    private final Kind kind;
    private final boolean xclient;
    private final boolean xforward;

    ClientAttribute(Kind kind, boolean xclient, boolean xforward) {
        this.kind = kind;
        this.xclient = xclient;
        this.xforward = xforward;
    }

    /** Whether the command, XCLIENT or XFORWARD, has this attribute. */
    public boolean isOf(Verb verb) {
        return verb == Verb.XCLIENT && xclient || verb == Verb.XFORWARD && xforward;
    }

    /** The value as it is compared: words of the protocol in upper case. */
    String normalized(String value) {
        String upper = Octets.upperAscii(value);
        if (ClientAttributes.isReserved(upper) || kind == Kind.PROTOCOL || kind == Kind.SOURCE) {
            return upper;
        }
        return kind == Kind.ADDRESS && upper.startsWith(IPV6) ? IPV6 + value.substring(IPV6.length()) : value;
    }

    /** Whether the command may say this of the attribute. */
    boolean isValid(Verb verb, String value) {
        if (!isOf(verb) || value.isEmpty() || value.length() > ClientAttributes.MAX_VALUE) {
            return false;
        }
        boolean protocol = kind == Kind.PROTOCOL;
        if (ClientAttributes.isReserved(value)) {
            return !protocol || verb == Verb.XFORWARD;
        }
        return switch (kind) {
            case TEXT -> Octets.isPrintable(value);
            case WORD -> isWord(value);
            case ADDRESS -> toAddress(value).isPresent();
            case PORT -> toPort(value) >= 0;
            case SOURCE -> value.equals("LOCAL") || value.equals("REMOTE");
            case PROTOCOL ->
                verb == Verb.XCLIENT
                        ? value.equals("SMTP") || value.equals("ESMTP")
                        : isWord(value) && value.length() <= MAX_PROTOCOL;
        };
    }

    /** The address that the value says, made without a look-up of names. */
    Optional<InetAddress> toAddress(String value) {
        if (kind != Kind.ADDRESS) {
            return Optional.empty();
        }
        boolean ipv6 = value.startsWith(IPV6);
        // An address has no other characters, and what is none is refused as octets as well as it would be as text.
        ByteBuffer in = StandardCharsets.US_ASCII.encode(ipv6 ? value.substring(IPV6.length()) : value);
        ProxyAddressText text = new ProxyAddressText();
        if (ipv6 ? !text.ipv6(in, 0, in.limit()) : !text.ipv4(in, 0, in.limit())) {
            return Optional.empty();
        }
        return Optional.of(ipv6 ? ProxyHeader.ipv6(text.high, text.low) : ProxyHeader.ipv4(text.low));
    }

    /** The port that the value says, or -1. */
    int toPort(String value) {
        ByteBuffer in = StandardCharsets.US_ASCII.encode(value);
        return kind == Kind.PORT ? ProxyAddressText.decimal(in, 0, in.limit(), 0xffff) : -1;
    }

    private static boolean isWord(String value) {
        return value.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }
}
