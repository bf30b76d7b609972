package dev.ehlo.smtp.client;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.tls.ClientKey;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Who a client is to its smarthost, and by which mechanisms it says so: of those that the host offers, the first in the
 * order of {@link Mechanism}. Immutable, and equal by value; never shows a secret.
 *
 * <p>What a mechanism has been refused by is not said by another, weaker one: a server that offers both knows the
 * password by both, and the weaker one tells it to whoever has taken the server's place. Only a server that says 504 to
 * a mechanism, and so does not have it after all, is asked for the next one (RFC 4954 §4).
 *
 * <pre>{@code
 * Smarthost.submissions("smtp.example.org").login(Credentials.token("user@example.org", refused -> oauth.token(refused)))
 * Smarthost.submission("mail.example.org").login(
 *         Credentials.password("user", "secret").only(Mechanism.SCRAM_SHA_256_PLUS, Mechanism.SCRAM_SHA_256))
 * }</pre>
 */
public final class Credentials {
    private final Identity identity;
    private final Set<Mechanism> mechanisms;

    private Credentials(Identity identity, Set<Mechanism> mechanisms) {
        this.identity = identity;
        this.mechanisms = Collections.unmodifiableSet(mechanisms);
    }

    private static Credentials of(Identity identity) {
        return new Credentials(identity, identity.mechanisms());
    }

    /**
     * A login with a password, by SCRAM, CRAM-MD5, PLAIN or LOGIN. Where either can't be prepared for SCRAM (RFC 4013:
     * control characters, characters that nobody assigned, directions mixed), SCRAM is left out.
     *
     * @throws IllegalArgumentException if either is empty, holds CR, LF or NUL or half a surrogate pair, or is longer
     *     than AUTH can carry
     */
    public static Credentials password(String user, String secret) {
        return of(new Identity.Password(user, secret));
    }

    /**
     * A login with access tokens of OAuth 2, by OAUTHBEARER or XOAUTH2. The supplier is asked at each login, and once
     * more where the server refuses its token.
     *
     * @throws IllegalArgumentException if the login is empty, holds CR, LF, NUL, octet 1 or half a surrogate pair, or is
     *     longer than 1,024 octets
     */
    public static Credentials token(String user, TokenSupplier tokens) {
        return of(new Identity.Token(user, tokens));
    }

    /**
     * The one token that there is.
     *
     * @throws IllegalArgumentException as {@link #token(String, TokenSupplier)}
     */
    public static Credentials token(String user, String token) {
        return token(user, new OneToken(token));
    }

    /** The certificate that is shown in the TLS handshake, by EXTERNAL. */
    public static Credentials certificate(ClientKey key) {
        return of(new Identity.Certificate(key));
    }

    /**
     * The same by these mechanisms alone.
     *
     * @throws IllegalArgumentException if there is none, or one that such credentials can't be said by
     */
    public Credentials only(Mechanism... allowed) {
        Set<Mechanism> these = EnumSet.noneOf(Mechanism.class);
        these.addAll(Arrays.asList(allowed));
        if (these.isEmpty() || !identity.mechanisms().containsAll(these)) {
            throw new IllegalArgumentException("not mechanisms of these credentials: " + these);
        }
        return new Credentials(identity, these);
    }

    /** By which they are said, the best first; unmodifiable. */
    public Set<Mechanism> mechanisms() {
        return mechanisms;
    }

    Identity identity() {
        return identity;
    }

    /** What the client shows in the handshake. */
    Optional<ClientKey> key() {
        return identity instanceof Identity.Certificate certificate ? Optional.of(certificate.key()) : Optional.empty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Credentials that
                && identity.equals(that.identity)
                && mechanisms.equals(that.mechanisms);
    }

    @Override
    public int hashCode() {
        return identity.hashCode();
    }

    /** Whose they are, without the secret. */
    @Override
    public String toString() {
        return "Credentials[" + identity + ']';
    }

    /** By value, and without showing it. */
    private record OneToken(String value) implements TokenSupplier {
        @Override
        public CompletableFuture<String> token(Optional<String> refused) {
            return refused.isEmpty()
                    ? CompletableFuture.completedFuture(value)
                    : CompletableFuture.failedFuture(new IllegalStateException("there is no other token"));
        }

        @Override
        public String toString() {
            return "OneToken";
        }
    }
}
