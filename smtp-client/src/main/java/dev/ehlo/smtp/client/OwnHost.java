package dev.ehlo.smtp.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This host as DNS may name it, so that it is known when mail would come back to it: by its name, and by the addresses
 * at which it takes mail. Thread-safe. RFC 5321 §5.1.
 */
final class OwnHost {
    /** How long what the system said of its interfaces is believed. */
    private static final long INTERFACES_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final Logger LOG = LoggerFactory.getLogger(OwnHost.class);

    private final String name;
    private final Set<InetSocketAddress> listeners;
    private final LongSupplier clock;
    private volatile Interfaces interfaces = new Interfaces(Set.of(), Long.MIN_VALUE, true);

    private record Interfaces(Set<InetAddress> addresses, long since, boolean isUnknown) {}

    /**
     * This host.
     *
     * @param name in EHLO; empty if it has none
     * @param listeners where it takes mail; an unspecified address stands for all of this machine's
     */
    OwnHost(String name, Set<InetSocketAddress> listeners, LongSupplier clock) {
        this.name = name;
        this.listeners = Set.copyOf(listeners);
        this.clock = clock;
    }

    /** In words. */
    String name() {
        return name.isEmpty() ? "this host" : name;
    }

    boolean isNamed(String host) {
        return !name.isEmpty() && name.equalsIgnoreCase(host);
    }

    /** Whether it is this host that takes mail there. */
    boolean isAt(InetAddress address, int port) {
        for (InetSocketAddress each : listeners) {
            if (each.getPort() == port
                    && (each.getAddress().isAnyLocalAddress()
                            ? isOfThisMachine(address)
                            : each.getAddress().equals(address))) {
                return true;
            }
        }
        return false;
    }

    private boolean isOfThisMachine(InetAddress address) {
        return address.isLoopbackAddress() || interfaces().contains(address);
    }

    private Set<InetAddress> interfaces() {
        Interfaces last = interfaces;
        long now = clock.getAsLong();
        if (last.isUnknown() || now - last.since() >= INTERFACES_NANOS) {
            last = new Interfaces(ask(last.addresses()), now, false);
            interfaces = last;
        }
        return last.addresses();
    }

    private static Set<InetAddress> ask(Set<InetAddress> before) {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .collect(Collectors.toUnmodifiableSet());
        } catch (SocketException e) {
            LOG.warn("the addresses of this machine are not to be had", e);
            return before;
        }
    }
}
