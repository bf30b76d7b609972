package dev.ehlo.smtp.server.sasl;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.sasl.Hmac;
import dev.ehlo.smtp.server.Authenticator;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/** CRAM-MD5: the server's challenge, keyed by the password, for clients that know nothing newer. RFC 2195 §2. */
final class CramMd5Exchange implements SaslExchange {
    /** Hexadecimal digits of the hash. */
    private static final int DIGITS = 32;

    private final Authenticator authenticator;
    private final byte[] challenge;
    private String login = "";

    /** @param nonce never used before, and a word of a Message-ID */
    CramMd5Exchange(Authenticator authenticator, String nonce, String hostname) {
        this.authenticator = authenticator;
        this.challenge = Octets.utf8('<' + nonce + '@' + hostname + '>');
    }

    @Override
    public boolean isServerFirst() {
        return true;
    }

    @Override
    public SaslStep begin() {
        return SaslStep.Challenge.of(challenge);
    }

    @Override
    public SaslStep take(byte[] message) {
        String text = SaslText.of(message);
        int blank = text == null ? -1 : text.lastIndexOf(' ');
        if (text == null || blank < 1 || text.length() - blank - 1 != DIGITS) {
            return SaslStep.MALFORMED;
        }
        login = text.substring(0, blank);
        byte[] digits = Octets.utf8(text.substring(blank + 1));
        Optional<String> who = SaslText.login(login);
        if (who.isEmpty()) {
            return SaslStep.REFUSED;
        }
        return SaslStep.Ask.whoItIs(
                () -> {
                    Optional<String> secret = authenticator.secret(who.get());
                    // Without a login the work is the same.
                    boolean right = MessageDigest.isEqual(digits, digest(secret.orElse("nobody")));
                    return secret.filter(any -> right).map(any -> authenticator.canonical(who.get()));
                },
                SaslStep.REFUSED);
    }

    private byte[] digest(String secret) {
        byte[] keyed = Hmac.of("HmacMD5", Octets.utf8(secret), challenge);
        return HexFormat.of().formatHex(keyed).getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String login() {
        return login;
    }
}
