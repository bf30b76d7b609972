package dev.ehlo.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Mechanism;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScramCredentialTest {
    /** The example of RFC 7677 §3: user "user", password "pencil". */
    private static final String EXAMPLE = "{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,"
            + "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    private static final Random RANDOM = new Random(7);

    @Test
    void takesThePasswordOfTheExampleOnly() {
        ScramCredential user = ScramCredential.parse("user", EXAMPLE);
        assertThat(user.keyOf("pencil")).contains(ScramKey.OWN);
        assertThat(user.keyOf("pencils")).isEmpty();
        assertThat(user.keyOf("")).isEmpty();
        assertThat(user.encode()).isEqualTo(EXAMPLE);
        assertThat(user.identity()).isEqualTo("user");
        assertThat(user.iterations()).isEqualTo(4096);
    }

    @Test
    void keepsSeveralPasswordsUnderOneSalt() {
        ScramCredential user = ScramCredential.parse("user", EXAMPLE)
                .with("phone", "one two")
                .with("tablet", "three")
                .without("none");
        assertThat(user.keyOf("pencil")).contains("");
        assertThat(user.keyOf("one two")).contains("phone");
        assertThat(user.keyOf("three")).contains("tablet");
        assertThat(user.encode()).startsWith(EXAMPLE + ",phone,");
        assertThat(ScramCredential.parse("user", user.encode())).isEqualTo(user);
        assertThat(user.without("phone").keyOf("one two")).isEmpty();
        assertThat(user.with("phone", "four").keyOf("one two")).isEmpty();
    }

    @Test
    void needsNoPasswordOfTheLoginItself() {
        ScramCredential user = ScramCredential.parse("user", EXAMPLE);
        ScramCredential phone = user.without(ScramKey.OWN).with("phone", "one");
        assertThat(ScramCredential.parse("user", phone.encode()).keyOf("one")).contains("phone");
        assertThat(phone.keyOf("pencil")).isEmpty();
        assertThat(phone.with(ScramKey.OWN, "pencil").encode()).startsWith(EXAMPLE);
        assertThat(ScramCredential.parse("user", user.without(ScramKey.OWN).encode())
                        .keys())
                .isEmpty();
    }

    @Test
    void drawsASaltForEachLogin() {
        ScramCredential one = ScramCredential.empty("one", RANDOM);
        assertThat(one.salt())
                .hasSize(ScramCredential.SALT_OCTETS)
                .isNotEqualTo(ScramCredential.empty("two", RANDOM).salt());
        assertThat(one.iterations()).isEqualTo(ScramCredential.ITERATIONS).isGreaterThanOrEqualTo(4096);
        assertThat(ScramCredential.of("one", "secret", RANDOM).keyOf("secret")).isPresent();
    }

    @Test
    void preparesPasswordsAsClientsDo() {
        ScramCredential user = ScramCredential.parse("user", EXAMPLE).with("a", "p\u00e4ss\u00a0word");
        assertThat(user.keyOf("pa\u0308ss word")).contains("a");
        for (String password : List.of("", "a\tb", "a\u0000", "\ud800")) {
            assertThatThrownBy(() -> user.with("b", password)).isInstanceOf(IllegalArgumentException.class);
            assertThat(user.keyOf(password)).isEmpty();
        }
    }

    @Test
    void keepsTheKeysOfScramSha1() {
        ScramCredential user = new ScramCredential(
                        "user", Mechanism.SCRAM_SHA_1, Base64.getDecoder().decode("QSXCR+Q6sek8bf92"), 4096, List.of())
                .with(ScramKey.OWN, "pencil");
        // Those of RFC 5802 §5, as its exchange is proved and signed by them.
        assertThat(user.encode())
                .isEqualTo(
                        "{SCRAM-SHA-1}4096,QSXCR+Q6sek8bf92,6dlGYMOdZcOPutkcNY8U2g7vK9Y=,D+CSWLOshSulAsxiupA+qs2/fTE=");
        assertThat(ScramCredential.parse("user", user.encode()).keyOf("pencil")).isPresent();
    }

    @Test
    void refusesMorePasswordsThanItMayHave() {
        ScramKey key = ScramCredential.parse("user", EXAMPLE).keys().get(0);
        List<ScramKey> most = IntStream.range(0, ScramCredential.MAX_KEYS)
                .mapToObj(i -> new ScramKey("k" + i, key.storedKey(), key.serverKey()))
                .toList();
        ScramCredential full = new ScramCredential("user", Mechanism.SCRAM_SHA_256, new byte[1], 1, most);
        assertThat(full.with("k3", "changed").keyOf("changed")).contains("k3");
        assertThatThrownBy(() -> full.with("more", "x")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesWhatIsNoCredential() {
        String key = EXAMPLE.split(",", -1)[2];
        for (String word : List.of(
                "",
                "}",
                "secret",
                "{PLAIN}4096,YQ==",
                "{SCRAM-SHA-256-PLUS}4096,YQ==",
                "{SCRAM-SHA-256}",
                "{SCRAM-SHA-256}4096",
                "{SCRAM-SHA-256}4096,",
                "{SCRAM-SHA-256}0,YQ==",
                "{SCRAM-SHA-256}100000001,YQ==",
                "{SCRAM-SHA-256}x,YQ==",
                "{SCRAM-SHA-256}4096,=",
                "{SCRAM-SHA-256}4096,YQ==,YQ==,YQ==",
                "{SCRAM-SHA-1}4096,YQ==," + key + ',' + key,
                EXAMPLE + ',',
                EXAMPLE + ",phone," + key,
                EXAMPLE + ",a b," + key + ',' + key,
                EXAMPLE + ",," + key + ',' + key,
                EXAMPLE + ",a," + key + ',' + key + ",a," + key + ',' + key)) {
            assertThatThrownBy(() -> ScramCredential.parse("user", word))
                    .as(word)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining(key);
        }
    }

    @Test
    void showsNoKey() {
        ScramCredential user = ScramCredential.parse("us\ner", EXAMPLE).with("phone", "x");
        assertThat(user.toString()).contains("phone").doesNotContain("\n").doesNotContain(EXAMPLE.split(",", -1)[1]);
    }
}
