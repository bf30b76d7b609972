package dev.ehlo.smtp.client.sasl;

import dev.ehlo.smtp.sasl.SaslPrep;
import dev.ehlo.smtp.sasl.ScramHash;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A prepared password, and what was last made of it: as a server tells the same salt each time, the work is done for the
 * first connection only. Thread-safe. RFC 5802 §5.1.
 */
public final class ScramPassword {
    private final String prepared;
    private volatile @Nullable Salted last;

    private static final class Salted {
        private final ScramHash hash;
        private final byte[] salt;
        private final int iterations;
        final byte[] key;

        Salted(ScramHash hash, byte[] salt, int iterations, byte[] key) {
            this.hash = hash;
            this.salt = salt;
            this.iterations = iterations;
            this.key = key;
        }

        boolean isFor(ScramHash otherHash, byte[] otherSalt, int otherIterations) {
            return hash == otherHash && iterations == otherIterations && Arrays.equals(salt, otherSalt);
        }
    }

    /** @param prepared by {@link SaslPrep} */
    public ScramPassword(String prepared) {
        this.prepared = prepared;
    }

    /** The salted password, if it is known already. */
    byte @Nullable [] known(ScramHash hash, byte[] salt, int iterations) {
        Salted known = last;
        return known != null && known.isFor(hash, salt, iterations) ? known.key : null;
    }

    /** Makes it. */
    byte[] salted(ScramHash hash, byte[] salt, int iterations) {
        byte[] key = hash.saltedPassword(prepared, salt, iterations);
        last = new Salted(hash, salt, iterations, key);
        return key;
    }

    /** Nothing of it. */
    @Override
    public String toString() {
        return "ScramPassword";
    }
}
