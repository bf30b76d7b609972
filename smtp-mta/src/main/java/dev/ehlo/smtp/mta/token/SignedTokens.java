package dev.ehlo.smtp.mta.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.io.IOException;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * JSON web tokens, checked by the public keys of who signs them. The algorithm is one of a list, and one of the key's
 * own kind: a token without signature is none, nor one that takes a public key for a shared secret, and keys that a
 * token brings along or points to are not looked at. Used by many threads. RFC 7519 §7.2, RFC 8725 §3.1, §3.2.
 */
public final class SignedTokens implements TokenCheck {
    /** Of asymmetric keys. RFC 7518 §3.1. */
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512);

    private static final Logger LOG = LoggerFactory.getLogger(SignedTokens.class);

    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    private final TokenRules rules;

    /**
     * Tokens signed by those keys.
     *
     * @throws IllegalArgumentException if the rules name no issuer or no audience: such a token would be good here that
     *     was given to quite another service
     */
    public SignedTokens(SigningKeys keys, TokenRules rules, InstantSource time) {
        if (rules.issuer().isEmpty() || rules.audience().isEmpty()) {
            throw new IllegalArgumentException("a signed token needs an issuer and an audience to be checked for");
        }
        this.rules = rules;
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys));
        // RFC 9068 §2.1; what has no type is older.
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(
                new JOSEObjectType("at+jwt"), new JOSEObjectType("application/at+jwt"), JOSEObjectType.JWT, null));
        processor.setJWTClaimsSetVerifier(rules.verifier(true, time));
    }

    @Override
    public Optional<String> login(String token) throws IOException {
        try {
            return rules.login(processor.process(token, null));
        } catch (KeySourceException e) {
            throw new IOException(e.getMessage(), e);
        } catch (ParseException e) {
            LOG.debug("a token is no JWT"); // the reason may quote it
            return Optional.empty();
        } catch (BadJOSEException | JOSEException e) {
            LOG.debug("a token is not good: {}", e.getMessage());
            return Optional.empty();
        }
    }
}
