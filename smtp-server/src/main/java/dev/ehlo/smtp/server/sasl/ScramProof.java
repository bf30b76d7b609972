package dev.ehlo.smtp.server.sasl;

import dev.ehlo.smtp.codec.SaslLine;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.sasl.ScramHash;
import dev.ehlo.smtp.server.ScramKey;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * The client's final message: {@code c=binding,r=nonce,p=proof}. RFC 5802 §3, §5.1, §7.
 */
final class ScramProof {
    private final String withoutProof;
    private final byte[] proof;

    private ScramProof(String withoutProof, byte[] proof) {
        this.withoutProof = withoutProof;
        this.proof = proof;
    }

    /** What is in the text; empty if that is none. */
    static Optional<ScramProof> parse(String text) {
        int at = text.lastIndexOf(",p=");
        if (at < 0 || !text.startsWith("c=") || text.indexOf(",r=") < 0) {
            return Optional.empty();
        }
        byte[] base64 = Octets.utf8(text.substring(at + 3));
        return SaslLine.decode(ByteBuffer.wrap(base64), 0, base64.length)
                .map(proof -> new ScramProof(text.substring(0, at), proof));
    }

    /** What the proof is made over. */
    String withoutProof() {
        return withoutProof;
    }

    /** Whether it is about that binding and nonce; attributes that are not known may follow. */
    boolean isAbout(String binding, String nonce) {
        String wanted = "c=" + binding + ",r=" + nonce;
        return withoutProof.equals(wanted) || withoutProof.startsWith(wanted + ',');
    }

    /** Whether it is made by the password of that key. */
    boolean isOf(ScramKey key, ScramHash hash, byte[] authMessage) {
        byte[] clientKey = hash.hmac(key.storedKey(), authMessage);
        if (proof.length != clientKey.length) {
            return false;
        }
        for (int i = 0; i < proof.length; i++) {
            clientKey[i] ^= proof[i];
        }
        return MessageDigest.isEqual(hash.hash(clientKey), key.storedKey());
    }
}
