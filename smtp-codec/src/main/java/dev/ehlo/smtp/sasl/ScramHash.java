package dev.ehlo.smtp.sasl;

import dev.ehlo.smtp.Mechanism;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** The hash of a SCRAM mechanism, and what is made of it. RFC 5802 §2.2, §4, RFC 7677 §3. */
public enum ScramHash {
    /** Of SCRAM-SHA-1. */
    SHA_1("SHA-1", "HmacSHA1", "PBKDF2WithHmacSHA1", 160),
    /** Of SCRAM-SHA-256. */
    SHA_256("SHA-256", "HmacSHA256", "PBKDF2WithHmacSHA256", 256);

    private final String digest;
    private final String hmac;
    private final String pbkdf2;
    private final int bits;

    ScramHash(String digest, String hmac, String pbkdf2, int bits) {
        this.digest = digest;
        this.hmac = hmac;
        this.pbkdf2 = pbkdf2;
        this.bits = bits;
    }

    /** That of the mechanism; null of one that is none of SCRAM. */
    public static @Nullable ScramHash of(Mechanism mechanism) {
        return switch (mechanism) {
            case SCRAM_SHA_256_PLUS, SCRAM_SHA_256 -> SHA_256;
            case SCRAM_SHA_1_PLUS, SCRAM_SHA_1 -> SHA_1;
            default -> null;
        };
    }

    /** How many it has. */
    public int octets() {
        return bits / 8;
    }

    /** Keyed. */
    public byte[] hmac(byte[] key, byte[] text) {
        return Hmac.of(hmac, key, text);
    }

    /** Not keyed. */
    public byte[] hash(byte[] octets) {
        try {
            return MessageDigest.getInstance(digest).digest(octets);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no " + digest, e);
        }
    }

    /** What takes milliseconds to seconds, as it is meant to. */
    public byte[] saltedPassword(String password, byte[] salt, int iterations) {
        char[] characters = password.toCharArray();
        PBEKeySpec spec = new PBEKeySpec(characters, salt, iterations, bits);
        try {
            return SecretKeyFactory.getInstance(pbkdf2).generateSecret(spec).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no " + pbkdf2, e);
        } finally {
            spec.clearPassword();
            Arrays.fill(characters, '\0');
        }
    }
}
