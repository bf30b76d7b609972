package dev.ehlo.smtp.server.sasl;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.sasl.SaslPrep;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What clients say in words. */
final class SaslText {
    /** Octets of a login, before and after it is prepared; RFC 4616 §2 asks for 255 at least. */
    static final int MAX_LOGIN = 1024;

    private SaslText() {}

    /** The octets as UTF-8 without NUL; null if they are not. */
    static @Nullable String of(byte[] octets) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
            return text.indexOf(0) < 0 ? text : null;
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** The login in the form that both sides compare; empty if it has none, or is too long. RFC 4013 §2. */
    static Optional<String> login(String text) {
        return Optional.of(text)
                .filter(SaslText::isShort)
                .flatMap(SaslPrep::prepare)
                .filter(SaslText::isShort);
    }

    private static boolean isShort(String login) {
        return login.length() <= MAX_LOGIN && Octets.utf8(login).length <= MAX_LOGIN;
    }
}
