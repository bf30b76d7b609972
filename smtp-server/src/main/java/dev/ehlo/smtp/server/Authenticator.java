package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.grammar.Octets;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Knows who may log in. What it does not override belongs to mechanisms that it does not {@linkplain #mechanisms name}.
 *
 * <p>All but {@link #mechanisms}, {@link #canonical} and {@link #scramIterations} may block, and are called off the event
 * loops, from several threads. What they throw is logged and answered as {@code 454 4.7.0}: it is for what can't be told
 * for now, where empty is for who is not let in.
 */
@FunctionalInterface
public interface Authenticator {
    /**
     * The canonical name of that login if the password is its own, else empty: of PLAIN and LOGIN. Is expected to hash;
     * to take as long for an unknown login as for a known one is its own matter.
     *
     * @param login prepared by SASLprep (RFC 4013), neither empty nor with NUL
     * @param password prepared too, not empty
     */
    Optional<String> authenticate(String login, String password) throws IOException;

    /**
     * What it can check, asked once when the server starts: PLAIN and LOGIN, unless said. SCRAM stands for its form with
     * channel binding too, which is offered where TLS has a binding; a form with binding that is named without the
     * other is the only one offered. EXTERNAL is offered to who has shown a certificate. CRAM-MD5 is for those that can't
     * be given anything better.
     */
    default Set<Mechanism> mechanisms() {
        return Set.of(Mechanism.PLAIN, Mechanism.LOGIN);
    }

    /**
     * The one form of all ways to write that login, whether there is such a login or not; in lower case, unless said.
     * Failed logins are counted by it, and logins that do not exist are told by it the same salt each time. Looks
     * nothing up.
     */
    default String canonical(String login) {
        return Octets.lowerAscii(login);
    }

    /**
     * What is kept of the passwords of that login, by which the client's proof is checked; empty if there is no such
     * login. The dialogue is the same then, and ends with a refusal. RFC 5802 §3.
     *
     * @param mechanism SCRAM-SHA-256 or SCRAM-SHA-1, whose hash it has to be of
     */
    default Optional<ScramCredential> scram(String login, Mechanism mechanism) throws IOException {
        return Optional.empty();
    }

    /**
     * The iterations told to logins that do not exist, which have to be those of all others lest they be told apart:
     * {@link ScramCredential#ITERATIONS}, unless said.
     */
    default int scramIterations() {
        return ScramCredential.ITERATIONS;
    }

    /**
     * The canonical name of the login whose access token it is, else empty: of OAUTHBEARER and XOAUTH2. As {@link
     * TokenValidator#validate} has it.
     */
    default Optional<String> token(String login, String token) throws IOException {
        return Optional.empty();
    }

    /**
     * The canonical name of the login whose certificate it is, else empty: of EXTERNAL. RFC 4422 appendix A.
     *
     * @param chain what the client has shown in the TLS handshake and the server's trust vouches for, its own first;
     *     not empty
     * @param authorizationId as whom the client wants to act; empty for whom the certificate names
     */
    default Optional<String> external(List<X509Certificate> chain, String authorizationId) throws IOException {
        return Optional.empty();
    }

    /** The password of that login as it is, which CRAM-MD5 needs; empty if there is no such login. RFC 2195. */
    default Optional<String> secret(String login) throws IOException {
        return Optional.empty();
    }

    /** This one, that lets in by access tokens too: OAUTHBEARER and XOAUTH2. */
    default Authenticator withTokens(TokenValidator validator) {
        return new TokenAuthenticator(this, validator);
    }
}
