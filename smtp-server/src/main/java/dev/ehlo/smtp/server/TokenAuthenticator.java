package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Mechanism;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Another authenticator, and a validator of tokens. */
final class TokenAuthenticator implements Authenticator {
    private final Authenticator other;
    private final TokenValidator validator;

    TokenAuthenticator(Authenticator other, TokenValidator validator) {
        this.other = other;
        this.validator = validator;
    }

    @Override
    public Optional<String> authenticate(String login, String password) throws IOException {
        return other.authenticate(login, password);
    }

    @Override
    public Set<Mechanism> mechanisms() {
        Set<Mechanism> all = EnumSet.of(Mechanism.OAUTHBEARER, Mechanism.XOAUTH2);
        all.addAll(other.mechanisms());
        return all;
    }

    @Override
    public String canonical(String login) {
        return other.canonical(login);
    }

    @Override
    public Optional<ScramCredential> scram(String login, Mechanism mechanism) throws IOException {
        return other.scram(login, mechanism);
    }

    @Override
    public int scramIterations() {
        return other.scramIterations();
    }

    @Override
    public Optional<String> token(String login, String token) throws IOException {
        return validator.validate(login, token);
    }

    @Override
    public Optional<String> external(List<X509Certificate> chain, String authorizationId) throws IOException {
        return other.external(chain, authorizationId);
    }

    @Override
    public Optional<String> secret(String login) throws IOException {
        return other.secret(login);
    }
}
