package dev.ehlo.smtp.server;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Who finds out the names of clients. Asked only where a handler asks for one
 * ({@link SessionInfo#findClientName()}), on the handler's thread; called by many threads.
 */
@FunctionalInterface
public interface ClientNames {
    /**
     * The name that DNS has for the address, if the addresses that DNS has for that name contain it; anybody can claim a
     * name for his own address, and nobody can have another's name claim it. Doesn't block. What is no host name is
     * disregarded by the caller.
     *
     * @return fails with an {@link java.io.IOException} if it can't be told for now
     */
    CompletionStage<Optional<String>> confirmed(InetAddress client);

    /**
     * By the system's resolver, on a few threads beside the event loops. It gives one name for an address, does not tell
     * a failure from a client without a name, and has time limits of its own.
     */
    static ClientNames system() {
        return SystemNames.SHARED;
    }
}
