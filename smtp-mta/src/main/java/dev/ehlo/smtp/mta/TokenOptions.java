package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.mta.token.IntrospectedTokens;
import dev.ehlo.smtp.mta.token.SignedTokens;
import dev.ehlo.smtp.mta.token.SigningKeys;
import dev.ehlo.smtp.mta.token.TokenCheck;
import dev.ehlo.smtp.mta.token.TokenRules;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which access tokens are taken, for OAUTHBEARER and XOAUTH2; none, unless told. */
final class TokenOptions {
    private static final String SECRET = "EHLO_TOKEN_SECRET";

    @Option(
            names = "--token-jwks",
            paramLabel = "FILE|URL",
            description = "Take access tokens that are signed by one of these keys, a JWK set. Wants an issuer and an "
                    + "audience.")
    private @Nullable String jwks;

    @Option(
            names = "--token-introspection",
            paramLabel = "URL",
            description = "Take access tokens that are active by the word of this endpoint (RFC 7662). Wants a client.")
    private @Nullable String introspection;

    @Option(names = "--token-issuer", paramLabel = "URL", description = "Who has to have issued a token.")
    private @Nullable String issuer;

    @Option(
            names = "--token-audience",
            paramLabel = "NAME",
            split = ",",
            description = "Whom a token has to be for: one of these.")
    private List<String> audience = new ArrayList<>();

    @Option(
            names = "--token-claim",
            paramLabel = "NAME",
            defaultValue = "sub",
            description = "Which claim of a token is the login (default: sub). One that users can change themselves is "
                    + "no proof of who they are.")
    private String claim;

    @Option(
            names = "--token-client",
            paramLabel = "ID",
            description = "Who this server is at the introspection endpoint; its secret is in the environment as "
                    + SECRET + ", or in a file.")
    private @Nullable String client;

    @Option(
            names = "--token-secret-file",
            paramLabel = "FILE",
            description = "Where that secret is: the first line of that file.")
    private @Nullable Path secretFile;

    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    TokenOptions() {}

    /**
     * Who tells of tokens whose they are; empty if none are to be taken.
     *
     * @throws Failure if something is missing, or keys in a file can't be read
     * @throws IllegalArgumentException if a URL is none that may be asked
     */
    Optional<TokenCheck> check(InstantSource time) throws Failure {
        TokenRules rules = new TokenRules(Optional.ofNullable(issuer), Set.copyOf(audience), claim);
        if (jwks != null && introspection != null) {
            throw new Failure("--token-jwks and --token-introspection are two ways to check tokens: choose one");
        }
        if (jwks != null) {
            if (issuer == null || audience.isEmpty()) {
                throw new Failure("--token-jwks wants --token-issuer and --token-audience: a token for another service "
                        + "would be good here too");
            }
            return Optional.of(new SignedTokens(keys(jwks, time), rules, time));
        }
        if (introspection != null) {
            if (client == null) {
                throw new Failure("--token-introspection wants --token-client");
            }
            return Optional.of(new IntrospectedTokens(introspection, client, secret(), rules, time));
        }
        if (issuer != null || !audience.isEmpty() || client != null || secretFile != null) {
            throw new Failure("nothing takes tokens: --token-jwks or --token-introspection is missing");
        }
        return Optional.empty();
    }

    /** Those of a file have to be there now; a host may come up later. */
    private static SigningKeys keys(String fileOrUrl, InstantSource time) throws Failure {
        SigningKeys keys = new SigningKeys(fileOrUrl, time);
        if (!fileOrUrl.contains("://")) {
            try {
                keys.look();
            } catch (IOException e) {
                throw new Failure("--token-jwks: " + DataDirectory.reason(e), e);
            }
        }
        return keys;
    }

    private String secret() throws Failure {
        if (secretFile != null) {
            try (InputStream in = Files.newInputStream(secretFile)) {
                return Password.firstLine(in, "in " + secretFile);
            } catch (IOException e) {
                throw new Failure("--token-secret-file: " + DataDirectory.reason(e), e);
            }
        }
        String fromEnvironment = System.getenv(SECRET);
        if (fromEnvironment == null || fromEnvironment.isEmpty()) {
            throw new Failure("--token-introspection wants a secret: in " + SECRET + ", or --token-secret-file");
        }
        return fromEnvironment;
    }
}
