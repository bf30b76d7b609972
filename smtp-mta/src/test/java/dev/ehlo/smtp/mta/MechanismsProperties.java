package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.client.sasl.CramMd5Exchange;
import dev.ehlo.smtp.client.sasl.LoginExchange;
import dev.ehlo.smtp.client.sasl.PlainExchange;
import dev.ehlo.smtp.client.sasl.SaslExchange;
import dev.ehlo.smtp.client.sasl.ScramBinding;
import dev.ehlo.smtp.client.sasl.ScramExchange;
import dev.ehlo.smtp.client.sasl.ScramPassword;
import dev.ehlo.smtp.client.sasl.TokenExchange;
import dev.ehlo.smtp.sasl.SaslPrep;
import dev.ehlo.smtp.sasl.ScramHash;
import dev.ehlo.smtp.server.Authenticator;
import dev.ehlo.smtp.server.ScramCredential;
import dev.ehlo.smtp.server.ScramKey;
import dev.ehlo.smtp.server.sasl.SaslChannel;
import dev.ehlo.smtp.server.sasl.SaslMechanisms;
import dev.ehlo.smtp.server.sasl.SaslStep;
import dev.ehlo.smtp.tls.ChannelBinding;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The two sides of each mechanism, of modules that know nothing of one another, in one dialogue. */
class MechanismsProperties {
    private static final byte[] EXPORTED = {4, 7, 1, 1};

    @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
    void agreeOnWhoIsLetIn(
            @ForAll("mechanisms") Mechanism mechanism,
            @ForAll("names") String login,
            @ForAll("names") String password,
            @ForAll("names") String typed,
            @ForAll boolean isRight) {
        Assume.that(SaslPrep.prepare(login).isPresent()
                && SaslPrep.prepare(password).isPresent());
        String given = isRight ? password : typed;
        Assume.that(SaslPrep.prepare(given).isPresent());
        boolean isSame = SaslPrep.prepare(given).equals(SaslPrep.prepare(password));
        Knowing logins = new Knowing(
                SaslPrep.prepare(login).orElseThrow(),
                SaslPrep.prepare(password).orElseThrow(),
                mechanism);
        SaslExchange client = client(mechanism, SaslPrep.prepare(login).orElseThrow(), given);
        Optional<String> identity = new Dialogue(logins, mechanism).run(client);
        assertThat(identity).isEqualTo(isSame ? Optional.of("canonical") : Optional.empty());
        assertThat(client.isComplete() || identity.isEmpty()).isTrue();
    }

    private static SaslExchange client(Mechanism mechanism, String login, String secret) {
        String prepared = SaslPrep.prepare(secret).orElseThrow();
        return switch (mechanism) {
            case SCRAM_SHA_256_PLUS, SCRAM_SHA_1_PLUS, SCRAM_SHA_256, SCRAM_SHA_1 ->
                new ScramExchange(
                        Objects.requireNonNull(ScramHash.of(mechanism)),
                        login,
                        new ScramPassword(prepared),
                        mechanism.isBound()
                                ? ScramBinding.to(ChannelBinding.TLS_EXPORTER, EXPORTED)
                                : ScramBinding.NONE,
                        "c-nonce");
            case OAUTHBEARER ->
                TokenExchange.oauthBearer(
                        login, "mx.example.org", 587, last -> CompletableFuture.completedFuture(token(prepared)));
            case XOAUTH2 -> TokenExchange.xoauth2(login, last -> CompletableFuture.completedFuture(token(prepared)));
            case CRAM_MD5 -> new CramMd5Exchange(login, prepared);
            case PLAIN -> new PlainExchange(login, secret);
            case LOGIN -> new LoginExchange(login, secret);
            case EXTERNAL -> throw new AssertionError("has no secret");
        };
    }

    /** Of characters that a token may have. */
    private static String token(String secret) {
        return "t" + Integer.toHexString(secret.hashCode());
    }

