package dev.ehlo.smtp.server.sasl;

import dev.ehlo.smtp.server.Authenticator;
import java.security.cert.X509Certificate;
import java.util.List;

/** EXTERNAL: the certificate that the client has shown, and as whom it wants to act. RFC 4422 appendix A. */
final class ExternalExchange implements SaslExchange {
    private final Authenticator authenticator;
    private final List<X509Certificate> chain;
    private String login;

    /** @param chain not empty */
    ExternalExchange(Authenticator authenticator, List<X509Certificate> chain) {
        this.authenticator = authenticator;
        this.chain = chain;
        this.login = chain.get(0).getSubjectX500Principal().getName();
    }

    @Override
    public SaslStep begin() {
        return SaslStep.Challenge.of(new byte[0]);
    }

    @Override
    public SaslStep take(byte[] message) {
        String authorizationId = SaslText.of(message);
        if (authorizationId == null) {
            return SaslStep.MALFORMED;
        }
        if (!authorizationId.isEmpty()) {
            login = authorizationId;
            if (SaslText.login(authorizationId).isEmpty()) {
                return SaslStep.REFUSED;
            }
        }
        return SaslStep.Ask.whoItIs(() -> authenticator.external(chain, authorizationId), SaslStep.REFUSED);
    }

    @Override
    public String login() {
        return login;
    }
}
