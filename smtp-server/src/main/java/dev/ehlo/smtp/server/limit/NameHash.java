package dev.ehlo.smtp.server.limit;

import dev.ehlo.smtp.sasl.Hmac;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/** Names as keys of tables, by a secret of this process: nobody can find two with one key. Immutable. */
public final class NameHash {
    private static final int SECRET_OCTETS = 32;

    private final byte[] secret = new byte[SECRET_OCTETS];
    private final long quickSecret;

    /** By a secret of its own. */
    public NameHash() {
        SecureRandom random = new SecureRandom();
        random.nextBytes(secret);
        quickSecret = random.nextLong();
    }

    /** The key of that name. */
    public long of(String name) {
        byte[] octets = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.wrap(Hmac.of("HmacSHA256", secret, octets)).getLong();
    }

    /** Another key, made without an object: for names that no peer chooses at will, since it is no cryptographic hash. */
    public long quick(String name) {
        long hash = quickSecret;
        for (int i = 0; i < name.length(); i++) {
            hash = BoundedTable.mix(hash + name.charAt(i));
        }
        return hash;
    }
}
