package dev.ehlo.smtp.server.sasl;

import dev.ehlo.smtp.codec.SaslPlain;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.sasl.SaslPrep;
import dev.ehlo.smtp.server.Authenticator;
import java.util.Optional;

/**
 * The password as it is: PLAIN (RFC 4616), and LOGIN, which no RFC describes.
 *
 * <pre>
 *     PLAIN ──────────────────────────────── message → asked
 *     USERNAME ─ message → PASSWORD ─ message → asked
 * </pre>
 */
final class PasswordExchange implements SaslExchange {
    private enum Awaiting {
        PLAIN,
        USERNAME,
        PASSWORD
    }

    private final Authenticator authenticator;
    private Awaiting awaiting;
    private String login = "";

    private PasswordExchange(Authenticator authenticator, Awaiting awaiting) {
        this.authenticator = authenticator;
        this.awaiting = awaiting;
    }

    static PasswordExchange plain(Authenticator authenticator) {
        return new PasswordExchange(authenticator, Awaiting.PLAIN);
    }

    static PasswordExchange login(Authenticator authenticator) {
        return new PasswordExchange(authenticator, Awaiting.USERNAME);
    }

    @Override
    public SaslStep begin() {
        return SaslStep.Challenge.of(
                switch (awaiting) {
                    case PLAIN -> new byte[0];
                    case USERNAME -> Octets.utf8("Username:");
                    case PASSWORD -> Octets.utf8("Password:");
                });
    }

    @Override
    public SaslStep take(byte[] message) {
        if (awaiting == Awaiting.PLAIN) {
            SaslPlain plain = SaslPlain.parse(message).orElse(null);
            if (plain == null) {
                return SaslStep.MALFORMED;
            }
            login = plain.login();
            // Nobody acts for another here. RFC 4616 §2.
            boolean oneself =
                    plain.authorizationId().isEmpty() || plain.authorizationId().equals(login);
            return oneself ? ask(plain.password()) : SaslStep.REFUSED;
        }
        String text = SaslText.of(message);
        if (text == null) {
            return SaslStep.MALFORMED;
        }
        if (awaiting == Awaiting.USERNAME) {
            login = text;
            awaiting = Awaiting.PASSWORD;
            return begin();
        }
        return ask(text);
    }

    private SaslStep ask(String password) {
        Optional<String> who = SaslText.login(login);
        Optional<String> secret = SaslPrep.prepare(password);
        if (who.isEmpty() || secret.isEmpty()) {
            return SaslStep.REFUSED;
        }
        return SaslStep.Ask.whoItIs(() -> authenticator.authenticate(who.get(), secret.get()), SaslStep.REFUSED);
    }

    @Override
    public String login() {
        return login;
    }
}
