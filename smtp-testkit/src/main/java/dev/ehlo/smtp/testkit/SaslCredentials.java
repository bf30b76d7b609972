package dev.ehlo.smtp.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The server's part of AUTH PLAIN and AUTH LOGIN. RFC 4954 §4, RFC 4616 §2. */
final class SaslCredentials {
    /** Sends a challenge and gives the client's answer. */
    interface Asker {
        String ask(String challenge) throws IOException;
    }

    private SaslCredentials() {}

    /** Login, NUL, password, as the client claims; null if it names another mechanism. */
    static @Nullable String take(String command, Asker client) throws IOException {
        String[] words = command.split(" ", -1);
        String mechanism = words.length > 1 ? words[1] : "";
        if (mechanism.equalsIgnoreCase("PLAIN")) {
            String message = decode(words.length > 2 ? words[2] : client.ask(""));
            // The authorization identity stands before the first NUL; this peer knows none.
            return message.substring(message.indexOf('\0') + 1);
        }
        if (mechanism.equalsIgnoreCase("LOGIN")) {
            String login = decode(words.length > 2 ? words[2] : client.ask("VXNlcm5hbWU6"));
            return login + '\0' + decode(client.ask("UGFzc3dvcmQ6"));
        }
        return null;
    }

    /** What is not base64 is the empty text, and no one's password. */
    private static String decode(String base64) {
        return base64.matches("([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
                ? new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8)
                : "";
    }
}
