package dev.ehlo.smtp.client.sasl;

import dev.ehlo.smtp.codec.SaslPlain;

/** PLAIN: login and password in one message. RFC 4616 §2. */
public final class PlainExchange implements SaslExchange {
    private final SaslPlain message;

    /** @throws IllegalArgumentException if these are no credentials for PLAIN */
    public PlainExchange(String user, String secret) {
        this.message = new SaslPlain("", user, secret);
    }

    @Override
    public SaslStep begin() {
        return new SaslStep.Say(message.encode());
    }

    @Override
    public SaslStep answer(byte[] challenge) {
        return new SaslStep.GiveUp("another challenge in PLAIN");
    }

    @Override
    public boolean isComplete() {
        return true;
    }
}
