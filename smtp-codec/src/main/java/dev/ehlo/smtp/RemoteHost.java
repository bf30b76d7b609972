package dev.ehlo.smtp;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The host that an attempt was made with.
 *
 * @param name as DNS or the user gave it; it may be what a stranger's DNS says, so escape it where it is shown
 * @param address where it was reached, or was not; null if it came to no address, or nobody tells
 * @param tls what protected the connection; null if it was in clear, or nobody tells
 * @param offered the extensions that it offered, and so keeps: whoever relays to one without DSN reports that it did
 *     (RFC 3461 §5.2.2); unmodifiable
 */
public record RemoteHost(
        String name,
        @Nullable InetSocketAddress address,
        @Nullable TlsFacts tls,
        Set<Extension> offered) {
    /** Copies the set. */
    public RemoteHost {
        offered = Set.copyOf(offered);
    }

    /** A host of which no more than the name is known. */
    public static RemoteHost named(String name) {
        return new RemoteHost(name, null, null, Set.of());
    }

    /** The address, where it is known. */
    public Optional<InetSocketAddress> at() {
        return Optional.ofNullable(address);
    }

    /** What protected the connection, if anything did. */
    public Optional<TlsFacts> protection() {
        return Optional.ofNullable(tls);
    }
}