    @Provide
    Arbitrary<Mechanism> mechanisms() {
        return Arbitraries.of(EnumSet.complementOf(EnumSet.of(Mechanism.EXTERNAL)));
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.strings().ofMinLength(1).ofMaxLength(12).withChars("abc=, \u00e4\u2126\u00ad\u65e5");
    }

    /** One dialogue, with the questions of both sides answered on the spot. */
    private static final class Dialogue implements SaslChannel {
        private final dev.ehlo.smtp.server.sasl.SaslExchange server;

        Dialogue(Authenticator logins, Mechanism mechanism) {
            SaslMechanisms all = new SaslMechanisms(logins, "mx.example.org", new byte[16], () -> "s-nonce");
            server = Objects.requireNonNull(all.begin(mechanism, this));
        }

        Optional<String> run(SaslExchange client) {
            dev.ehlo.smtp.client.sasl.SaslStep said = client.begin();
            SaslStep step;
            if (said instanceof dev.ehlo.smtp.client.sasl.SaslStep.Listen) {
                step = server.begin();
            } else {
                step = server.take(message(client, said));
            }
            for (int lines = 0; lines < 5; lines++) {
                while (step instanceof SaslStep.Ask<?> ask) {
                    step = answered(ask);
                }
                if (step instanceof SaslStep.Accepted accepted) {
                    return Optional.of(accepted.identity());
                }
                if (!(step instanceof SaslStep.Challenge challenge)) {
                    assertThat(step).isInstanceOf(SaslStep.Refused.class);
                    return Optional.empty();
                }
                byte[] answer = message(client, client.answer(challenge.message()));
                if (challenge.isDenial()) {
                    return Optional.empty();
                }
                step = server.take(answer);
            }
            throw new AssertionError("a dialogue without end");
        }

        private static <T> SaslStep answered(SaslStep.Ask<T> ask) {
            try {
                return ask.answered().apply(ask.question().call());
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        private static byte[] message(SaslExchange client, dev.ehlo.smtp.client.sasl.SaslStep step) {
            if (step instanceof dev.ehlo.smtp.client.sasl.SaslStep.Ask ask) {
                byte[] answer = ask.question().get().toCompletableFuture().join();
                return message(client, client.answered(answer));
            }
            assertThat(step).isInstanceOf(dev.ehlo.smtp.client.sasl.SaslStep.Say.class);
            return ((dev.ehlo.smtp.client.sasl.SaslStep.Say) step).message();
        }

        @Override
        public boolean isBindable() {
            return true;
        }

        @Override
        public Optional<ChannelBinding> binding(String type) {
            return type.equals(ChannelBinding.TLS_EXPORTER)
                    ? Optional.of(new ChannelBinding(type, EXPORTED))
                    : Optional.empty();
        }

        @Override
        public List<X509Certificate> certificates() {
            return List.of();
        }
    }

    /** Knows one login, by whatever mechanism. */
    private record Knowing(String login, String password, Mechanism mechanism) implements Authenticator {
        @Override
        public Set<Mechanism> mechanisms() {
            return EnumSet.allOf(Mechanism.class);
        }

        @Override
        public String canonical(String given) {
            return given.equals(login) ? "canonical" : given;
        }

        @Override
        public Optional<String> authenticate(String given, String secret) {
            return verdict(given.equals(login) && secret.equals(password));
        }

        @Override
        public Optional<ScramCredential> scram(String given, Mechanism asked) {
            ScramCredential credential = new ScramCredential("canonical", asked, new byte[] {1, 2}, 4096, List.of());
            return given.equals(login) ? Optional.of(credential.with(ScramKey.OWN, password)) : Optional.empty();
        }

        @Override
        public Optional<String> token(String given, String token) {
            return verdict(given.equals(login) && token.equals(MechanismsProperties.token(password)));
        }

        @Override
        public Optional<String> secret(String given) {
            return given.equals(login) ? Optional.of(password) : Optional.empty();
        }

        private static Optional<String> verdict(boolean isRight) {
            return isRight ? Optional.of("canonical") : Optional.empty();
        }
    }
}
