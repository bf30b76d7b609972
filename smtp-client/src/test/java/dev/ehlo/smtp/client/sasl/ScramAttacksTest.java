package dev.ehlo.smtp.client.sasl;

import static dev.ehlo.smtp.client.sasl.SaslVectorsTest.octets;
import static dev.ehlo.smtp.client.sasl.SaslVectorsTest.said;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.sasl.ScramHash;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a hostile server may say to a client that begins SCRAM. */
class ScramAttacksTest {
    private static final String GOOD = "r=clientserver,s=QSXCR+Q6sek8bf92,i=4096";

    private final ScramPassword password = new ScramPassword("pencil");
    private final ScramExchange client =
            new ScramExchange(ScramHash.SHA_256, "user", password, ScramBinding.NONE, "client");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "r=clien,s=QSXCR+Q6sek8bf92,i=4096 | nonce",
                "r=client,s=QSXCR+Q6sek8bf92,i=4096 | nonce",
                "r=serverclient,s=QSXCR+Q6sek8bf92,i=4096 | nonce",
                "r=client server,s=QSXCR+Q6sek8bf92,i=4096 | nonce",
                "r=client\u00e4,s=QSXCR+Q6sek8bf92,i=4096 | nonce",
                "r=,s=QSXCR+Q6sek8bf92,i=4096 | nonce",
                "r=clientserver,s=,i=4096 | salt",
                "r=clientserver,s=QSXCR,i=4096 | salt",
                "r=clientserver,s=QSX*,i=4096 | salt",
                "r=clientserver,s=QSXCR+Q6sek8bf92,i=1 | 1 iterations",
                "r=clientserver,s=QSXCR+Q6sek8bf92,i=4095 | 4095 iterations",
                "r=clientserver,s=QSXCR+Q6sek8bf92,i=2000001 | 2000001 iterations",
                "r=clientserver,s=QSXCR+Q6sek8bf92,i=4294971392 | 4294971392 iterations",
                "r=clientserver,s=QSXCR+Q6sek8bf92,i=99999999999999999999 | iterations",
                "r=clientserver,s=QSXCR+Q6sek8bf92,i=-4096 | iterations",
                "r=clientserver,s=QSXCR+Q6sek8bf92,i=04096 | iterations",
                "r=clientserver,s=QSXCR+Q6sek8bf92,i= | iterations",
                "r=clientserver,s=QSXCR+Q6sek8bf92 | none of SCRAM",
                "s=QSXCR+Q6sek8bf92,r=clientserver,i=4096 | none of SCRAM",
                "m=x,r=clientserver,s=QSXCR+Q6sek8bf92,i=4096 | extension",
                "x | none of SCRAM",
                "'' | none of SCRAM",
                ",,,,, | none of SCRAM"
            })
    void givesUpBeforeItComputesAnything(String challenge, String why) {
        client.begin();
        SaslStep step = client.answer(octets(challenge));
        assertThat(step).isInstanceOf(SaslStep.GiveUp.class);
        assertThat(((SaslStep.GiveUp) step).why()).contains(why);
        assertThat(client.isComplete()).isFalse();
        assertThat(client.answer(octets(GOOD))).isInstanceOf(SaslStep.GiveUp.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "v=",
                "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "v=*",
                "x=1",
                "",
                "r=clientserver,s=QSXCR+Q6sek8bf92,i=4096"
            })
    void doesNotTakeAServerThatCanNotProveThatItKnowsThePassword(String verdict) {
        client.begin();
        said(client, client.answer(octets(GOOD)));
        assertThat(client.answer(octets(verdict))).isInstanceOf(SaslStep.GiveUp.class);
        assertThat(client.isComplete()).isFalse();
    }

    @Test
    void doesNotTakeTheSignatureOfAnotherPassword() {
        ReferenceScram thief = new ReferenceScram("SHA-256", "user", "guess", new byte[] {1}, 4096, new byte[0]);
        String challenge = thief.first(said(client, client.begin()), "server");
        assertThat(thief.last(said(client, client.answer(octets(challenge))))).isEqualTo("e=invalid-proof");
    }

    @Test
    void isNotCompleteBeforeTheServerHasProvedItself() {
        assertThat(client.isComplete()).isFalse();
        client.begin();
        assertThat(client.isComplete()).isFalse();
        said(client, client.answer(octets(GOOD)));
        assertThat(client.isComplete()).isFalse();
    }

    @Test
    void leavesAnErrorOfTheServersToItsRefusalAndIsNeverCompleteAfterIt() {
        client.begin();
        said(client, client.answer(octets(GOOD)));
        assertThat(said(client, client.answer(octets("e=invalid-proof")))).isEmpty();
        assertThat(client.isComplete()).isFalse();
        assertThat(client.answer(octets("v=x"))).isInstanceOf(SaslStep.GiveUp.class);
    }

    @Test
    void hasNothingToSayToAThirdChallenge() {
        ReferenceScram server = new ReferenceScram("SHA-256", "user", "pencil", new byte[] {1}, 4096, new byte[0]);
        String challenge = server.first(said(client, client.begin()), "server");
        said(client, client.answer(octets(server.last(said(client, client.answer(octets(challenge)))))));
        assertThat(client.isComplete()).isTrue();
        assertThat(client.answer(octets("v=x"))).isInstanceOf(SaslStep.GiveUp.class);
    }

    @Test
    void doesTheWorkOfASaltOnce() {
        client.begin();
        SaslStep first = client.answer(octets(GOOD));
        assertThat(first).isInstanceOf(SaslStep.Ask.class);
        String proof = said(client, first);
        ScramExchange next = new ScramExchange(ScramHash.SHA_256, "user", password, ScramBinding.NONE, "client");
        next.begin();
        SaslStep known = next.answer(octets(GOOD));
        assertThat(known).isInstanceOf(SaslStep.Say.class);
        assertThat(said(next, known)).isEqualTo(proof);
        ScramExchange other = new ScramExchange(ScramHash.SHA_1, "user", password, ScramBinding.NONE, "client");
        other.begin();
        assertThat(other.answer(octets(GOOD))).isInstanceOf(SaslStep.Ask.class);
    }

    @Test
    void givesUpWhereTheProofCanNotBeMade() {
        client.begin();
        client.answer(octets(GOOD));
        assertThat(client.answered(null)).isInstanceOf(SaslStep.GiveUp.class);
        SaslStep.Ask refused = new SaslStep.Ask(() -> CompletableFuture.completedStage(new byte[0]));
        assertThat(refused.by(task -> {
                    throw new RejectedExecutionException();
                }))
                .isCompletedExceptionally();
    }
}
