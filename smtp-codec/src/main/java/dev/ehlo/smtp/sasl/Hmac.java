package dev.ehlo.smtp.sasl;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Keyed hashes that every JVM has. RFC 2104. */
public final class Hmac {
    private Hmac() {}

    /**
     * The hash of the text.
     *
     * @param key not empty
     */
    public static byte[] of(String algorithm, byte[] key, byte[] text) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no " + algorithm, e);
        }
    }
}
