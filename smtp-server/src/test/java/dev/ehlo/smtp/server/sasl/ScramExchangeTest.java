package dev.ehlo.smtp.server.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.server.Authenticator;
import dev.ehlo.smtp.server.ScramCredential;
import dev.ehlo.smtp.server.session.Logins;
import dev.ehlo.smtp.tls.ChannelBinding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients, and those between, may try with SCRAM. The names begin with the attack's number in the list of attacks. */
class ScramExchangeTest {
    private static final byte[] NOTHING = {};
    private static final byte[] EXPORTED = "exported".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HASHED = "hashed".getBytes(StandardCharsets.US_ASCII);
    private static final List<ChannelBinding> BOTH = List.of(
            new ChannelBinding(ChannelBinding.TLS_EXPORTER, EXPORTED),
            new ChannelBinding(ChannelBinding.TLS_SERVER_END_POINT, HASHED));

    private static Talk talk(Mechanism mechanism, List<ChannelBinding> bindings) {
        return new Talk(Logins.ALL, mechanism, "server", bindings);
    }

    private static Talk unbound() {
        return talk(Mechanism.SCRAM_SHA_256, List.of());
    }

    private static ReferenceClient client(String login, String password, String header, byte[] binding) {
        return new ReferenceClient("SHA-256", login, password, "client", header, binding);
    }

    private static String verdict(Talk talk, ReferenceClient client) {
        String challenge = talk.say(client.first());
        if (!challenge.startsWith("r=")) {
            return challenge;
        }
        String signature = talk.say(client.last(challenge));
        if (!signature.startsWith("v=")) {
            return signature;
        }
        assertThat(signature).isEqualTo(client.signature());
        return talk.say("");
    }

    @Test
    void takesEachPasswordOfALoginAndSignsByIt() {
        assertThat(verdict(unbound(), client("alice", "secret", "n,,", NOTHING)))
                .isEqualTo("accepted: alice");
        assertThat(verdict(unbound(), client("alice", "of the phone", "n,,", NOTHING)))
                .isEqualTo("accepted: alice");
        assertThat(verdict(unbound(), client("alice", "guess", "n,,", NOTHING))).isEqualTo("refused");
    }

    @Test
    void takesWhateverBindingTheClientNamesIfThereIsOne() {
        for (Mechanism mechanism : List.of(Mechanism.SCRAM_SHA_256_PLUS, Mechanism.SCRAM_SHA_1_PLUS)) {
            String digest = mechanism == Mechanism.SCRAM_SHA_1_PLUS ? "SHA-1" : "SHA-256";
            for (ChannelBinding binding : BOTH) {
                String header = "p=" + binding.type() + ",,";
                ReferenceClient client =
                        new ReferenceClient(digest, "alice", "secret", "client", header, binding.data());
                assertThat(verdict(talk(mechanism, BOTH), client)).isEqualTo("accepted: alice");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "SCRAM_SHA_256_PLUS n,,",
                "SCRAM_SHA_256_PLUS y,,",
                "SCRAM_SHA_256_PLUS p=tls-unique,,",
                "SCRAM_SHA_256 y,,",
                "SCRAM_SHA_256 p=tls-exporter,,",
                "SCRAM_SHA_1 y,,",
                "SCRAM_SHA_1_PLUS n,,"
            })
    void g30RefusesADowngrade(Mechanism mechanism, String header) {
        assertThat(talk(mechanism, BOTH).say(header + "n=alice,r=client")).isEqualTo("refused");
    }

    @Test
    void g30BelievesThatBindingWasNotOfferedWhereItWasNot() {
        assertThat(verdict(unbound(), client("alice", "secret", "y,,", NOTHING)))
                .isEqualTo("accepted: alice");
        assertThat(verdict(talk(Mechanism.SCRAM_SHA_256, BOTH), client("alice", "secret", "n,,", NOTHING)))
                .isEqualTo("accepted: alice");
    }

    @Test
    void g30RefusesABindingToAnotherConnection() {
        Talk talk = talk(Mechanism.SCRAM_SHA_256_PLUS, BOTH);
        assertThat(verdict(talk, client("alice", "secret", "p=tls-exporter,,", HASHED)))
                .isEqualTo("refused");
    }

    @Test
    void g30RefusesAHeaderThatChangesOnTheWay() {
        Talk talk = talk(Mechanism.SCRAM_SHA_256, List.of());
        ReferenceClient client = client("alice", "secret", "y,,", NOTHING);
        // Somebody between says n where the client says y.
        String challenge = talk.say(client.first().replace("y,,", "n,,"));
        assertThat(talk.say(client.last(challenge))).isEqualTo("refused");
    }

    @ParameterizedTest
    @ValueSource(strings = {"r=client", "r=clientserve", "r=", "r=clientserverr", "r=server"})
    void g30RefusesATruncatedNonce(String nonce) {
        ReferenceClient client = client("alice", "secret", "n,,", NOTHING);
        Talk talk = unbound();
        String challenge = talk.say(client.first());
        String last = client.last(challenge.replaceFirst("r=[^,]*", nonce));
        assertThat(talk.say(last)).isEqualTo("refused");
    }

    @Test
    void g30ActsForNobodyElse() {
        assertThat(verdict(unbound(), client("alice", "secret", "n,a=bob,", NOTHING)))
                .isEqualTo("refused");
        assertThat(verdict(unbound(), client("alice", "secret", "n,a=alice,", NOTHING)))
                .isEqualTo("accepted: alice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "n,,",
                "n,,n=alice",
                "n,,n=alice,r=",
                "n,,n=,r=client",
                "n,,r=client,n=alice",
                "n,,m=x,n=alice,r=client",
                "n,,n=alice,r=cli ent",
                "n,,n=al=ice,r=client",
                "n,,n=alice,r=client,",
                "n,,n=alice,r=client,x",
                "n,alice,n=alice,r=client",
                "n,a=,n=alice,r=client",
                "p=,,n=alice,r=client",
                "x,,n=alice,r=client",
                "n=alice,r=client",
                "n,,n=al\u0000ice,r=client"
            })
    void refusesWhatIsNoFirstMessage(String message) {
        assertThat(unbound().say(message)).isEqualTo("malformed");
    }

    @Test
    void sendsNoLongNonceBack() {
        String longest = "x".repeat(ScramOpening.MAX_NONCE);
        assertThat(unbound().say("n,,n=alice,r=" + longest)).startsWith("r=" + longest + "server,");
        assertThat(unbound().say("n,,n=alice,r=x" + longest)).isEqualTo("malformed");
    }

    @Test
    void knowsNoLoginThatIsTooLongOrCannotBePrepared() {
        String longest = "x".repeat(SaslText.MAX_LOGIN);
        assertThat(unbound().say("n,,n=" + longest + ",r=client")).startsWith("r=");
        assertThat(unbound().say("n,,n=x" + longest + ",r=client")).isEqualTo("refused");
        assertThat(unbound().say("n,,n=al\u0007ice,r=client")).isEqualTo("refused");
        // One character of three octets for each of those before it is prepared.
        assertThat(unbound().say("n,,n=" + "\u2126".repeat(SaslText.MAX_LOGIN / 2) + ",r=client"))
                .isEqualTo("refused");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "c=biws", "c=biws,r=clientserver", "c=biws,r=clientserver,p=", "c=biws,p=AAAA"})
    void refusesWhatIsNoProof(String message) {
        Talk talk = unbound();
        talk.say("n,,n=alice,r=client");
        assertThat(talk.say(message)).isIn("malformed", "refused");
    }

