package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.mta.token.TokenCheck;
import dev.ehlo.smtp.server.TokenValidator;
import java.io.IOException;
import java.util.Optional;

/** Lets in who is a user here and has a token that says so; a login that is told beside it has to be the same. */
record UserTokens(Users users, TokenCheck check) implements TokenValidator {
    @Override
    public Optional<String> validate(String login, String token) throws IOException {
        Optional<String> claimed = check.login(token).map(users::canonical);
        if (claimed.isEmpty() || !users.names().contains(claimed.get())) {
            return Optional.empty();
        }
        boolean oneself = login.isEmpty() || users.canonical(login).equals(claimed.get());
        return oneself ? claimed : Optional.empty();
    }
}
