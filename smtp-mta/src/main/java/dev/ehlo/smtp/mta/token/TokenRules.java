package dev.ehlo.smtp.mta.token;

import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Date;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a token has to say, beside being genuine. RFC 7519 §4.1, RFC 8725 §3.8, §3.9.
 *
 * @param issuer who has to have issued it; empty for anybody that its checker believes
 * @param audience whom it has to be for, one of these; none for anybody
 * @param claim which one is the login
 */
public record TokenRules(Optional<String> issuer, Set<String> audience, String claim) {
    /** How far another host's clock may be off. RFC 7519 §4.1.4. */
    static final Duration SKEW = Duration.ofMinutes(1);

    /** Tells of claims whether they keep the rules; with a time after which a token is none if that is {@code timed}. */
    DefaultJWTClaimsVerifier<SecurityContext> verifier(boolean timed, InstantSource time) {
        JWTClaimsSet.Builder exact = new JWTClaimsSet.Builder();
        issuer.ifPresent(exact::issuer);
        Set<String> required = new TreeSet<>(Set.of(claim));
        if (timed) {
            required.add("exp");
        }
        Set<String> accepted = audience.isEmpty() ? null : audience;
        DefaultJWTClaimsVerifier<SecurityContext> verifier =
                new DefaultJWTClaimsVerifier<>(accepted, exact.build(), required, Set.of()) {
                    @Override
                    protected Date currentTime() {
                        return Date.from(time.instant());
                    }
                };
        verifier.setMaxClockSkew((int) SKEW.toSeconds());
        return verifier;
    }

    /** The login that is claimed; empty if it is no text. */
    Optional<String> login(JWTClaimsSet claims) {
        return claims.getClaim(claim) instanceof String text && !text.isEmpty() ? Optional.of(text) : Optional.empty();
    }
}
