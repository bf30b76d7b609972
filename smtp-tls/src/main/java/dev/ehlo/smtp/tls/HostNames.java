package dev.ehlo.smtp.tls;

import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;

/** Tells host names from addresses, without asking anyone. */
final class HostNames {
    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*");

    private HostNames() {}

    static boolean isAddress(String name) {
        return IPV4.matcher(name).matches() || IPV6.matcher(name).matches();
    }

    /** The name as a client asks for it; empty for an address, and for names that SNI cannot carry. RFC 6066 §3. */
    static Optional<SNIServerName> serverName(String name) {
        if (isAddress(name)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new SNIHostName(name));
        } catch (IllegalArgumentException e) {
            return Optional
                    .empty(); // with an underscore, say; the certificate is checked against the name all the same
        }
    }
}
