package dev.ehlo.smtp.mta.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.ehlo.smtp.sasl.Hmac;
import dev.ehlo.smtp.testkit.ManualClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which tokens are good, and by table which are none, as attacks have them. */
class SignedTokensTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final ManualClock CLOCK = new ManualClock(NOW);
    private static final Issuer ISSUER = new Issuer("ec");
    private static final Issuer STRANGER = new Issuer("ec");
    private static final byte[] SHARED = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final TokenRules RULES = new TokenRules(Optional.of(Issuer.NAME), Set.of(Issuer.AUDIENCE), "sub");

    @TempDir
    private static Path scratch;

    private static RSAKey rsa;
    private static RSAKey shortRsa;
    private static SignedTokens tokens;

    @BeforeAll
    static void publishKeys() throws Exception {
        rsa = rsaKey("rsa", 2048);
        shortRsa = rsaKey("short", 1024);
        List<JWK> all = new ArrayList<>(List.of(ISSUER.key.toPublicJWK(), rsa.toPublicJWK(), shortRsa.toPublicJWK()));
        all.add(new OctetSequenceKey.Builder(SHARED).keyID("shared").build());
        Path file = scratch.resolve("jwks.json");
        Files.writeString(file, new JWKSet(all).toString(false));
        tokens = new SignedTokens(new SigningKeys(file.toString(), CLOCK), RULES, CLOCK);
    }

    private static RSAKey rsaKey(String keyId, int bits) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        var pair = generator.generateKeyPair();
        return new RSAKey.Builder((RSAPublicKey) pair.getPublic())
                .privateKey(pair.getPrivate())
                .keyID(keyId)
                .build();
    }

    private static JWTClaimsSet.Builder claims() {
        return Issuer.claims("alice", NOW);
    }

    static Stream<Named<String>> good() throws Exception {
        return Stream.of(
                Named.of("elliptic curve", ISSUER.sign(claims().build())),
                Named.of("RSA", signedByRsa(rsa, JWSAlgorithm.RS256)),
                Named.of("RSA with PSS", signedByRsa(rsa, JWSAlgorithm.PS256)),
                Named.of(
                        "of several audiences",
                        ISSUER.sign(claims().audience(List.of("x", "ehlo")).build())),
                Named.of(
                        "a clock behind by less than a minute",
                        ISSUER.sign(claims().notBeforeTime(at(59)).build())),
                Named.of(
                        "expired less than a minute ago",
                        ISSUER.sign(claims().expirationTime(at(-59)).build())),
                Named.of("without type", ISSUER.sign(ISSUER.header().type(null).build(), claims().build())),
                Named.of(
                        "without a key's name",
                        ISSUER.sign(ISSUER.header().keyID(null).build(), claims().build())));
    }

    @ParameterizedTest
    @MethodSource("good")
    void takesTheTokenOf(String token) throws IOException {
        assertThat(tokens.login(token)).contains("alice");
    }

    static Stream<Named<String>> bad() throws Exception {
        String genuine = ISSUER.sign(claims().build());
        String payload = genuine.split("\\.", -1)[1];
        String signature = genuine.split("\\.", -1)[2];
        byte[] publicKey = ISSUER.key.toECPublicKey().getEncoded();
        return Stream.of(
                Named.of("no token", "x"),
                Named.of("two parts", "e30.e30"),
                Named.of("no JSON", "e30.eA.eA"),
                Named.of("alg none", unsigned("none", payload) + "."),
                Named.of("alg none with the signature", unsigned("none", payload) + "." + signature),
                Named.of("alg NONE", unsigned("NONE", payload) + "."),
                Named.of("no alg", part("{}") + "." + payload + "." + signature),
                Named.of("signature cut off", genuine.substring(0, genuine.lastIndexOf('.') + 1)),
                Named.of(
                        "signature of zeros",
                        genuine.substring(0, genuine.lastIndexOf('.') + 1) + part("\0".repeat(64))),
                Named.of("HMAC by the public key", byHmac("ec", publicKey, payload)),
                Named.of("HMAC by the public key as it is published", byHmac("ec", publishedKey(), payload)),
                Named.of(
                        "HMAC by the public key of RSA",
                        byHmac("rsa", rsa.toRSAPublicKey().getEncoded(), payload)),
                Named.of("HMAC by a shared key of the set", byHmac("shared", SHARED, payload)),
                Named.of("a key too short", signedByRsa(shortRsa, JWSAlgorithm.RS256)),
                Named.of("RSA by the name of another kind of key", signedByRsa(renamed(rsa, "ec"), JWSAlgorithm.RS256)),
                Named.of("a stranger's key of that name", STRANGER.sign(claims().build())),
                Named.of(
                        "a stranger's key, brought along",
                        STRANGER.sign(
                                STRANGER.header()
                                        .jwk(STRANGER.key.toPublicJWK())
                                        .build(),
                                claims().build())),
                Named.of(
                        "a stranger's key, pointed to",
                        STRANGER.sign(
                                STRANGER.header()
                                        .jwkURL(URI.create("http://127.0.0.1:1/"))
                                        .keyID("x")
                                        .build(),
                                claims().build())),
                Named.of(
                        "a name of a key that is a path",
                        ISSUER.sign(ISSUER.header().keyID("../../dev/null").build(), claims().build())),
                Named.of(
                        "claims of another token",
                        other(genuine, claims().subject("root").build())),
                Named.of(
                        "another type",
                        ISSUER.sign(
                                ISSUER.header()
                                        .type(new JOSEObjectType("logout+jwt"))
                                        .build(),
                                claims().build())),
                Named.of(
                        "a critical extension that is not known",
                        ISSUER.sign(
                                ISSUER.header()
                                        .criticalParams(Set.of("exp2"))
                                        .customParam("exp2", 1)
                                        .build(),
                                claims().build())),
                Named.of("expired", ISSUER.sign(claims().expirationTime(at(-61)).build())),
                Named.of(
                        "without an end",
                        ISSUER.sign(claims().expirationTime(null).build())),
                Named.of(
                        "not yet good",
                        ISSUER.sign(claims().notBeforeTime(at(61)).build())),
                Named.of(
                        "of another issuer",
                        ISSUER.sign(claims().issuer(Issuer.NAME + "/").build())),
                Named.of("of no issuer", ISSUER.sign(claims().issuer(null).build())),
                Named.of(
                        "for another service",
                        ISSUER.sign(claims().audience("web").build())),
                Named.of(
                        "for nobody",
                        ISSUER.sign(claims().audience((String) null).build())),
                Named.of("without a login", ISSUER.sign(claims().subject(null).build())),
                Named.of("with an empty login", ISSUER.sign(claims().subject("").build())),
                Named.of(
                        "with a login that is no text",
                        ISSUER.sign(claims().claim("sub", List.of("alice")).build())));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void refusesTheTokenOf(String token) throws IOException {
        assertThat(tokens.login(token)).isEmpty();
    }

    @Test
    void refusesAnythingElseWithoutFailing() throws IOException {
        Random random = new Random(8);
        String genuine = ISSUER.sign(claims().build());
        for (int i = 0; i < 500; i++) {
            StringBuilder mutant = new StringBuilder(genuine);
            for (int n = random.nextInt(3); n >= 0; n--) {
                // not in the signature's last character, where a bit or two stand for nothing
                mutant.setCharAt(random.nextInt(genuine.length() - 1), (char) ('!' + random.nextInt(94)));
            }
            String token = mutant.toString();
            assertThat(tokens.login(token))
                    .as(token)
                    .isEqualTo(token.equals(genuine) ? Optional.of("alice") : Optional.empty());
        }
    }

    @Test
    void takesTheLoginFromTheClaimThatItIsTold() throws IOException {
        Path file = scratch.resolve("jwks.json");
        TokenRules rules = new TokenRules(Optional.of(Issuer.NAME), Set.of(Issuer.AUDIENCE), "email");
        SignedTokens byEmail = new SignedTokens(new SigningKeys(file.toString(), CLOCK), rules, CLOCK);
        assertThat(byEmail.login(
                        ISSUER.sign(claims().claim("email", "a@example.org").build())))
                .contains("a@example.org");
        assertThat(byEmail.login(ISSUER.sign(claims().build()))).isEmpty();
    }

    @Test
    void wantsAnIssuerAndAnAudience() {
        SigningKeys keys = new SigningKeys(scratch.resolve("none").toString(), CLOCK);
        for (TokenRules rules : List.of(
                new TokenRules(Optional.empty(), Set.of("ehlo"), "sub"),
                new TokenRules(Optional.of(Issuer.NAME), Set.of(), "sub"))) {
            assertThatThrownBy(() -> new SignedTokens(keys, rules, CLOCK)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void saysThatItCannotTellWithoutKeys() {
        SigningKeys none = new SigningKeys(scratch.resolve("none").toString(), CLOCK);
        SignedTokens blind = new SignedTokens(none, RULES, CLOCK);
        assertThatThrownBy(() -> blind.login(ISSUER.token("alice", NOW))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> blind.login(ISSUER.token("alice", NOW)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("will not be tried before");
    }

    private static Date at(int seconds) {
        return Date.from(NOW.plusSeconds(seconds));
    }

    private static String part(String text) {
        return Base64URL.encode(text).toString();
    }

    private static String unsigned(String algorithm, String payload) {
        return part("{\"alg\":\"" + algorithm + "\"}") + "." + payload;
    }

    private static byte[] publishedKey() {
        return ISSUER.key.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8);
    }

    private static String byHmac(String keyId, byte[] key, String payload) {
        String signed = part("{\"alg\":\"HS256\",\"kid\":\"" + keyId + "\"}") + "." + payload;
        return signed + "." + Base64URL.encode(Hmac.of("HmacSHA256", key, signed.getBytes(StandardCharsets.US_ASCII)));
    }

    private static String signedByRsa(RSAKey key, JWSAlgorithm algorithm) throws Exception {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(), claims().build());
        jwt.sign(new RSASSASigner(key.toPrivateKey(), Set.of(AllowWeakRSAKey.getInstance())));
        return jwt.serialize();
    }

    private static RSAKey renamed(RSAKey key, String keyId) {
        return new RSAKey.Builder(key).keyID(keyId).build();
    }

    private static String other(String genuine, JWTClaimsSet claims) {
        String[] parts = genuine.split("\\.", -1);
        Map<String, Object> members = claims.toJSONObject();
        try {
            return parts[0] + "." + part(JWTClaimsSet.parse(members).toString()) + "." + parts[2];
        } catch (java.text.ParseException e) {
            throw new UncheckedIOException(new IOException(e));
        }
    }
}
