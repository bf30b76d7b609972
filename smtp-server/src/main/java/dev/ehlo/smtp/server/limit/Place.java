package dev.ehlo.smtp.server.limit;

import dev.ehlo.smtp.server.Refusal;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * One connection's place among those of the server, of its client's address and network, and of its login; handed on with
 * the connection from handler to handler, and given back once. What it counts for it holds, so that to take from a rate
 * looks nothing up and makes nothing. Used on the connection's loop.
 */
public final class Place {
    private final Admission admission;
    private boolean taken;
    private @Nullable Usage address;
    private @Nullable Usage network;
    private @Nullable Usage login;

    Place(Admission admission) {
        this.admission = admission;
    }

    /** Takes it for that client; if it can't be had, why, and it is not taken then. */
    public @Nullable Refusal take(InetAddress client) {
        Refusal refusal = admission.denial(client);
        if (refusal == null) {
            refusal = takeUnnamed();
        }
        if (refusal == null) {
            refusal = countFor(client);
            if (refusal != null) {
                giveBack();
            }
        }
        return refusal;
    }

    /** As {@link #take}, for a client that is to be named yet, and is counted then. */
    public @Nullable Refusal takeUnnamed() {
        taken = admission.enter();
        return taken ? null : Refusal.TOO_MANY_CONNECTIONS;
    }

    /**
     * Counts for that client from now on, and no longer for the one before or his login. If it can't, why: it then counts
     * for nobody, and is still to be given back.
     */
    public @Nullable Refusal countFor(InetAddress client) {
        leaveClient();
        Refusal refusal = admission.denial(client);
        if (refusal != null || !admission.isLimited(client)) {
            return refusal;
        }
        refusal = count(Sites.address(client), admission.clock.getAsLong());
        if (refusal != null) {
            leaveClient();
        }
        return refusal;
    }

    private @Nullable Refusal count(long key, long now) {
        address = enter(admission.addresses, key, now, admission.limits.connectionsPerAddress());
        if (address == null) {
            return Refusal.TOO_MANY_OF_ADDRESS;
        }
        network = enter(admission.networks, Sites.network(key), now, admission.limits.connectionsPerNetwork());
        if (network == null) {
            return Refusal.TOO_MANY_OF_NETWORK;
        }
        long wait = take(
                Usage.CONNECTION_RATE, admission.perAddress.connections, admission.perNetwork.connections, null, now);
        return wait == 0 ? null : Refusal.CONNECTION_RATE;
    }

    /** The one of that key, held and entered; null if that would be one connection too many. */
    private static @Nullable Usage enter(BoundedTable<Usage> table, long key, long now, int most) {
        Usage usage = table.findOrMake(key, now);
        if (usage == null || usage.enter(most)) {
            return usage;
        }
        usage.release();
        return null;
    }

    /** Counts for that login too, until another client or {@link #loggedOut}. */
    public void loggedIn(String identity) {
        loggedOut();
        login = admission.logins.findOrMake(admission.names.of(identity), admission.clock.getAsLong());
    }

    /** Counts for no login any more. */
    public void loggedOut() {
        Usage before = login;
        if (before != null) {
            login = null;
            before.release();
        }
    }

    /** How many nanoseconds another message has to wait for; 0 if it may come, and then it is counted. */
    public long messageWait() {
        return take(
                Usage.MESSAGES,
                admission.perAddress.messages,
                admission.perNetwork.messages,
                admission.perLogin.messages);
    }

    /** How many nanoseconds another recipient has to wait for; 0 if it may come, and then it is counted. */
    public long recipientWait() {
        return take(
                Usage.RECIPIENTS,
                admission.perAddress.recipients,
                admission.perNetwork.recipients,
                admission.perLogin.recipients);
    }

    private long take(AtomicLongFieldUpdater<Usage> bucket, Pace ofAddress, Pace ofNetwork, Pace ofLogin) {
        boolean limited = !ofAddress.isUnlimited() || !ofNetwork.isUnlimited() || login != null;
        return limited ? take(bucket, ofAddress, ofNetwork, ofLogin, admission.clock.getAsLong()) : 0;
    }

    /** Takes from all three, or from none. */
    private long take(
            AtomicLongFieldUpdater<Usage> bucket, Pace ofAddress, Pace ofNetwork, @Nullable Pace ofLogin, long now) {
        Usage theAddress = address;
        Usage theNetwork = network;
        Usage theLogin = ofLogin == null ? null : login;
        long wait = theAddress == null ? 0 : ofAddress.take(bucket, theAddress, now);
        if (wait > 0) {
            return wait;
        }
        wait = theNetwork == null ? 0 : ofNetwork.take(bucket, theNetwork, now);
        if (wait == 0 && theLogin != null && ofLogin != null) {
            wait = ofLogin.take(bucket, theLogin, now);
            if (wait > 0 && theNetwork != null) {
                ofNetwork.giveBack(bucket, theNetwork);
            }
        }
        if (wait > 0 && theAddress != null) {
            ofAddress.giveBack(bucket, theAddress);
        }
        return wait;
    }

    /** Counts for nobody any more. Does nothing if it was not taken. */
    public void giveBack() {
        leaveClient();
        if (taken) {
            taken = false;
            admission.leave();
        }
    }

    private void leaveClient() {
        loggedOut();
        leave(address);
        leave(network);
        address = null;
        network = null;
    }

    private static void leave(@Nullable Usage usage) {
        if (usage != null) {
            usage.leave();
            usage.release();
        }
    }
}
