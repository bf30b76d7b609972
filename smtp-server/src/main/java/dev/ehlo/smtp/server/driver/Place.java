package dev.ehlo.smtp.server.driver;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One connection's place among those of the server and of its client, handed on with the connection from handler to
 * handler, and given back once. Used on the connection's loop.
 */
final class Place {
    private final Admission admission;
    private @Nullable ByteBuffer client;

    Place(Admission admission) {
        this.admission = admission;
    }

    /**
     * Counts for that client from now on, and no longer for the one before.
     *
     * @return false if that would be one too many; it then counts for nobody, and is still to be given back
     */
    boolean countFor(InetAddress address) {
        leaveClient();
        ByteBuffer counted = Admission.client(address);
        if (admission.isBounded(address)) {
            if (!admission.enter(counted)) {
                return false;
            }
            client = counted;
        }
        return true;
    }

    void giveBack() {
        leaveClient();
        admission.leave();
    }

    private void leaveClient() {
        ByteBuffer counted = client;
        if (counted != null) {
            client = null;
            admission.leave(counted);
        }
    }
}