    @Test
    void g30RefusesAProofOfAnotherLengthOrInBrokenBase64() {
        for (String proof : List.of("AAA", "AAAA", "A".repeat(43), "A".repeat(44), "A".repeat(43) + "=", "!!!!")) {
            Talk talk = unbound();
            talk.say("n,,n=alice,r=client");
            assertThat(talk.say("c=biws,r=clientserver,p=" + proof)).isIn("malformed", "refused");
        }
    }

    @Test
    void refusesAProofThatIsNotInTheLastPlaceAndIgnoresWhatItDoesNotKnow() {
        ReferenceClient client = client("alice", "secret", "n,,", NOTHING);
        Talk talk = unbound();
        String last = client.last(talk.say("n,,n=alice,r=client,z=what"));
        assertThat(talk.say(last + ",x=1")).isEqualTo("malformed");
    }

    @Test
    void wantsNothingMoreOnceItHasSigned() {
        ReferenceClient client = client("alice", "secret", "n,,", NOTHING);
        Talk talk = unbound();
        assertThat(talk.say(client.last(talk.say(client.first())))).startsWith("v=");
        assertThat(talk.say("more")).isEqualTo("malformed");
    }

    @Test
    void g30LeadsTheSameDialogueWithALoginThatDoesNotExist() {
        String known = unbound().say("n,,n=alice,r=client");
        String unknown = unbound().say("n,,n=nobody,r=client");
        assertThat(unknown).isEqualTo(unbound().say("n,,n=nobody,r=client"));
        assertThat(unknown).isEqualTo(unbound().say("n,,n=NOBODY,r=client"));
        assertThat(unknown.length()).isEqualTo(known.length());
        assertThat(unknown).endsWith(known.substring(known.lastIndexOf(",i=")));
        Set<String> salts = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            salts.add(unbound().say("n,,n=nobody" + i + ",r=client").replaceFirst(".*,s=([^,]*),.*", "$1"));
        }
        assertThat(salts).hasSize(100).allMatch(salt -> Base64.getDecoder().decode(salt).length == 16);
        assertThat(verdict(unbound(), client("nobody", "secret", "n,,", NOTHING)))
                .isEqualTo("refused");
        // Of each hash another, as those who exist have it.
        assertThat(talk(Mechanism.SCRAM_SHA_1, List.of()).say("n,,n=nobody,r=client"))
                .isNotEqualTo(unknown);
    }

    @Test
    void tellsAnotherSaltByAnotherSecret() throws IOException {
        ScramBook here = new ScramBook(Logins.ALL, Mechanism.SCRAM_SHA_256, new byte[16], () -> "");
        ScramBook there = new ScramBook(Logins.ALL, Mechanism.SCRAM_SHA_256, new byte[] {1}, () -> "");
        assertThat(salt(here)).isNotEqualTo(salt(there)).isEqualTo(salt(here));
    }

    private static byte[] salt(ScramBook book) throws IOException {
        return book.credential("nobody").salt();
    }

    @Test
    void isAskedAnotherTimeWhereNothingCanBeTold() {
        assertThat(unbound().say("n,,n=broken,r=client")).isEqualTo("failed");
    }

    @Test
    void takesNoKeysOfAnotherHash() {
        Authenticator confused = new Authenticator() {
            @Override
            public Optional<String> authenticate(String login, String password) {
                return Optional.empty();
            }

            @Override
            public Optional<ScramCredential> scram(String login, Mechanism mechanism) {
                return Optional.of(new ScramCredential("alice", Mechanism.SCRAM_SHA_1, new byte[1], 1, List.of()));
            }
        };
        ScramBook book = new ScramBook(confused, Mechanism.SCRAM_SHA_256, new byte[16], () -> "");
        assertThatThrownBy(() -> book.credential("alice")).isInstanceOf(IllegalStateException.class);
    }
}
