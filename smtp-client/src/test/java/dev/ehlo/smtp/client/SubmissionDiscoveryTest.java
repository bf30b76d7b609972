package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.testkit.ScriptedPeer;
import dev.ehlo.smtp.testkit.TestCertificate;
import dev.ehlo.smtp.tls.ClientTrust;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubmissionDiscoveryTest extends SmtpClientRig {
    private static final SrvAnswer NONE = new SrvAnswer.None();

    @TempDir
    Path directory;

    @Test
    void prefersTlsFromTheFirstOctetAndThenPriority() throws Exception {
        SrvAnswer implicit =
                targets(false, new SrvTarget("b.example.org", 465, 20, 0), new SrvTarget("a.example.org", 2465, 10, 0));
        SrvAnswer startTls = targets(false, new SrvTarget("c.example.org", 587, 0, 0));
        assertThat(find("user.example.org", answering(NONE, NONE))).isEmpty();
        assertThat(find("example.org", answering(implicit, startTls)))
                .extracting(each -> each + " " + each.certified())
                .containsExactly(
                        "a.example.org:2465 IMPLICIT a.example.org",
                        "b.example.org:465 IMPLICIT b.example.org",
                        "c.example.org:587 STARTTLS c.example.org");
    }

    @Test
    void judgesAHostOfAnotherDomainByTheUsersUnlessItIsProvenOrConfirmed() throws Exception {
        SrvTarget elsewhere = new SrvTarget("Smtp.Provider.Example", 465, 0, 0);
        SrvResolver unsigned = answering(targets(false, elsewhere), NONE);
        assertThat(find("Example.ORG", unsigned).get(0).certified()).isEqualTo("example.org");
        assertThat(find("example.org", answering(targets(true, elsewhere), NONE))
                        .get(0)
                        .certified())
                .isEqualTo("smtp.provider.example");
        assertThat(SubmissionDiscovery.by(unsigned)
                        .confirming("smtp.provider.example"::equals)
                        .of("example.org")
                        .toCompletableFuture()
                        .get(10, TimeUnit.SECONDS)
                        .get(0)
                        .certified())
                .isEqualTo("smtp.provider.example");
        SrvAnswer alike = targets(false, new SrvTarget("notexample.org", 465, 0, 0));
        assertThat(find("example.org", answering(alike, NONE)).get(0).certified())
                .isEqualTo("example.org");
    }

    @Test
    void tellsNothingThereFromNotKnown() throws Exception {
        SrvAnswer failure = new SrvAnswer.TemporaryFailure();
        SrvAnswer one = targets(false, new SrvTarget("a.example.org", 587, 0, 0));
        assertThat(find("example.org", answering(new SrvAnswer.NotAvailable(), NONE)))
                .isEmpty();
        assertThat(find("example.org", answering(failure, one))).hasSize(1);
        assertThatThrownBy(() -> find("example.org", answering(failure, NONE)))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class);
        assertThatThrownBy(() -> find("example.org", (service, domain) -> {
                    throw new IllegalStateException("broken");
                }))
                .hasCauseInstanceOf(IOException.class);
    }

    @Test
    void passesOverWhatIsNoHostAndTellsNoMoreThanTen() throws Exception {
        SrvTarget[] many = new SrvTarget[12];
        for (int i = 0; i < many.length; i++) {
            many[i] = i == 0 ? new SrvTarget("a.example.org", 0, 0, 0) : new SrvTarget("a.example.org", i, i, 0);
        }
        List<Smarthost> found = find("example.org", answering(targets(false, many), NONE));
        assertThat(found).hasSize(10).allMatch(each -> each.port() > 0);
        client.to(found);
    }

    @Test
    void givesThePasswordToNoHostThatAForgedAnswerNames() throws Exception {
        try (ScriptedPeer evil = ScriptedPeer.builder()
                .implicitTls(CERTIFICATE.serverContext())
                .login("user", "secret")
                .start()) {
            SrvResolver forged = answering(targets(false, new SrvTarget("localhost", evil.port(), 0, 0)), NONE);
            DeliveryReport report = deliver(login(find("example.org", forged), CERTIFICATE));
            assertThat(statuses(report)).containsOnly(DeliveryStatus.NOT_SENT);
            assertThat(reply(report)).contains("not for example.org");
            assertThat(evil.commands()).isEmpty();
        }
    }

    @Test
    void deliversToAHostOfAnotherDomainThatHasTheUsersCertificate() throws Exception {
        TestCertificate hosted = TestCertificate.selfSigned("example.org");
        try (ScriptedPeer peer = ScriptedPeer.builder()
                .implicitTls(hosted.serverContext())
                .login("user", "secret")
                .start()) {
            SrvResolver dns = answering(targets(false, new SrvTarget("localhost", peer.port(), 0, 0)), NONE);
            assertThat(statuses(deliver(login(find("example.org", dns), hosted))))
                    .containsOnly(DeliveryStatus.RELAYED);
        }
    }

    private Smarthost login(List<Smarthost> found, TestCertificate certificate) throws IOException {
        Path file = directory.resolve("chain.pem");
        certificate.writePem(file, directory.resolve("key.pem"));
        return found.get(0).trust(ClientTrust.pem(file)).login("user", "secret");
    }

    private static List<Smarthost> find(String domain, SrvResolver resolver) throws Exception {
        return SubmissionDiscovery.by(resolver)
                .random(new Random(1))
                .of(domain)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }

    private static SrvAnswer targets(boolean isSecure, SrvTarget... targets) {
        return new SrvAnswer.Targets(List.of(targets), isSecure);
    }

    private static SrvResolver answering(SrvAnswer submissions, SrvAnswer submission) {
        Map<String, SrvAnswer> answers =
                Map.of(SrvResolver.SUBMISSIONS, submissions, SrvResolver.SUBMISSION, submission);
        return (service, domain) -> CompletableFuture.completedFuture(answers.get(service));
    }
}
