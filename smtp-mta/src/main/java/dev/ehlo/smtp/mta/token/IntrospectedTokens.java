package dev.ehlo.smtp.mta.token;

import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.JWTClaimsSetVerifier;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokens of any form, about each of which the host is asked that has issued it, so that one withdrawn is good no longer.
 * Nothing is kept from one login to the next. Used by many threads, which it blocks. RFC 7662 §2.
 */
public final class IntrospectedTokens implements TokenCheck {
    private static final Logger LOG = LoggerFactory.getLogger(IntrospectedTokens.class);

    private final HttpEndpoint endpoint;
    private final String authorization;
    private final TokenRules rules;
    private final JWTClaimsSetVerifier<SecurityContext> verifier;

    /**
     * Tokens known there.
     *
     * @param url of https, or of http on this host
     * @param client the name that this server has there
     * @throws IllegalArgumentException if it is another URL
     */
    public IntrospectedTokens(String url, String client, String secret, TokenRules rules, InstantSource time) {
        this(url, client, secret, rules, time, HttpEndpoint.TIME);
    }

    IntrospectedTokens(
            String url, String client, String secret, TokenRules rules, InstantSource time, Duration patience) {
        this.endpoint = new HttpEndpoint(url, patience);
        this.rules = rules;
        this.verifier = rules.verifier(false, time);
        // RFC 6749 §2.3.1: each encoded as in a form first.
        byte[] pair = (form(client) + ':' + form(secret)).getBytes(StandardCharsets.US_ASCII);
        this.authorization = "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public Optional<String> login(String token) throws IOException {
        HttpRequest request = endpoint.request()
                .header("Authorization", authorization)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("token_type_hint=access_token&token=" + form(token)))
                .build();
        return judge(new String(endpoint.ask(request), StandardCharsets.UTF_8));
    }

    private Optional<String> judge(String answer) throws IOException {
        Map<String, Object> members;
        try {
            members = JSONObjectUtils.parse(answer);
        } catch (ParseException e) {
            throw new IOException(endpoint + " did not answer with a JSON object", e);
        }
        if (!(members.get("active") instanceof Boolean active)) {
            throw new IOException(endpoint + " did not say whether the token is active");
        }
        if (!active) {
            return Optional.empty();
        }
        try {
            JWTClaimsSet claims = JWTClaimsSet.parse(members);
            verifier.verify(claims, null);
            return rules.login(claims);
        } catch (BadJOSEException | ParseException e) {
            LOG.debug("a token is not good: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private static String form(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
