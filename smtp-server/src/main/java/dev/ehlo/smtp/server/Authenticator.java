package dev.ehlo.smtp.server;

import java.util.Optional;

/** Knows who may log in. */
@FunctionalInterface
public interface Authenticator {
    /**
     * The canonical name of that login if the password is its own, else empty. May block, and is expected to hash: it
     * is called off the event loops, from several threads. To take as long for an unknown login as for a known one is
     * its own matter. What it throws is logged and answered as {@code 454 4.7.0}.
     *
     * @param login as the client gave it, neither empty nor with NUL
     * @param password not empty
     */
    Optional<String> authenticate(String login, String password);
}
