package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.sasl.SaslPrep;
import dev.ehlo.smtp.sasl.ScramHash;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/**
 * What is kept of the passwords of one login: enough to check them, by PLAIN or by SCRAM, and not enough to log in with.
 * All have one salt, since a client is told that before it is known which of them it has: one may be the login's own,
 * the others are named, as those of its applications are. Immutable. RFC 5802 §3, RFC 7677 §3.
 *
 * <pre>{@code
 * ScramCredential alice = ScramCredential.of("alice", password, random).with("phone", another);
 * String line = alice.encode();                           // {SCRAM-SHA-256}65536,salt,stored,server,phone,stored,server
 * ScramCredential.parse("alice", line).keyOf(another);    // phone
 * }</pre>
 */
public final class ScramCredential {
    /** RFC 7677 §4 asks for 4096 at least; a client pays it once for each login. */
    public static final int ITERATIONS = 65_536;

    /** Passwords of one login at most, each of which is tried against a proof. No RFC. */
    public static final int MAX_KEYS = 32;

    /** Of a new credential; logins that do not exist are told a salt of as many. */
    public static final int SALT_OCTETS = 16;

    /** Minutes of one processor; a file that asks for more is damaged. */
    private static final int MOST_ITERATIONS = 100_000_000;

    private final String identity;
    private final Mechanism mechanism;
    private final ScramHash hash;
    private final byte[] salt;
    private final int iterations;
    private final List<ScramKey> keys;

    /**
     * One of keys that are known already.
     *
     * @param identity the canonical name of the login
     * @param mechanism SCRAM-SHA-256 or SCRAM-SHA-1
     * @param salt not empty; copied
     * @param iterations 1 to 100,000,000
     * @param keys at most {@link #MAX_KEYS}, of different names, with as many octets as the hash has
     * @throws IllegalArgumentException if one of these is not so; no key is told
     */
    public ScramCredential(String identity, Mechanism mechanism, byte[] salt, int iterations, List<ScramKey> keys) {
        ScramHash known = mechanism.isBound() ? null : ScramHash.of(mechanism);
        if (known == null) {
            throw new IllegalArgumentException("keys of " + mechanism.saslName());
        }
        if (salt.length == 0 || iterations < 1 || iterations > MOST_ITERATIONS || keys.size() > MAX_KEYS) {
            throw new IllegalArgumentException("salt: " + salt.length + " octets, iterations: " + iterations
                    + ", passwords: " + keys.size() + " of at most " + MAX_KEYS);
        }
        this.identity = identity;
        this.mechanism = mechanism;
        this.hash = known;
        this.salt = salt.clone();
        this.iterations = iterations;
        this.keys = keys.stream()
                .sorted(Comparator.comparing(each -> !each.name().equals(ScramKey.OWN)))
                .toList();
        if (this.keys.stream().map(ScramKey::name).distinct().count() < this.keys.size()) {
            throw new IllegalArgumentException("two passwords of one name");
        }
        int octets = known.octets();
        if (this.keys.stream().anyMatch(k -> k.storedKey().length != octets || k.serverKey().length != octets)) {
            throw new IllegalArgumentException("a key of " + mechanism.saslName() + " has " + octets + " octets");
        }
    }

    /**
     * A credential of SCRAM-SHA-256 with one password, the login's {@linkplain ScramKey#OWN own}, and a salt of its own.
     *
     * @param random a good one
     * @throws IllegalArgumentException as {@link #with}
     */
    public static ScramCredential of(String identity, String password, Random random) {
        return empty(identity, random).with(ScramKey.OWN, password);
    }

    /** A credential of SCRAM-SHA-256 without any password yet. */
    public static ScramCredential empty(String identity, Random random) {
        byte[] salt = new byte[SALT_OCTETS];
        random.nextBytes(salt);
        return new ScramCredential(identity, Mechanism.SCRAM_SHA_256, salt, ITERATIONS, List.of());
    }

    /**
     * This one with a password more, or another one of that name. Takes its time.
     *
     * @param name as {@link ScramKey} has it
     * @throws IllegalArgumentException if the password can't be prepared by SASLprep (RFC 4013), as one with control
     *     characters can't; if there are {@link #MAX_KEYS} already, or the name is none
     */
    public ScramCredential with(String name, String password) {
        String prepared = SaslPrep.prepare(password)
                .orElseThrow(() -> new IllegalArgumentException(
                        "a password is neither empty nor has characters that can't be typed"));
        List<ScramKey> more = new ArrayList<>(without(name).keys);
        more.add(derive(name, prepared));
        return new ScramCredential(identity, mechanism, salt, iterations, more);
    }

