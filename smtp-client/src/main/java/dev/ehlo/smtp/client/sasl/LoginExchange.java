package dev.ehlo.smtp.client.sasl;

import dev.ehlo.smtp.grammar.Octets;

/** LOGIN, which no RFC defines: two challenges, answered by login and password whatever they say. */
public final class LoginExchange implements SaslExchange {
    private final String user;
    private final String secret;
    private int said;

    public LoginExchange(String user, String secret) {
        this.user = user;
        this.secret = secret;
    }

    @Override
    public SaslStep begin() {
        return new SaslStep.Listen();
    }

    @Override
    public SaslStep answer(byte[] challenge) {
        return switch (said++) {
            case 0 -> new SaslStep.Say(Octets.utf8(user));
            case 1 -> new SaslStep.Say(Octets.utf8(secret));
            default -> new SaslStep.GiveUp("a third challenge in LOGIN");
        };
    }

    @Override
    public boolean isComplete() {
        return said == 2;
    }
}
