package dev.ehlo.smtp.server.sasl;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.sasl.ScramHash;
import dev.ehlo.smtp.server.Authenticator;
import dev.ehlo.smtp.server.ScramCredential;
import dev.ehlo.smtp.server.ScramKey;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * The credentials of an authenticator, and for logins that it does not have what can't be told from them: a salt that is
 * the same each time, of a secret that nobody else has, and keys of no password. Made for every login, so that the one
 * takes as long as the other. Thread-safe.
 */
final class ScramBook implements ScramExchange.Book {
    private final Authenticator authenticator;
    private final Mechanism mechanism;
    private final ScramHash hash;
    private final byte[] secret;
    private final Supplier<String> nonces;

    /** @param mechanism without binding */
    ScramBook(Authenticator authenticator, Mechanism mechanism, byte[] secret, Supplier<String> nonces) {
        this.authenticator = authenticator;
        this.mechanism = mechanism;
        this.hash = Objects.requireNonNull(ScramHash.of(mechanism));
        this.secret = secret.clone();
        this.nonces = nonces;
    }

    @Override
    public ScramCredential credential(String login) throws IOException {
        ScramCredential decoy = decoy(authenticator.canonical(login));
        ScramCredential known = authenticator.scram(login, mechanism).orElse(decoy);
        if (known.mechanism() != mechanism) {
            throw new IllegalStateException("asked for " + mechanism + ", and was given " + known);
        }
        return known;
    }

    private ScramCredential decoy(String canonical) {
        byte[] salt = Arrays.copyOf(derived("salt", canonical), ScramCredential.SALT_OCTETS);
        ScramKey key = new ScramKey(ScramKey.OWN, derived("stored", canonical), derived("server", canonical));
        return new ScramCredential(canonical, mechanism, salt, authenticator.scramIterations(), List.of(key));
    }

    private byte[] derived(String what, String canonical) {
        return hash.hmac(secret, Octets.utf8(what + '\0' + mechanism + '\0' + canonical));
    }

    @Override
    public String nonce() {
        return nonces.get();
    }
}
