package dev.ehlo.smtp.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ehlo.smtp.client.sasl.ReferenceScram;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The part of a {@link LineServer} that speaks SCRAM, for one user, {@code user} with {@code pencil}. */
final class SaslServer implements Function<String, Optional<String>> {
    private static final byte[] SALT = {1, 2, 3, 4};

    private final byte[] channelBindingData;
    private @Nullable ReferenceScram exchange;
    private int step;
    /** As the client has said it. */
    String gs2Header = "";

    SaslServer(byte[] channelBindingData) {
        this.channelBindingData = channelBindingData;
    }

    SaslServer() {
        this(new byte[0]);
    }

    @Override
    public Optional<String> apply(String line) {
        if (line.startsWith("AUTH SCRAM-")) {
            String hash = line.startsWith("AUTH SCRAM-SHA-256") ? "SHA-256" : "SHA-1";
            ReferenceScram begun = new ReferenceScram(hash, "user", "pencil", SALT, 4096, channelBindingData);
            exchange = begun;
            step = 1;
            String first = begun.first(decoded(line.substring(line.lastIndexOf(' ') + 1)), "server");
            gs2Header = begun.gs2Header();
            return Optional.of(challenge(first));
        }
        ReferenceScram current = exchange;
        if (current == null || step > 2) {
            return Optional.empty();
        }
        if (step++ == 2) {
            return Optional.of(line.isEmpty() ? "235 2.7.0 ok\r\n" : "501 5.7.0 cancelled\r\n");
        }
        String last = current.last(decoded(line));
        if (last.startsWith("e=")) {
            exchange = null;
            return Optional.of("535 5.7.8 " + last.substring(2) + "\r\n");
        }
        return Optional.of(challenge(last));
    }

    static String challenge(String text) {
        return "334 " + Base64.getEncoder().encodeToString(text.getBytes(UTF_8)) + "\r\n";
    }

    static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), UTF_8);
    }
}
