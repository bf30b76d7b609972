package dev.ehlo.smtp.server.limit;

import dev.ehlo.smtp.sasl.Hmac;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/** Names as keys of tables, by a secret of this process: nobody can find two with one key. Immutable. */
final class NameHash {
    private static final int SECRET_OCTETS = 32;

    private final byte[] secret = new byte[SECRET_OCTETS];

    NameHash() {
        new SecureRandom().nextBytes(secret);
    }

    long of(String name) {
        byte[] octets = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.wrap(Hmac.of("HmacSHA256", secret, octets)).getLong();
    }
}
