package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.codec.EncodedReply;
import dev.ehlo.smtp.codec.SaslPlain;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One AUTH command's way to a login and a password: PLAIN (RFC 4616) and LOGIN, which no RFC describes.
 *
 * <pre>
 *     PLAIN ──────────────── response → credentials
 *     USERNAME ─ response → PASSWORD ─ response → credentials
 * </pre>
 */
final class AuthDialogue {
    /** As EHLO lists them. */
    static final List<String> MECHANISMS = List.of("PLAIN", "LOGIN");

    enum Outcome {
        CHALLENGE,
        CREDENTIALS,
        MALFORMED,
        INVALID
    }

    private enum Awaiting {
        PLAIN,
        USERNAME,
        PASSWORD
    }

    private Awaiting awaiting;
    private String login = "";
    private String password = "";

    private AuthDialogue(Awaiting awaiting) {
        this.awaiting = awaiting;
    }

    /** The dialogue of that mechanism, or null if it is not offered. */
    static @Nullable AuthDialogue of(String mechanism) {
        switch (mechanism.toUpperCase(Locale.ROOT)) {
            case "PLAIN":
                return new AuthDialogue(Awaiting.PLAIN);
            case "LOGIN":
                return new AuthDialogue(Awaiting.USERNAME);
            default:
                return null;
        }
    }

    EncodedReply challenge() {
        return switch (awaiting) {
            case PLAIN -> Replies.AUTH_EMPTY_CHALLENGE;
            case USERNAME -> Replies.AUTH_USERNAME;
            case PASSWORD -> Replies.AUTH_PASSWORD;
        };
    }

    /** Takes a response. */
    Outcome respond(byte[] octets) {
        if (awaiting == Awaiting.PLAIN) {
            SaslPlain plain = SaslPlain.parse(octets).orElse(null);
            if (plain == null) {
                return Outcome.MALFORMED;
            }
            login = plain.login();
            password = plain.password();
            // Nobody acts for another here. RFC 4616 §2.
            boolean oneself =
                    plain.authorizationId().isEmpty() || plain.authorizationId().equals(login);
            return oneself ? Outcome.CREDENTIALS : Outcome.INVALID;
        }
        String text = text(octets);
        if (text == null || text.indexOf(0) >= 0) {
            return Outcome.MALFORMED;
        }
        if (awaiting == Awaiting.USERNAME) {
            login = text;
            awaiting = Awaiting.PASSWORD;
            return Outcome.CHALLENGE;
        }
        password = text;
        return login.isEmpty() || password.isEmpty() ? Outcome.INVALID : Outcome.CREDENTIALS;
    }

    String login() {
        return login;
    }

    String password() {
        return password;
    }

    private static @Nullable String text(byte[] octets) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
