package dev.ehlo.smtp.client;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Where access tokens come from. Called by several threads, in which it may block. RFC 7628. */
@FunctionalInterface
public interface TokenSupplier {
    /**
     * A token for the next login. A server that refuses it is given another one, once, on the same connection. What
     * fails here, or comes later than the time limit for a command, leaves the mail unsent for now.
     *
     * @param refused the token that the server has just refused: who keeps tokens drops this one, unless it has been
     *     dropped for another connection; empty the first time
     * @return printable ASCII without blanks
     */
    CompletionStage<String> token(Optional<String> refused);
}
