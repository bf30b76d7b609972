package dev.ehlo.smtp.mta.token;

import java.io.IOException;
import java.util.Optional;

/** Tells of access tokens whose they are. Called by many threads, which it may block. */
public interface TokenCheck {
    /**
     * The login that the token is for, as its issuer writes it; empty if the token is not good.
     *
     * @throws IOException if that can't be told, for want of keys or of an answer
     */
    Optional<String> login(String token) throws IOException;
}
