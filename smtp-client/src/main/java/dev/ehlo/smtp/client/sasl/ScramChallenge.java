package dev.ehlo.smtp.client.sasl;

import dev.ehlo.smtp.codec.SaslLine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The server's first message: {@code r=nonce,s=salt,i=iterations}. RFC 5802 §5.1, §7.
 */
final class ScramChallenge {
    /** RFC 5802 §5.1; less is a server that wants to guess passwords, or an old one that is guessed from. */
    static final int MIN_ITERATIONS = 4096;

    /** Two or three seconds of one processor: a server that asks for more is after them. */
    static final int MAX_ITERATIONS = 2_000_000;

    /** As it came, for the proof is made over it. */
    final String text;
    /** The client's, and the server's behind it. */
    final String nonce;
    /** Not empty. */
    final byte[] salt;

    final int iterations;

    private ScramChallenge(String text, String nonce, byte[] salt, int iterations) {
        this.text = text;
        this.nonce = nonce;
        this.salt = salt;
        this.iterations = iterations;
    }

    /** Or why it can't be taken. */
    static final class Unacceptable extends Exception {
        private static final long serialVersionUID = 1;

        Unacceptable(String why) {
            super(why, null, false, false);
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }

    static ScramChallenge parse(byte[] octets, String clientNonce) throws Unacceptable {
        String text = new String(octets, StandardCharsets.UTF_8);
        String[] parts = text.split(",", -1);
        if (parts[0].startsWith("m=")) {
            throw new Unacceptable("its challenge has an extension that is not known");
        }
        if (parts.length < 3
                || !parts[0].startsWith("r=")
                || !parts[1].startsWith("s=")
                || !parts[2].startsWith("i=")) {
            throw new Unacceptable("its challenge is none of SCRAM");
        }
        String nonce = parts[0].substring(2);
        if (!nonce.startsWith(clientNonce)
                || nonce.length() == clientNonce.length()
                || nonce.chars().anyMatch(c -> c <= ' ' || c >= 127)) {
            throw new Unacceptable("its nonce does not go on from that of this side");
        }
        byte[] salt = base64(parts[1].substring(2)).orElse(new byte[0]);
        if (salt.length == 0) {
            throw new Unacceptable("its challenge has no salt");
        }
        return new ScramChallenge(text, nonce, salt, iterations(parts[2].substring(2)));
    }

    private static int iterations(String digits) throws Unacceptable {
        if (!digits.matches("[1-9][0-9]{0,9}")) {
            throw new Unacceptable("its challenge has no number of iterations");
        }
        long iterations = Long.parseLong(digits);
        if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
            throw new Unacceptable("it wants " + iterations + " iterations, and " + MIN_ITERATIONS + " to "
                    + MAX_ITERATIONS + " are taken");
        }
        return (int) iterations;
    }

    static Optional<byte[]> base64(String text) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        return SaslLine.decode(ByteBuffer.wrap(octets), 0, octets.length);
    }
}
