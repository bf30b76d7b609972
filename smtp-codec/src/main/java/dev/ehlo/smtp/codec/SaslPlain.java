package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.Octets;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The one message of SASL PLAIN. RFC 4616 §2.
 *
 * @param authorizationId whom to act as; empty for whom one logs in as
 * @param login whose password it is
 * @param password not empty
 */
public record SaslPlain(String authorizationId, String login, String password) {
    /**
     * Checks the parts.
     *
     * @throws IllegalArgumentException if one holds NUL or half a surrogate pair, or login or password is empty; none
     *     is told in the message
     */
    public SaslPlain {
        String all = authorizationId + '.' + login + '.' + password;
        if (all.indexOf(0) >= 0 || !Octets.isWellFormed(all) || login.isEmpty() || password.isEmpty()) {
            throw new IllegalArgumentException("not credentials for PLAIN");
        }
    }

    /** The message in these octets, if they are one. */
    public static Optional<SaslPlain> parse(byte[] octets) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
        String[] parts = text.split("\0", -1);
        return parts.length == 3 && !parts[1].isEmpty() && !parts[2].isEmpty()
                ? Optional.of(new SaslPlain(parts[0], parts[1], parts[2]))
                : Optional.empty();
    }

    /** The octets of the message. */
    public byte[] encode() {
        return Octets.utf8(authorizationId + '\0' + login + '\0' + password);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "SaslPlain[login=" + Octets.printable(login) + ']';
    }
}
