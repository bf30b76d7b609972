package dev.ehlo.smtp.server.sasl;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.server.Authenticator;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The mechanisms by which one may log in to a server, as its authenticator knows them. Thread-safe. */
public final class SaslMechanisms {
    /** Octets that the secret has at least. */
    public static final int SECRET_OCTETS = 16;

    /** A multiple of three, so that there is no padding. */
    private static final int NONCE_OCTETS = 18;

    private final Authenticator authenticator;
    private final String hostname;
    private final Set<Mechanism> known = EnumSet.noneOf(Mechanism.class);
    private final Supplier<String> nonces;
    private final ScramBook sha256;
    private final ScramBook sha1;

    /**
     * Those of that authenticator.
     *
     * @param hostname of the server, in challenges of CRAM-MD5
     * @param secret by which logins that do not exist are told a salt
     * @param nonces never the same twice, nor guessed: letters and digits, and what else may stand in a word of a
     *     Message-ID (RFC 5322 §3.2.3), but no comma
     */
    public SaslMechanisms(Authenticator authenticator, String hostname, byte[] secret, Supplier<String> nonces) {
        this.authenticator = authenticator;
        this.hostname = hostname;
        this.nonces = nonces;
        known.addAll(authenticator.mechanisms());
        if (known.contains(Mechanism.SCRAM_SHA_256)) {
            known.add(Mechanism.SCRAM_SHA_256_PLUS);
        }
        if (known.contains(Mechanism.SCRAM_SHA_1)) {
            known.add(Mechanism.SCRAM_SHA_1_PLUS);
        }
        this.sha256 = new ScramBook(authenticator, Mechanism.SCRAM_SHA_256, secret, nonces);
        this.sha1 = new ScramBook(authenticator, Mechanism.SCRAM_SHA_1, secret, nonces);
    }

    /** Of a good source. */
    public static Supplier<String> nonces(SecureRandom random) {
        return () -> {
            byte[] octets = new byte[NONCE_OCTETS];
            random.nextBytes(octets);
            return Base64.getEncoder().encodeToString(octets);
        };
    }

    /** Who knows the logins. */
    public Authenticator authenticator() {
        return authenticator;
    }

    /** Whether any of them ties the login to the TLS connection. */
    public boolean hasBound() {
        return known.stream().anyMatch(Mechanism::isBound);
    }

    /**
     * What is offered, the best first.
     *
     * @param isBindable whether there is a channel binding
     * @param isCertified whether the client has shown a certificate
     */
    public List<Mechanism> offered(boolean isBindable, boolean isCertified) {
        return known.stream()
                .filter(each -> isBindable || !each.isBound())
                .filter(each -> isCertified || each != Mechanism.EXTERNAL)
                .toList();
    }

    /** An exchange of that mechanism; null if it is not offered on that channel. */
    public @Nullable SaslExchange begin(Mechanism mechanism, SaslChannel channel) {
        boolean isOffered = known.contains(mechanism)
                && (!mechanism.isBound() || channel.isBindable())
                && (mechanism != Mechanism.EXTERNAL || !channel.certificates().isEmpty());
        if (!isOffered) {
            return null;
        }
        return switch (mechanism) {
            case SCRAM_SHA_256_PLUS, SCRAM_SHA_256 -> new ScramExchange(mechanism, channel, sha256);
            case SCRAM_SHA_1_PLUS, SCRAM_SHA_1 -> new ScramExchange(mechanism, channel, sha1);
            case OAUTHBEARER -> TokenExchange.oauthBearer(authenticator);
            case XOAUTH2 -> TokenExchange.xoauth2(authenticator);
            case EXTERNAL -> new ExternalExchange(authenticator, channel.certificates());
            case CRAM_MD5 -> new CramMd5Exchange(authenticator, nonces.get(), hostname);
            case PLAIN -> PasswordExchange.plain(authenticator);
            case LOGIN -> PasswordExchange.login(authenticator);
        };
    }
}
