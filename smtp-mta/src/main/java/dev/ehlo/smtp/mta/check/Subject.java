package dev.ehlo.smtp.mta.check;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * What is to be checked.
 *
 * @param name a domain or host in A-labels and lower case, or an address of the internet without brackets
 * @param isAddress whether the name is one of the internet
 * @param isHost whether it is a host by itself, so that DNS is not asked where its mail goes
 * @param mailbox the mail address that was given; empty if none was
 * @param port the one that was given
 */
public record Subject(String name, boolean isAddress, boolean isHost, String mailbox, OptionalInt port) {
    private static final Pattern IP_V4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern IP_V6 = Pattern.compile("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");
    private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");
    private static final int MAX_PORT = 65_535;

    /**
     * Of {@code example.org}, {@code mail.example.org:587}, {@code user@example.org}, {@code 192.0.2.1},
     * {@code [2001:db8::1]:25}.
     *
     * @throws IllegalArgumentException if it is none of them
     */
    public static Subject parse(String given) {
        if (given.indexOf('@') >= 0) {
            Mailbox mailbox = Mailbox.parse(given);
            if (mailbox.domain().startsWith("[")) {
                throw new IllegalArgumentException("an address literal: check what is between its brackets");
            }
            return new Subject(name(mailbox.domain()), false, false, given, OptionalInt.empty());
        }
        if (IP_V6.matcher(given).matches()) {
            return host(given, OptionalInt.empty());
        }
        int bracket = given.startsWith("[") ? given.indexOf(']') : -1;
        int colon = given.indexOf(':', Math.max(0, bracket));
        String host = colon < 0 ? given : given.substring(0, colon);
        OptionalInt port = colon < 0 ? OptionalInt.empty() : OptionalInt.of(port(given.substring(colon + 1)));
        return bracket < 0 ? host(host, port) : literal(host, port);
    }

    private static Subject literal(String bracketed, OptionalInt port) {
        String inside = bracketed.substring(1, bracketed.length() - 1);
        if (!bracketed.endsWith("]") || !isAddress(inside)) {
            throw new IllegalArgumentException("not an address: " + Octets.printable(bracketed));
        }
        return host(inside, port);
    }

    private static Subject host(String host, OptionalInt port) {
        return isAddress(host)
                ? new Subject(text(host), true, true, "", port)
                : new Subject(name(host), false, port.isPresent(), "", port);
    }

    private static boolean isAddress(String text) {
        return IP_V4.matcher(text).matches() || IP_V6.matcher(text).matches();
    }

    /** As the JVM writes it; nothing is looked up, as it is no name. */
    private static String text(String address) {
        try {
            return InetAddress.getByName(address).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("not an address: " + Octets.printable(address), e);
        }
    }

    private static String name(String text) {
        String name = Octets.lowerAscii(DomainGrammar.withoutRoot(DomainGrammar.toAscii(text)));
        String none = "not a host, a domain or an address: " + Octets.printable(text);
        if (name.isEmpty()) {
            throw new IllegalArgumentException(none);
        }
        try {
            return new Mailbox("postmaster", name).domain();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(none, e);
        }
    }

    private static int port(String text) {
        int port = PORT.matcher(text).matches() ? Integer.parseInt(text) : 0;
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("not a port: " + Octets.printable(text));
        }
        return port;
    }
}
