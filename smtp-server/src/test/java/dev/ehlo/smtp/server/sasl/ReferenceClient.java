package dev.ehlo.smtp.server.sasl;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** The client's side of SCRAM as RFC 5802 §3 writes it down, on nothing but the JVM: a second opinion. */
public final class ReferenceClient {
    private final String digest;
    private final int bits;
    private final String password;
    private final String header;
    private final byte[] binding;
    private final String bare;
    private String authMessage = "";
    private byte[] salted = {};

    /**
     * @param digest {@code SHA-256} or {@code SHA-1}
     * @param login as it stands behind {@code n=}
     * @param header the gs2-header
     */
    public ReferenceClient(String digest, String login, String password, String nonce, String header, byte[] binding) {
        this.digest = digest;
        this.bits = digest.equals("SHA-1") ? 160 : 256;
        this.password = password;
        this.header = header;
        this.binding = binding;
        this.bare = "n=" + login + ",r=" + nonce;
    }

    public String first() {
        return header + bare;
    }

    /** The final message, to what the server said first. */
    public String last(String serverFirst) {
        String[] parts = serverFirst.split(",");
        byte[] input = Arrays.copyOf(header.getBytes(StandardCharsets.UTF_8), header.length() + binding.length);
        System.arraycopy(binding, 0, input, header.length(), binding.length);
        String withoutProof = "c=" + Base64.getEncoder().encodeToString(input) + ',' + parts[0];
        authMessage = bare + ',' + serverFirst + ',' + withoutProof;
        return withoutProof + ",p=" + Base64.getEncoder().encodeToString(proof(parts));
    }

    private byte[] proof(String[] parts) {
        try {
            salted = SecretKeyFactory.getInstance("PBKDF2WithHmac" + digest.replace("-", ""))
                    .generateSecret(new PBEKeySpec(
                            password.toCharArray(),
                            Base64.getDecoder().decode(parts[1].substring(2)),
                            Integer.parseInt(parts[2].substring(2)),
                            bits))
                    .getEncoded();
            byte[] clientKey = hmac(salted, "Client Key");
            byte[] signature = hmac(MessageDigest.getInstance(digest).digest(clientKey), authMessage);
            for (int i = 0; i < signature.length; i++) {
                signature[i] ^= clientKey[i];
            }
            return signature;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /** What a server says that knows the password. */
    public String signature() {
        return "v=" + Base64.getEncoder().encodeToString(hmac(hmac(salted, "Server Key"), authMessage));
    }

    private byte[] hmac(byte[] key, String text) {
        try {
            String name = "Hmac" + digest.replace("-", "");
            Mac mac = Mac.getInstance(name);
            mac.init(new SecretKeySpec(key, name));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
