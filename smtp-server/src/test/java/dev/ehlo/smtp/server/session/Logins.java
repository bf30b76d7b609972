package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.server.Authenticator;
import dev.ehlo.smtp.server.ScramCredential;
import dev.ehlo.smtp.server.ScramKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whom the tests know: alice, whose password is secret, and broken, about whom nothing can be told. */
public final class Logins implements Authenticator {
    /** By PLAIN and LOGIN. */
    public static final Authenticator PASSWORDS = Logins::verdict;
    /** By every mechanism there is: alice's phone has a password of its own, and she a certificate and a token. */
    public static final Authenticator ALL = new Logins();

    public static final int ITERATIONS = 4096;

    private final Map<Mechanism, ScramCredential> alice = Map.of(
            Mechanism.SCRAM_SHA_256,
            alice(Mechanism.SCRAM_SHA_256),
            Mechanism.SCRAM_SHA_1,
            alice(Mechanism.SCRAM_SHA_1));

    private Logins() {}

    private static ScramCredential alice(Mechanism mechanism) {
        byte[] salt = "salt of alice 16".getBytes(StandardCharsets.US_ASCII);
        return new ScramCredential("alice", mechanism, salt, ITERATIONS, List.of())
                .with(ScramKey.OWN, "secret")
                .with("phone", "of the phone");
    }

    private static void check(String login) {
        if (login.equals("broken")) {
            throw new IllegalStateException("the secret of the house");
        }
    }

    private static Optional<String> verdict(String login, String password) {
        check(login);
        return login.equals("alice") && password.equals("secret") ? Optional.of("alice") : Optional.empty();
    }

    @Override
    public Optional<String> authenticate(String login, String password) {
        return verdict(login, password);
    }

    @Override
    public Set<Mechanism> mechanisms() {
        return EnumSet.allOf(Mechanism.class);
    }

    @Override
    public Optional<ScramCredential> scram(String login, Mechanism mechanism) {
        check(login);
        return login.equals("alice") ? Optional.ofNullable(alice.get(mechanism)) : Optional.empty();
    }

    @Override
    public int scramIterations() {
        return ITERATIONS;
    }

    @Override
    public Optional<String> token(String login, String token) throws IOException {
        if (token.equals("unreachable")) {
            throw new IOException("the issuer is gone");
        }
        return token.equals("of.alice") && (login.isEmpty() || login.equals("alice"))
                ? Optional.of("alice")
                : Optional.empty();
    }

    @Override
    public Optional<String> external(List<X509Certificate> chain, String authorizationId) throws IOException {
        check(authorizationId);
        try {
            boolean isAlice = chain.get(0).getSubjectAlternativeNames().contains(List.of(2, "alice"));
            return isAlice && (authorizationId.isEmpty() || authorizationId.equals("alice"))
                    ? Optional.of("alice")
                    : Optional.empty();
        } catch (CertificateParsingException e) {
            throw new IOException(e);
        }
    }

    @Override
    public Optional<String> secret(String login) {
        check(login);
        return login.equals("alice") ? Optional.of("secret") : Optional.empty();
    }
}
