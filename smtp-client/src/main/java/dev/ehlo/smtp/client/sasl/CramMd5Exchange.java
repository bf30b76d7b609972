package dev.ehlo.smtp.client.sasl;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.sasl.Hmac;
import java.util.HexFormat;

/** CRAM-MD5: the challenge, keyed by the password. RFC 2195 §2. */
public final class CramMd5Exchange implements SaslExchange {
    private final String user;
    private final String secret;
    private boolean said;

    public CramMd5Exchange(String user, String secret) {
        this.user = user;
        this.secret = secret;
    }

    @Override
    public SaslStep begin() {
        return new SaslStep.Listen();
    }

    @Override
    public SaslStep answer(byte[] challenge) {
        if (said) {
            return new SaslStep.GiveUp("another challenge in CRAM-MD5");
        }
        said = true;
        byte[] digest = Hmac.of("HmacMD5", Octets.utf8(secret), challenge);
        return new SaslStep.Say(Octets.utf8(user + ' ' + HexFormat.of().formatHex(digest)));
    }

    @Override
    public boolean isComplete() {
        return said;
    }
}
