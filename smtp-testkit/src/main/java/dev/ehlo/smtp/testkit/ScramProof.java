package dev.ehlo.smtp.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The server's part of SCRAM, without channel binding. RFC 5802 §3, §5, RFC 7677 §3. */
final class ScramProof {
    private static final byte[] SALT = "a salt for tests".getBytes(StandardCharsets.US_ASCII);
    private static final int ITERATIONS = 4096;

    private final String digest;
    private final String hmac;
    private final byte[] salted;

    /** @param hash {@code SHA-1} or {@code SHA-256} */
    private ScramProof(String hash, String password) throws GeneralSecurityException {
        digest = hash;
        hmac = "Hmac" + hash.replace("-", "");
        int bits = hash.equals("SHA-1") ? 160 : 256;
        salted = SecretKeyFactory.getInstance("PBKDF2With" + hmac)
                .generateSecret(new PBEKeySpec(password.toCharArray(), SALT, ITERATIONS, bits))
                .getEncoded();
    }

    /** Whether the client proves that it knows the password of that login; the server's proof is sent to it then. */
    static boolean isGiven(String hash, String clientFirst, SaslCredentials.Asker client, String login, String password)
            throws IOException {
        try {
            return new ScramProof(hash, password).converse(clientFirst, client, login);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no " + hash, e);
        }
    }

    private boolean converse(String clientFirst, SaslCredentials.Asker client, String login)
            throws IOException, GeneralSecurityException {
        String[] parts = clientFirst.split(",", 3);
        if (parts.length < 3 || parts[0].startsWith("p=")) {
            return false;
        }
        String name = attributes(parts[2]).getOrDefault("n", "");
        String nonce = attributes(parts[2]).getOrDefault("r", "") + UUID.randomUUID();
        String serverFirst = "r=" + nonce + ",s=" + base64(SALT) + ",i=" + ITERATIONS;
        String clientFinal = SaslCredentials.askFor(client, serverFirst);
        Map<String, String> claimed = attributes(clientFinal);
        String header = parts[0] + ',' + parts[1] + ',';
        int proofAt = clientFinal.lastIndexOf(",p=");
        boolean isAbout = name.equals(login.replace("=", "=3D").replace(",", "=2C"))
                && base64(header.getBytes(StandardCharsets.UTF_8)).equals(claimed.get("c"))
                && nonce.equals(claimed.get("r"))
                && proofAt > 0;
        if (!isAbout) {
            return false;
        }
        byte[] message = (parts[2] + ',' + serverFirst + ',' + clientFinal.substring(0, proofAt))
                .getBytes(StandardCharsets.UTF_8);
        byte[] clientKey = hmac(salted, "Client Key");
        byte[] proof = hmac(MessageDigest.getInstance(digest).digest(clientKey), message);
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= clientKey[i];
        }
        if (!base64(proof).equals(claimed.get("p"))) {
            return false;
        }
        String signature = base64(hmac(hmac(salted, "Server Key"), message));
        return SaslCredentials.askFor(client, "v=" + signature).isEmpty();
    }

    private byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        return hmac(key, text.getBytes(StandardCharsets.US_ASCII));
    }

    private byte[] hmac(byte[] key, byte[] text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(hmac);
        mac.init(new SecretKeySpec(key, hmac));
        return mac.doFinal(text);
    }

    private static Map<String, String> attributes(String message) {
        Map<String, String> attributes = new HashMap<>();
        Arrays.stream(message.split(",", -1))
                .filter(each -> each.indexOf('=') == 1)
                .forEach(each -> attributes.put(each.substring(0, 1), each.substring(2)));
        return attributes;
    }

    private static String base64(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }
}
