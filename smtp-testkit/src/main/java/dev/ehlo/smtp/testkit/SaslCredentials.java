package dev.ehlo.smtp.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** The server's part of AUTH. RFC 4954 §4, RFC 4616 §2, RFC 2195 §2, RFC 7628 §3.1, §3.2.3. */
final class SaslCredentials {
    /** Those that a peer knows. */
    static final List<String> MECHANISMS =
            List.of("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "OAUTHBEARER", "XOAUTH2");

    private static final char SEPARATOR = 1;

    /** Sends a challenge and gives the client's answer. */
    interface Asker {
        String ask(String challenge) throws IOException;
    }

    private SaslCredentials() {}

    /**
     * Login, NUL, password, as the client claims, or proves that it knows them; null if it names a mechanism that is
     * not offered.
     *
     * @param right login, NUL, password
     */
    static @Nullable String take(String command, Asker client, List<String> offered, String right) throws IOException {
        String[] words = command.split(" ", -1);
        String mechanism = words.length > 1 ? words[1].toUpperCase(Locale.ROOT) : "";
        if (!offered.contains(mechanism)) {
            return null;
        }
        String initial = words.length > 2 ? decode(words[2]) : null;
        String login = right.substring(0, right.indexOf('\0'));
        String password = right.substring(right.indexOf('\0') + 1);
        return switch (mechanism) {
            case "PLAIN" -> {
                String message = initial != null ? initial : askFor(client, "");
                // The authorization identity stands before the first NUL; this peer knows none.
                yield message.substring(message.indexOf('\0') + 1);
            }
            case "LOGIN" ->
                (initial != null ? initial : askFor(client, "Username:")) + '\0' + askFor(client, "Password:");
            case "CRAM-MD5" -> {
                String challenge = '<' + UUID.randomUUID().toString() + "@peer.example>";
                yield askFor(client, challenge).equals(login + ' ' + digest(password, challenge)) ? right : "";
            }
            case "SCRAM-SHA-1", "SCRAM-SHA-256" -> {
                String first = initial != null ? initial : askFor(client, "");
                yield ScramProof.isGiven(mechanism.substring(6), first, client, login, password) ? right : "";
            }
            default -> {
                String message = initial != null ? initial : askFor(client, "");
                String user = mechanism.equals("XOAUTH2")
                        ? "user=" + login + SEPARATOR
                        : "n,a=" + login.replace("=", "=3D").replace(",", "=2C") + ',' + SEPARATOR;
                if (message.startsWith(user)
                        && message.contains(SEPARATOR + "auth=Bearer " + password + SEPARATOR + SEPARATOR)) {
                    yield right;
                }
                askFor(client, "{\"status\":\"invalid_token\"}");
                yield "";
            }
        };
    }

    static String askFor(Asker client, String challenge) throws IOException {
        byte[] octets = challenge.getBytes(StandardCharsets.UTF_8);
        return decode(client.ask(Base64.getEncoder().encodeToString(octets)));
    }

    private static String digest(String password, String challenge) {
        try {
            Mac mac = Mac.getInstance("HmacMD5");
            mac.init(new SecretKeySpec(password.getBytes(StandardCharsets.UTF_8), "HmacMD5"));
            return HexFormat.of().formatHex(mac.doFinal(challenge.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no MD5", e);
        }
    }

    /** What is not base64 is the empty text, and no one's password. */
    private static String decode(String base64) {
        return base64.matches("([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
                ? new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8)
                : "";
    }
}
