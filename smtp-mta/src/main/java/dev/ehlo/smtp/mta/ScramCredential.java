package dev.ehlo.smtp.mta;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What is kept of a password: enough to check it, by PLAIN or by SCRAM-SHA-256, and not enough to log in with. RFC 5802
 * §3, RFC 7677 §3.
 */
final class ScramCredential {
    /** RFC 7677 §4 asks for 4096 at least; a client pays it once for each login. */
    static final int ITERATIONS = 65_536;

    private static final int SALT_OCTETS = 16;
    private static final int KEY_BITS = 256;
    private static final String SCHEME = "{SCRAM-SHA-256}";

    private final int iterations;
    private final byte[] salt;
    /** {@code H(ClientKey)}. */
    private final byte[] storedKey;
    /** By which the server proves itself to the client. */
    private final byte[] serverKey;

    private ScramCredential(int iterations, byte[] salt, byte[] storedKey, byte[] serverKey) {
        this.iterations = iterations;
        this.salt = salt;
        this.storedKey = storedKey;
        this.serverKey = serverKey;
    }

    /** A credential for the password, with a salt of its own. */
    static ScramCredential of(String password, SecureRandom random) {
        byte[] salt = new byte[SALT_OCTETS];
        random.nextBytes(salt);
        return derive(password, salt, ITERATIONS);
    }

    /** What no password matches; to find that out takes as long as for any other. */
    static ScramCredential unmatchable(SecureRandom random) {
        byte[] salt = new byte[SALT_OCTETS];
        byte[] key = new byte[KEY_BITS / 8];
        random.nextBytes(salt);
        random.nextBytes(key);
        return new ScramCredential(ITERATIONS, salt, key, key);
    }

    /** Whether the password is the one. Takes as long for a wrong password as for the right one. */
    boolean matches(String password) {
        return MessageDigest.isEqual(storedKey, derive(password, salt, iterations).storedKey);
    }

    /** In one word: {@code {SCRAM-SHA-256}65536,salt,stored,server}. */
    @Override
    public String toString() {
        Base64.Encoder base64 = Base64.getEncoder();
        return SCHEME
                + iterations
                + ','
                + base64.encodeToString(salt)
                + ','
                + base64.encodeToString(storedKey)
                + ','
                + base64.encodeToString(serverKey);
    }

    /** @throws IllegalArgumentException if the word is none of {@link #toString()} */
    static ScramCredential parse(String word) {
        String[] parts =
                word.startsWith(SCHEME) ? word.substring(SCHEME.length()).split(",") : new String[0];
        if (parts.length != 4) {
            throw new IllegalArgumentException("not a SCRAM-SHA-256 credential");
        }
        Base64.Decoder base64 = Base64.getDecoder();
        return new ScramCredential(
                Integer.parseInt(parts[0]), base64.decode(parts[1]), base64.decode(parts[2]), base64.decode(parts[3]));
    }

    private static ScramCredential derive(String password, byte[] salt, int iterations) {
        try {
            String prepared = Normalizer.normalize(password, Normalizer.Form.NFKC);
            PBEKeySpec spec = new PBEKeySpec(prepared.toCharArray(), salt, iterations, KEY_BITS);
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
            byte[] clientKey = hmac(salted, "Client Key");
            byte[] storedKey = MessageDigest.getInstance("SHA-256").digest(clientKey);
            return new ScramCredential(iterations, salt, storedKey, hmac(salted, "Server Key"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has these algorithms", e);
        }
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.US_ASCII));
    }
}
