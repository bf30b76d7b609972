package dev.ehlo.smtp.tls;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;

/** Tells host names from addresses, and one name from another, without asking anyone. */
final class HostNames {
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*");

    private HostNames() {}

    static boolean isAddress(String name) {
        return IPV4.matcher(name).matches() || IPV6.matcher(name).matches();
    }

    static boolean isAscii(String name) {
        return name.chars().allMatch(c -> c < 0x80);
    }

    /** The name as a client asks for it; empty for an address, and for names that SNI cannot carry. RFC 6066 §3. */
    static Optional<SNIServerName> serverName(String name) {
        if (isAddress(name) || !isAscii(name)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SNIHostName(name));
        } catch (IllegalArgumentException e) {
            return Optional
                    .empty(); // with an underscore, say; the certificate is checked against the name all the same
        }
    }

    /**
     * The form in which names are compared: in lower case, without the dot of the root. Empty, which equals nothing, for
     * a name that is not in A-labels: what java.net.IDN makes of one (IDNA 2003) may be another's domain, and so may what
     * the lower case of a character beyond ASCII is. RFC 5890 §2.3.2.1.
     */
    static String comparable(String name) {
        if (!isAscii(name)) {
            return "";
        }
        String rootless = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        return rootless.toLowerCase(Locale.ROOT);
    }

    /**
     * Whether a name is one of those that a pattern stands for: the same, or one label more in the place of an asterisk
     * that is the whole first label. Any other asterisk stands for nothing, nor does one in front of a single label, as
     * nobody owns all names of a top-level domain. RFC 9525 §6.3, RFC 8461 §4.1.
     *
     * @param pattern as {@link #comparable} gives it
     * @param name as {@link #comparable} gives it
     */
    static boolean matches(String pattern, String name) {
        if (pattern.indexOf('*') < 0) {
            return !pattern.isEmpty() && pattern.equals(name);
        }
        int firstDot = name.indexOf('.');
        return firstDot > 0
                && pattern.startsWith("*.")
                && pattern.indexOf('*', 1) < 0
                && pattern.indexOf('.', 2) > 2
                && pattern.substring(1).equals(name.substring(firstDot));
    }
}
