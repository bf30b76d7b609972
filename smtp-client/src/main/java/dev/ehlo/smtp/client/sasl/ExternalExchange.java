package dev.ehlo.smtp.client.sasl;

/** EXTERNAL: who one is, the server knows by the client's certificate. RFC 4422 appendix A. */
public final class ExternalExchange implements SaslExchange {
    @Override
    public SaslStep begin() {
        // No authorization identity: whom the certificate stands for.
        return new SaslStep.Say(new byte[0]);
    }

    @Override
    public SaslStep answer(byte[] challenge) {
        return new SaslStep.GiveUp("another challenge in EXTERNAL");
    }

    @Override
    public boolean isComplete() {
        return true;
    }
}
