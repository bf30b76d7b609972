package dev.ehlo.smtp.server.sasl;

import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.sasl.SaslName;
import dev.ehlo.smtp.server.Authenticator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * OAUTHBEARER and the XOAUTH2 before it: an access token. Why it is not taken the client is told first, and refused
 * once it has said anything to that. RFC 7628 §3.1, §3.2.3.
 *
 * <pre>
 *     message → asked ─ valid → accepted        asked ─ not → denied ─ whatever the client says → refused
 * </pre>
 */
final class TokenExchange implements SaslExchange {
    /** RFC 7628 §3.2.2; the status is that of RFC 6750 §3.1. */
    private static final SaslStep DENIED = SaslStep.Challenge.denying(Octets.utf8("{\"status\":\"invalid_token\"}"));

    private static final String SEPARATOR = "\u0001";
    /** RFC 6750 §2.1; what is no token there has blanks or octets that end it early. */
    private static final Pattern BEARER = Pattern.compile("bearer +([!-~]+)", Pattern.CASE_INSENSITIVE);

    private final Authenticator authenticator;
    private final boolean isOfRfc;
    private String login = "";

    private TokenExchange(Authenticator authenticator, boolean isOfRfc) {
        this.authenticator = authenticator;
        this.isOfRfc = isOfRfc;
    }

    static TokenExchange oauthBearer(Authenticator authenticator) {
        return new TokenExchange(authenticator, true);
    }

    static TokenExchange xoauth2(Authenticator authenticator) {
        return new TokenExchange(authenticator, false);
    }

    @Override
    public SaslStep begin() {
        return SaslStep.Challenge.of(new byte[0]);
    }

    @Override
    public SaslStep take(byte[] message) {
        String text = SaslText.of(message);
        // Fields that each end with the separator, and one more at the end of all.
        if (text == null || !text.endsWith(SEPARATOR + SEPARATOR)) {
            return SaslStep.MALFORMED;
        }
        List<String> fields = List.of(text.substring(0, text.length() - 2).split(SEPARATOR, -1));
        String claimed = isOfRfc ? ofHeader(fields.get(0)) : ofUser(fields.get(0));
        List<String> auth =
                fields.stream().skip(1).filter(each -> each.startsWith("auth=")).toList();
        if (claimed == null || auth.size() > 1) {
            return SaslStep.MALFORMED;
        }
        login = claimed;
        Optional<String> who = claimed.isEmpty() ? Optional.of("") : SaslText.login(claimed);
        Matcher bearer = BEARER.matcher(auth.isEmpty() ? "" : auth.get(0).substring("auth=".length()));
        if (who.isEmpty() || !bearer.matches()) {
            return DENIED;
        }
        String token = bearer.group(1);
        return SaslStep.Ask.whoItIs(() -> authenticator.token(who.get(), token), DENIED);
    }

    /** Of {@code n,a=name,}, as tokens are bound to nothing; null if it is not that. RFC 5801 §4. */
    private static @Nullable String ofHeader(String header) {
        boolean isFramed = header.startsWith("n,") || header.startsWith("y,");
        if (!isFramed || header.length() < 3 || !header.endsWith(",")) {
            return null;
        }
        String name = header.substring(2, header.length() - 1);
        if (name.isEmpty()) {
            return "";
        }
        return name.startsWith("a=") && name.length() > 2
                ? SaslName.unescape(name.substring(2)).orElse(null)
                : null;
    }

    private static @Nullable String ofUser(String field) {
        return field.startsWith("user=") ? field.substring("user=".length()) : null;
    }

    @Override
    public String login() {
        return login;
    }
}