    /** This one less the password of that name, if there is one. */
    public ScramCredential without(String name) {
        List<ScramKey> fewer =
                keys.stream().filter(each -> !each.name().equals(name)).toList();
        return new ScramCredential(identity, mechanism, salt, iterations, fewer);
    }

    /**
     * The name of the password, if it is one of these. Takes as long for a wrong one as for the right one, and about as
     * long for many as for one.
     */
    public Optional<String> keyOf(String password) {
        Optional<String> prepared = SaslPrep.prepare(password);
        ScramKey given = derive(ScramKey.OWN, prepared.orElse(password));
        byte[] storedKey = given.storedKey();
        String name = null;
        for (ScramKey each : keys) {
            if (MessageDigest.isEqual(each.storedKey(), storedKey)) {
                name = each.name();
            }
        }
        return prepared.isEmpty() ? Optional.empty() : Optional.ofNullable(name);
    }

    private ScramKey derive(String name, String prepared) {
        byte[] salted = hash.saltedPassword(prepared, salt, iterations);
        byte[] clientKey = hash.hmac(salted, Octets.utf8("Client Key"));
        return new ScramKey(name, hash.hash(clientKey), hash.hmac(salted, Octets.utf8("Server Key")));
    }

    /** The canonical name of the login. */
    public String identity() {
        return identity;
    }

    /** SCRAM-SHA-256 or SCRAM-SHA-1. */
    public Mechanism mechanism() {
        return mechanism;
    }

    /** A copy of it. */
    public byte[] salt() {
        return salt.clone();
    }

    /** How many a client has to make. */
    public int iterations() {
        return iterations;
    }

    /** Of each password, the login's own first. Unmodifiable. */
    public List<ScramKey> keys() {
        return keys;
    }

    /**
     * In one word without the identity, the login's own password first: {@code {SCRAM-SHA-256}65536,salt,stored,server},
     * and {@code ,name,stored,server} for each other one, with salt and keys in base64.
     */
    public String encode() {
        Base64.Encoder base64 = Base64.getEncoder();
        StringBuilder word = new StringBuilder("{" + mechanism.saslName() + '}' + iterations + ',');
        word.append(base64.encodeToString(salt));
        for (ScramKey key : keys) {
            word.append(key.name().isEmpty() ? "" : ',' + key.name())
                    .append(',')
                    .append(base64.encodeToString(key.storedKey()))
                    .append(',')
                    .append(base64.encodeToString(key.serverKey()));
        }
        return word.toString();
    }

    /**
     * That of a word that {@link #encode} made.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static ScramCredential parse(String identity, String word) {
        int end = word.indexOf('}');
        Mechanism mechanism = end > 0 && word.charAt(0) == '{'
                ? Mechanism.of(word.substring(1, end)).orElse(null)
                : null;
        String[] parts = word.substring(end + 1).split(",", -1);
        if (mechanism == null || parts.length < 2 || parts.length % 3 == 0) {
            throw new IllegalArgumentException("not a credential of SCRAM");
        }
        Base64.Decoder base64 = Base64.getDecoder();
        List<ScramKey> keys = new ArrayList<>();
        // Two parts before the keys, three of each, but two of the one without a name.
        boolean hasOwn = parts.length % 3 == 1;
        for (int at = 2; at < parts.length; ) {
            boolean isOwn = hasOwn && at == 2;
            String name = isOwn ? ScramKey.OWN : parts[at++];
            if (name.isEmpty() && !isOwn) {
                throw new IllegalArgumentException("a password of no name among those that have one");
            }
            keys.add(new ScramKey(name, base64.decode(parts[at++]), base64.decode(parts[at++])));
        }
        return new ScramCredential(identity, mechanism, base64.decode(parts[1]), Integer.parseInt(parts[0]), keys);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ScramCredential that
                && identity.equals(that.identity)
                && encode().equals(that.encode());
    }

    @Override
    public int hashCode() {
        return Objects.hash(identity, encode());
    }

    /** Without salt and keys. */
    @Override
    public String toString() {
        return "ScramCredential[" + Octets.printable(identity) + ", " + mechanism.saslName() + ", " + keys + ']';
    }
}
