package dev.ehlo.smtp.mta.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;

/** Who gives out tokens, with a key of its own. */
public final class Issuer {
    public static final String NAME = "https://id.example.org";
    public static final String AUDIENCE = "ehlo";

    final ECKey key;

    public Issuer(String keyId) {
        try {
            key = new ECKeyGenerator(Curve.P_256).keyID(keyId).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The public keys of these, as they are published. */
    public static String jwks(Issuer... issuers) {
        return new JWKSet(List.copyOf(Arrays.stream(issuers).map(i -> i.key).toList())).toString();
    }

    /** A token for that login which is good for five minutes from then. */
    public String token(String login, Instant from) {
        return sign(claims(login, from).build());
    }

    static JWTClaimsSet.Builder claims(String login, Instant from) {
        return new JWTClaimsSet.Builder()
                .issuer(NAME)
                .audience(AUDIENCE)
                .subject(login)
                .issueTime(Date.from(from))
                .expirationTime(Date.from(from.plusSeconds(300)));
    }

    String sign(JWTClaimsSet claims) {
        return sign(header().build(), claims);
    }

    JWSHeader.Builder header() {
        return new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).type(new JOSEObjectType("at+jwt"));
    }

    String sign(JWSHeader header, JWTClaimsSet claims) {
        try {
            SignedJWT jwt = new SignedJWT(header, claims);
            jwt.sign(new ECDSASigner(key));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
