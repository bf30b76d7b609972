package dev.ehlo.smtp.client;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.client.sasl.CramMd5Exchange;
import dev.ehlo.smtp.client.sasl.ExternalExchange;
import dev.ehlo.smtp.client.sasl.LoginExchange;
import dev.ehlo.smtp.client.sasl.PlainExchange;
import dev.ehlo.smtp.client.sasl.SaslExchange;
import dev.ehlo.smtp.client.sasl.ScramBinding;
import dev.ehlo.smtp.client.sasl.ScramExchange;
import dev.ehlo.smtp.client.sasl.ScramPassword;
import dev.ehlo.smtp.client.sasl.TokenExchange;
import dev.ehlo.smtp.codec.SaslLine;
import dev.ehlo.smtp.codec.SaslPlain;
import dev.ehlo.smtp.grammar.Octets;
import dev.ehlo.smtp.sasl.SaslPrep;
import dev.ehlo.smtp.sasl.ScramHash;
import dev.ehlo.smtp.tls.ClientKey;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a login is proved by. Equal by value, so that connections are shared by those who log in alike. */
sealed interface Identity {
    /** By which mechanisms it can be proved. */
    Set<Mechanism> mechanisms();

    /**
     * An exchange of one of them.
     *
     * @param host what the client has connected to
     * @param binding for SCRAM
     */
    SaslExchange exchange(Mechanism mechanism, String host, int port, ScramBinding binding);

    /** What must not be in text that goes to the server: it would end a line, or a field. */
    private static void check(String user) {
        boolean isBroken = user.isEmpty()
                || !Octets.isWellFormed(user)
                || user.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0 || c == 1);
        if (isBroken) {
            throw new IllegalArgumentException("not a login: " + Octets.printable(user));
        }
    }

    /** A login and its password. */
    final class Password implements Identity {
        private static final int NONCE_OCTETS = 24;

        private static final SecureRandom RANDOM = new SecureRandom();

        private final String user;
        private final String secret;
        private final @Nullable String preparedUser;
        private final @Nullable ScramPassword prepared;

        Password(String user, String secret) {
            check(user);
            if (secret.indexOf('\r') >= 0 || secret.indexOf('\n') >= 0) {
                throw new IllegalArgumentException("CR or LF in a password");
            }
            if (new SaslPlain("", user, secret).encode().length > SaslLine.MAX_MESSAGE) {
                throw new IllegalArgumentException("credentials too long");
            }
            this.user = user;
            this.secret = secret;
            this.preparedUser = SaslPrep.prepare(user).orElse(null);
            this.prepared = SaslPrep.prepare(secret).map(ScramPassword::new).orElse(null);
        }

        @Override
        public Set<Mechanism> mechanisms() {
            Set<Mechanism> all = EnumSet.of(Mechanism.CRAM_MD5, Mechanism.PLAIN, Mechanism.LOGIN);
            if (preparedUser != null && prepared != null) {
                all.addAll(EnumSet.range(Mechanism.SCRAM_SHA_256_PLUS, Mechanism.SCRAM_SHA_1));
            }
            return all;
        }

        @Override
        public SaslExchange exchange(Mechanism mechanism, String host, int port, ScramBinding binding) {
            return switch (mechanism) {
                case PLAIN -> new PlainExchange(user, secret);
                case LOGIN -> new LoginExchange(user, secret);
                case CRAM_MD5 -> new CramMd5Exchange(user, secret);
                case SCRAM_SHA_256_PLUS, SCRAM_SHA_1_PLUS, SCRAM_SHA_256, SCRAM_SHA_1 -> scram(mechanism, binding);
                case OAUTHBEARER, XOAUTH2, EXTERNAL -> throw new IllegalArgumentException(mechanism.saslName());
            };
        }

        private SaslExchange scram(Mechanism mechanism, ScramBinding binding) {
            ScramHash hash = ScramHash.of(mechanism);
            if (preparedUser == null || prepared == null || hash == null) {
                throw new IllegalArgumentException(mechanism.saslName());
            }
            byte[] nonce = new byte[NONCE_OCTETS];
            RANDOM.nextBytes(nonce);
            return new ScramExchange(
                    hash, preparedUser, prepared, binding, Base64.getEncoder().encodeToString(nonce));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Password that && user.equals(that.user) && secret.equals(that.secret);
        }

        @Override
        public int hashCode() {
            return 31 * user.hashCode() + secret.hashCode();
        }

        @Override
        public String toString() {
            return Octets.printable(user);
        }
    }

    /** A login, and where its tokens come from. */
    record Token(String user, TokenSupplier tokens) implements Identity {
        public Token {
            check(user);
            if (Octets.utf8(user).length > MAX_USER) {
                throw new IllegalArgumentException("credentials too long");
            }
        }

        /** So that token and host have room. */
        private static final int MAX_USER = 1024;

        @Override
        public Set<Mechanism> mechanisms() {
            return EnumSet.of(Mechanism.OAUTHBEARER, Mechanism.XOAUTH2);
        }

        @Override
        public SaslExchange exchange(Mechanism mechanism, String host, int port, ScramBinding binding) {
            return switch (mechanism) {
                case OAUTHBEARER -> TokenExchange.oauthBearer(user, host, port, tokens::token);
                case XOAUTH2 -> TokenExchange.xoauth2(user, tokens::token);
                default -> throw new IllegalArgumentException(mechanism.saslName());
            };
        }

        @Override
        public String toString() {
            return Octets.printable(user);
        }
    }

    /** The client's certificate. */
    record Certificate(ClientKey key) implements Identity {
        @Override
        public Set<Mechanism> mechanisms() {
            return EnumSet.of(Mechanism.EXTERNAL);
        }

        @Override
        public SaslExchange exchange(Mechanism mechanism, String host, int port, ScramBinding binding) {
            if (mechanism != Mechanism.EXTERNAL) {
                throw new IllegalArgumentException(mechanism.saslName());
            }
            return new ExternalExchange();
        }

        @Override
        public String toString() {
            return key.toString();
        }
    }
}
