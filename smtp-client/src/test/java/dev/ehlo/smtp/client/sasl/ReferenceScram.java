package dev.ehlo.smtp.client.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The server's side of SCRAM, written from RFC 5802 §3 line by line, slow and obvious; keeps the password as it is. */
public final class ReferenceScram {
    private final String hash;
    private final String user;
    private final String password;
    private final byte[] salt;
    private final int iterations;
    private final byte[] channel;

    private String clientFirstBare = "";
    private String serverFirst = "";
    private String gs2 = "";

    /** @param hash {@code SHA-1} or {@code SHA-256} */
    public ReferenceScram(
            String hash, String user, String password, byte[] salt, int iterations, byte[] channelBindingData) {
        this.hash = hash;
        this.user = user;
        this.password = password;
        this.salt = salt;
        this.iterations = iterations;
        this.channel = channelBindingData;
    }

    /** The first message, to the client's first. */
    public String first(String clientFirst, String nonce) {
        String[] parts = clientFirst.split(",", 3);
        gs2 = parts[0] + ',' + parts[1] + ',';
        clientFirstBare = parts[2];
        Map<String, String> client = attributes(clientFirstBare);
        String name = client.get("n").replace("=2C", ",").replace("=3D", "=");
        if (!name.equals(user)) {
            throw new AssertionError("another user: " + name);
        }
        serverFirst = "r=" + client.get("r") + nonce + ",s=" + base64(salt) + ",i=" + iterations;
        return serverFirst;
    }

    /** Of the client's first message. */
    public String gs2Header() {
        return gs2;
    }

    /** The last message, to the client's last; {@code e=} if the client does not know the password. */
    public String last(String clientFinal) {
        Map<String, String> client = attributes(clientFinal);
        byte[] header = gs2.getBytes(UTF_8);
        byte[] bound = gs2.startsWith("p=") ? channel : new byte[0];
        byte[] input = Arrays.copyOf(header, header.length + bound.length);
        System.arraycopy(bound, 0, input, header.length, bound.length);
        if (!client.get("c").equals(base64(input))) {
            return "e=channel-bindings-dont-match";
        }
        if (!client.get("r").equals(attributes(serverFirst).get("r"))) {
            return "e=other-error";
        }
        String withoutProof = clientFinal.substring(0, clientFinal.lastIndexOf(",p="));
        byte[] message = (clientFirstBare + ',' + serverFirst + ',' + withoutProof).getBytes(UTF_8);
        byte[] salted = hi(password.getBytes(UTF_8));
        byte[] storedKey = digest(hmac(salted, "Client Key".getBytes(UTF_8)));
        byte[] clientKey = xor(hmac(storedKey, message), Base64.getDecoder().decode(client.get("p")));
        if (!Arrays.equals(digest(clientKey), storedKey)) {
            return "e=invalid-proof";
        }
        return "v=" + base64(hmac(hmac(salted, "Server Key".getBytes(UTF_8)), message));
    }

    /** RFC 5802 §2.2. */
    private byte[] hi(byte[] text) {
        byte[] block = Arrays.copyOf(salt, salt.length + 4);
        block[block.length - 1] = 1;
        byte[] u = hmac(text, block);
        byte[] sum = u;
        for (int i = 1; i < iterations; i++) {
            u = hmac(text, u);
            sum = xor(sum, u);
        }
        return sum;
    }

    private byte[] hmac(byte[] key, byte[] text) {
        try {
            String name = "Hmac" + hash.replace("-", "");
            Mac mac = Mac.getInstance(name);
            mac.init(new SecretKeySpec(key, name));
            return mac.doFinal(text);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] digest(byte[] text) {
        try {
            return MessageDigest.getInstance(hash).digest(text);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] xor(byte[] one, byte[] other) {
        byte[] result = new byte[one.length];
        for (int i = 0; i < one.length; i++) {
            result[i] = (byte) (one[i] ^ other[i]);
        }
        return result;
    }

    private static Map<String, String> attributes(String message) {
        Map<String, String> attributes = new HashMap<>();
        for (String each : message.split(",", -1)) {
            attributes.put(each.substring(0, 1), each.substring(2));
        }
        return attributes;
    }

    private static String base64(byte[] octets) {
        return Base64.getEncoder().encodeToString(octets);
    }
}
