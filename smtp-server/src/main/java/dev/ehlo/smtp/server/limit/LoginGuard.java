package dev.ehlo.smtp.server.limit;

import dev.ehlo.smtp.Rate;
import dev.ehlo.smtp.server.ServerLimits;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Slows down whoever guesses passwords, and nobody else. Asked before an authenticator is, told what came of it, and
 * counts failures for each login and for each network: an IPv4 network of 24 bits, or an IPv6 one of 64, so that to
 * have many addresses helps no guesser. The first few are free, as fingers slip; each one beyond locks out for twice as
 * long as the one before, from a second to the {@linkplain ServerLimits#longestLockOut longest}, after which there is one
 * try more. Nothing extends a lock-out but a try that was let through, so that it ends by itself.
 *
 * <p>Who has logged in is known in that place for a while, and judged there by his own failures alone. So neither all the
 * world guessing at his password, nor a guesser next door, locks him out where he is at home; elsewhere he may have to
 * wait as they do. In a network where he is known, but not by that address, he is judged by what failed for him in it.
 *
 * <p>A login is counted without regard to case and to forms of characters that SASLprep makes one, and with or without a
 * local domain. Nothing is said to it but names and
 * addresses, of which it keeps keyed hashes: its tables hold no login. Thread-safe, never blocks, and cheap beside a
 * hash of a password. RFC 4954 §4, §6.
 */
public final class LoginGuard {
    /** For how long after a login its place is known. */
    static final Duration KNOWN = Duration.ofDays(60);

    /**
     * Tries of a login, and from a network, where it is not known: more than people and programs make that begin at once,
     * and the most that are under way before the first of them has failed.
     */
    private static final Pace TRIES = new Pace(Rate.perMinute(300));

    /** Logins, networks and places that are remembered, of each. */
    private static final int PLACES = 1 << 16;

    private static final long OF_NETWORK = 0x6e65_7477_6f72_6b73L;

    private final ServerLimits limits;
    private final LoginNames names;
    private final LongSupplier clock;
    private final NameHash hashes = new NameHash();
    private final long longestNanos;
    private final BoundedTable<Failures> logins = new BoundedTable<>(PLACES, Failures::new);
    private final BoundedTable<Failures> networks = new BoundedTable<>(PLACES, Failures::new);
    private final BoundedTable<Failures> known = new BoundedTable<>(PLACES, Failures::new);

    /**
     * Knows nobody yet.
     *
     * @param localDomains that a login may be written with, in ASCII
     * @param nanoTime as {@link System#nanoTime}
     */
    public LoginGuard(ServerLimits limits, Set<String> localDomains, LongSupplier nanoTime) {
        this.limits = limits;
        this.names = new LoginNames(localDomains, UnaryOperator.identity());
        this.clock = nanoTime;
        this.longestNanos = limits.longestLockOut().toNanos();
    }

    /**
     * Whether that login may be tried from there now. To be asked right before the authenticator; if not, the client is
     * told {@code 454 4.7.0} without asking it, and nothing else is said here.
     *
     * @param login as the client gave it; empty if it gives none
     */
    public boolean mayTry(String login, InetAddress client) {
        long now = clock.getAsLong();
        long address = Sites.address(client);
        long who = hash(login);
        Failures own = findKnown(who, address, now);
        if (own != null) {
            try {
                return own.mayTry(now, limits.failedLoginsPerLogin(), longestNanos);
            } finally {
                own.release();
            }
        }
        return mayTry(
                limits.isAllowed(client) ? null : networks.findOrMake(Sites.hosts(address), now), who, login, now);
    }

    /** Whether that login has been let in there, or by another address of the same network, lately. */
    public boolean isKnown(String login, InetAddress client) {
        Failures own = findKnown(hash(login), Sites.address(client), clock.getAsLong());
        if (own == null) {
            return false;
        }
        own.release();
        return true;
    }

    private boolean mayTry(@Nullable Failures network, long who, String login, long now) {
        if (network == null) {
            return mayTry(who, login, now);
        }
        try {
            // Before a login is counted, so that who is locked out fills no table with names.
            return !network.isLocked(now, limits.failedLoginsPerNetwork(), longestNanos)
                    && mayTry(who, login, now)
                    && network.mayTry(now, limits.failedLoginsPerNetwork(), longestNanos, TRIES);
        } finally {
            network.release();
        }
    }

    private boolean mayTry(long who, String login, long now) {
        Failures ofLogin = login.isEmpty() ? null : logins.findOrMake(who, now);
        if (ofLogin == null) {
            return true;
        }
        try {
            return ofLogin.mayTry(now, limits.failedLoginsPerLogin(), longestNanos, TRIES);
        } finally {
            ofLogin.release();
        }
    }

    /** A try that was let through has failed: the authenticator knows no such login with such a proof. */
    public void failed(String login, InetAddress client) {
        long now = clock.getAsLong();
        long address = Sites.address(client);
        long who = hash(login);
        Failures own = findKnown(who, address, now);
        if (own != null) {
            count(own, now, limits.failedLoginsPerLogin());
            return;
        }
        if (!limits.isAllowed(client)) {
            count(networks.findOrMake(Sites.hosts(address), now), now, limits.failedLoginsPerNetwork());
        }
        if (!login.isEmpty()) {
            count(logins.findOrMake(who, now), now, limits.failedLoginsPerLogin());
        }
    }

    /** A try that was let through has succeeded: the login is known there from now on. */
    public void succeeded(String login, InetAddress client) {
        long now = clock.getAsLong();
        long address = Sites.address(client);
        long who = hash(login);
        know(byAddress(who, address), now);
        know(byNetwork(who, address), now);
    }

    private static void count(@Nullable Failures entry, long now, int free) {
        if (entry != null) {
            entry.failed(now, free);
            entry.release();
        }
    }

    private void know(long place, long now) {
        Failures entry = known.findOrMake(place, now);
        if (entry != null) {
            entry.forgive(now);
            entry.keepUntil(now + KNOWN.toNanos());
            entry.release();
        }
    }

    /** By which it is judged there, held; null where it is not known. */
    private @Nullable Failures findKnown(long who, long address, long now) {
        Failures here = findKnown(byAddress(who, address), now);
        return here != null ? here : findKnown(byNetwork(who, address), now);
    }

    private @Nullable Failures findKnown(long place, long now) {
        Failures entry = known.find(place);
        if (entry != null && !entry.isKept(now)) {
            entry.release();
            return null;
        }
        return entry;
    }

    private static long byAddress(long who, long address) {
        return BoundedTable.mix(who + BoundedTable.mix(address));
    }

    private static long byNetwork(long who, long address) {
        return BoundedTable.mix(who + BoundedTable.mix(Sites.hosts(address) ^ OF_NETWORK));
    }

    /** Of whom it is, in whatever way it is written. */
    private long hash(String login) {
        return hashes.of(names.of(login));
    }
}
