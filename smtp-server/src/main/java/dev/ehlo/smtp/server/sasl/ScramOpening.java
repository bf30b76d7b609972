package dev.ehlo.smtp.server.sasl;

import dev.ehlo.smtp.sasl.SaslName;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The client's first message: {@code n,a=authzid,n=login,r=nonce}. RFC 5802 §5.1, §7.
 *
 * @param header the gs2-header, with both its commas
 * @param bindingType of {@code p=}; null where the client does not bind
 * @param couldBind whether it is {@code y}: the client could, and has not seen it offered
 * @param authorizationId as whom it wants to act; empty for itself
 * @param bare the message without the header, over which the proof is made
 * @param login not prepared yet
 * @param nonce the client's
 */
record ScramOpening(
        String header,
        @Nullable String bindingType,
        boolean couldBind,
        String authorizationId,
        String bare,
        String login,
        String nonce) {
    /** Characters of a client's nonce, which is sent back; clients have 24 to 64. No RFC. */
    static final int MAX_NONCE = 128;

    private static final Pattern FLAG = Pattern.compile("n|y|p=[A-Za-z0-9.-]+");
    private static final Pattern NONCE = Pattern.compile("r=[!-+\\--~]{1," + MAX_NONCE + '}');
    private static final Pattern ATTRIBUTE = Pattern.compile("[A-Za-z]=.+", Pattern.DOTALL);

    /** What is in the text; empty if that is none, or wants an extension that is not known. */
    static Optional<ScramOpening> parse(String text) {
        String[] parts = text.split(",", -1);
        if (parts.length < 4
                || !FLAG.matcher(parts[0]).matches()
                || !NONCE.matcher(parts[3]).matches()
                || !Arrays.stream(parts)
                        .skip(4)
                        .allMatch(each -> ATTRIBUTE.matcher(each).matches())) {
            return Optional.empty();
        }
        String authorizationId = parts[1].isEmpty() ? "" : name("a=", parts[1]);
        String login = name("n=", parts[2]);
        if (authorizationId == null || login == null) {
            return Optional.empty();
        }
        String header = parts[0] + ',' + parts[1] + ',';
        return Optional.of(new ScramOpening(
                header,
                parts[0].startsWith("p=") ? parts[0].substring(2) : null,
                parts[0].equals("y"),
                authorizationId,
                text.substring(header.length()),
                login,
                parts[3].substring(2)));
    }

    private static @Nullable String name(String attribute, String part) {
        return part.startsWith(attribute) && part.length() > attribute.length()
                ? SaslName.unescape(part.substring(attribute.length())).orElse(null)
                : null;
    }
}
