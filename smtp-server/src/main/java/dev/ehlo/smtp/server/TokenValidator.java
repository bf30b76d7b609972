package dev.ehlo.smtp.server;

import java.io.IOException;
import java.util.Optional;

/**
 * Knows whose an access token is: by looking into it, as with a JWT (RFC 7519), or by asking whoever issued it (RFC
 * 7662). What an {@link Authenticator} is given {@linkplain Authenticator#withTokens by}.
 */
@FunctionalInterface
public interface TokenValidator {
    /**
     * The canonical name of the login whose token it is; empty for a token that is expired, revoked, another audience's
     * or nobody's, and for one of somebody else than {@code login}. May block: it is called off the event loops, from
     * several threads. What it throws is logged and answered as {@code 454 4.7.0}, so that the client tries again.
     *
     * @param login as the client gave it; empty if it left that to the token (RFC 7628 §3.1)
     * @param token printable ASCII without blanks, not empty (RFC 6750 §2.1); a secret
     * @throws IOException if it can't be told for now, as whoever would have to be asked can't be
     */
    Optional<String> validate(String login, String token) throws IOException;
}
