package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.NOT_SENT;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.sasl.ScramHash;
import dev.ehlo.smtp.testkit.Cutter;
import dev.ehlo.smtp.tls.ChannelBinding;
import dev.ehlo.smtp.tls.TlsMode;
import dev.ehlo.smtp.tls.TlsPolicy;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** AUTH, as sessions speak it with servers that do right, and that don't. */
class AuthenticationTest {
    private static final byte[] BOUND = {7, 8, 9};
    private static final Optional<ChannelBinding> EXPORTER =
            Optional.of(new ChannelBinding(ChannelBinding.TLS_EXPORTER, BOUND));
    private static final Optional<ChannelBinding> END_POINT =
            Optional.of(new ChannelBinding(ChannelBinding.TLS_SERVER_END_POINT, BOUND));
    private static final Credentials PASSWORD = Credentials.password("user", "pencil");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS | SCRAM-SHA-256-PLUS",
                "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-1-PLUS | SCRAM-SHA-1-PLUS",
                "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 | SCRAM-SHA-256",
                "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 | SCRAM-SHA-1",
                "PLAIN LOGIN CRAM-MD5 XOAUTH2 GSSAPI | CRAM-MD5",
                "login plain | PLAIN",
                "LOGIN | LOGIN"
            })
    void saysThePasswordByTheBestMechanismOnOffer(String offered, String chosen) {
        LineServer server = new LineServer().offering("AUTH " + offered).on("AUTH", "535 5.7.8 no\r\n");
        SessionRun.of(plan(PASSWORD), EXPORTER, server);
        assertThat(server.commands().get(1) + ' ').startsWith("AUTH " + chosen + ' ');
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-256", "SCRAM-SHA-1"})
    void logsInByScramAndSaysNoPassword(String mechanism) {
        LineServer server = new LineServer().offering("AUTH " + mechanism).answering(new SaslServer());
        SessionRun run = SessionRun.of(plan(PASSWORD), Optional.empty(), server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(String.join(" ", server.commands()))
                .doesNotContain("pencil", Base64.getEncoder().encodeToString("pencil".getBytes(UTF_8)));
    }

    @Test
    void logsInWhereverTheRepliesAreCut() {
        for (int at = 1; at < 60; at++) {
            int cut = at;
            LineServer server = new LineServer().offering("AUTH SCRAM-SHA-256").answering(new SaslServer());
            SessionRun run = SessionRun.of(
                    plan(PASSWORD),
                    TlsMode.IMPLICIT,
                    server,
                    said -> cut == 59
                            ? Cutter.octetByOctet(said)
                            : cut < said.length ? Cutter.at(said, cut) : List.of(said));
            assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        }
    }

    @Test
    void bindsTheLoginToTheConnectionWhereBothCan() {
        SaslServer sasl = new SaslServer(BOUND);
        LineServer server =
                new LineServer().offering("AUTH SCRAM-SHA-256-PLUS PLAIN").answering(sasl);
        assertThat(SessionRun.of(plan(PASSWORD), EXPORTER, server).statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(sasl.gs2Header).isEqualTo("p=tls-exporter,,");
    }

    @Test
    void doesNotLogInThroughSomebodyInBetween() {
        LineServer server = new LineServer()
                .offering("AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN")
                .answering(new SaslServer(new byte[] {1}));
        SessionRun run = SessionRun.of(plan(PASSWORD), EXPORTER, server);
        assertThat(run.notServed().reply().toString()).startsWith("535");
        assertThat(server.commands()).filteredOn(c -> c.startsWith("AUTH")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"true, 'y,,'", "false, 'n,,'"})
    void saysThatItCouldBindWhereTheServerIsNotHeardToOfferIt(boolean couldBind, String header) {
        SaslServer sasl = new SaslServer();
        LineServer server = new LineServer().offering("AUTH SCRAM-SHA-256").answering(sasl);
        SessionRun.of(plan(PASSWORD), couldBind ? EXPORTER : Optional.empty(), server);
        assertThat(sasl.gs2Header).isEqualTo(header);
    }

    @Test
    void doesNotSayThatTheServerCanNotBindWhereItCan() {
        SaslServer sasl = new SaslServer();
        LineServer server = new LineServer()
                .offering("AUTH SCRAM-SHA-256 SCRAM-SHA-256-PLUS")
                .answering(sasl);
        SessionRun.of(plan(PASSWORD.only(Mechanism.SCRAM_SHA_256)), EXPORTER, server);
        assertThat(sasl.gs2Header).isEqualTo("n,,");
    }

    @Test
    void logsInWithoutBindingWhereTheServerRefusesThatOfTheCertificateBeforeAnyProof() {
        SaslServer sasl = new SaslServer();
        LineServer server = new LineServer()
                .offering("AUTH SCRAM-SHA-1-PLUS SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN")
                .answering(line -> line.startsWith("AUTH SCRAM-SHA-256-PLUS")
                        ? Optional.of("535 5.7.8 no such binding\r\n")
                        : sasl.apply(line));
        SessionRun run = SessionRun.of(plan(PASSWORD), END_POINT, server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(sasl.gs2Header).isEqualTo("n,,");
        assertThat(auths(server)).containsExactly("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256");
    }

    @Test
    void doesNotGoOnFromARefusedBindingToAPasswordAsItIs() {
        LineServer server = new LineServer()
                .offering("AUTH SCRAM-SHA-256-PLUS CRAM-MD5 PLAIN")
                .on("AUTH", "535 5.7.8 no\r\n");
        SessionRun run = SessionRun.of(plan(PASSWORD), END_POINT, server);
        assertThat(run.notServed().status()).isEqualTo(DEFERRED);
        assertThat(auths(server)).containsExactly("SCRAM-SHA-256-PLUS");
    }

    @Test
    void doesNotTakeABindingOfTheConnectionBack() {
        LineServer server = new LineServer()
                .offering("AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN")
                .on("AUTH", "535 5.7.8 no\r\n");
        SessionRun.of(plan(PASSWORD), EXPORTER, server);
        assertThat(auths(server)).containsExactly("SCRAM-SHA-256-PLUS");
    }

    @Test
    void goesOnToTheNextMechanismWhereTheServerDoesNotHaveOneAfterAll() {
        LineServer server = new LineServer()
                .offering("AUTH SCRAM-SHA-256 CRAM-MD5 PLAIN")
                .on("AUTH", "504 5.5.4 unknown\r\n")
                .on("AUTH PLAIN", "235 2.7.0 ok\r\n");
        assertThat(SessionRun.of(plan(PASSWORD), EXPORTER, server).statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(auths(server)).containsExactly("SCRAM-SHA-256", "CRAM-MD5", "PLAIN");
    }

    @Test
    void isRefusedByTheLast504() {
        LineServer server = new LineServer().offering("AUTH PLAIN LOGIN").on("AUTH", "504 5.5.4 unknown\r\n");
        SessionRun run = SessionRun.of(plan(PASSWORD), EXPORTER, server);
        assertThat(run.notServed().reply().code()).isEqualTo(504);
        assertThat(auths(server)).containsExactly("PLAIN", "LOGIN");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "535 5.7.8 wrong",
                "534 5.7.9 too weak",
                "538 5.7.11 encrypt",
                "432 4.7.12 change it",
                "454 4.7.0 later",
                "530 5.7.0 what",
                "501 5.5.2 what"
            })
    void triesNoWeakerMechanismWithAPasswordThatWasRefused(String reply) {
        LineServer server = new LineServer()
                .offering("AUTH SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN")
                .on("AUTH", reply + "\r\n");
        SessionRun run = SessionRun.of(plan(PASSWORD), Optional.empty(), server);
        assertThat(run.notServed().status()).isEqualTo(DEFERRED);
        assertThat(run.notServed().phase()).isEqualTo(DeliveryPhase.AUTH);
        assertThat(run.notServed().reply().toString()).isEqualTo(reply);
        assertThat(server.commands()).hasSize(3).endsWith("QUIT");
    }

    @Test
    void isRefusedByAServerThatFindsTheProofWrong() {
        LineServer server =
                new LineServer().offering("AUTH SCRAM-SHA-256 PLAIN").answering(new SaslServer());
        SessionRun run = SessionRun.of(plan(Credentials.password("user", "pen")), Optional.empty(), server);
        assertThat(run.notServed().reply().toString()).isEqualTo("535 5.7.8 invalid-proof");
        assertThat(auths(server)).containsExactly("SCRAM-SHA-256");
    }

    @Test
    void sendsNoMailToAServerThatHasNotProvedItselfWhateverItSays() {
        SaslServer sasl = new SaslServer();
        LineServer early = new LineServer()
                .offering("AUTH SCRAM-SHA-256")
                .answering(line -> line.startsWith("AUTH") ? sasl.apply(line) : Optional.empty());
        SessionRun run = SessionRun.of(plan(PASSWORD), Optional.empty(), early);
        assertNotSent(run, "before it is");
        assertThat(early.commands()).noneMatch(c -> c.startsWith("MAIL"));
        LineServer atOnce =
                new LineServer().offering("AUTH SCRAM-SHA-256 LOGIN").on("AUTH", "235 2.7.0 ok\r\n");
        assertNotSent(SessionRun.of(plan(PASSWORD), Optional.empty(), atOnce), "before it is");
        assertNotSent(SessionRun.of(plan(PASSWORD.only(Mechanism.LOGIN)), Optional.empty(), atOnce), "before it is");
    }

    @ParameterizedTest
    @ValueSource(strings = {"235 2.7.0 welcome\r\n", "501 5.7.0 cancelled\r\n", "250 ok\r\n"})
    void cancelsWhereTheServersSignatureIsWrongAndBelievesNoSuccess(String reply) {
        SaslServer sasl = new SaslServer();
        LineServer server = new LineServer()
                .offering("AUTH SCRAM-SHA-256")
                .on("*", reply)
                .answering(line -> line.startsWith("AUTH")
                        ? sasl.apply(line)
                        : line.length() > 60 ? Optional.of(SaslServer.challenge("v=AAAA")) : Optional.empty());
        SessionRun run = SessionRun.of(plan(PASSWORD), Optional.empty(), server);
        assertNotSent(run, "does not know the password itself");
        assertThat(server.commands()).endsWith("*", "QUIT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"334 abc\r\n", "334 AAAAA\r\n", "334 *\r\n", "334 A===\r\n", "334-AAAA\r\n334 AAAA\r\n"})
    void cancelsOnWhatIsNotBase64(String challenge) {
        LineServer server =
                new LineServer().offering("AUTH CRAM-MD5").on("AUTH", challenge).on("*", "501 5.7.0 cancelled\r\n");
        assertNotSent(SessionRun.of(plan(PASSWORD), Optional.empty(), server), "not base64");
        assertThat(server.commands()).containsExactly("EHLO client.example", "AUTH CRAM-MD5", "*", "QUIT");
    }

    @ParameterizedTest
    @EnumSource(
            value = Mechanism.class,
            names = {"SCRAM_SHA_256", "CRAM_MD5", "PLAIN", "LOGIN"})
    void endsWhereChallengesDoNot(Mechanism mechanism) {
        LineServer server = new LineServer()
                .offering("AUTH " + mechanism.saslName())
                .answering(line -> line.startsWith("EHLO") || line.startsWith("QUIT")
                        ? Optional.empty()
                        : Optional.of("334 AAAA\r\n"));
        SessionRun run = SessionRun.of(plan(PASSWORD), Optional.empty(), server);
        assertThat(run.session.isOver()).isTrue();
        assertThat(run.notServed().reply().toString()).startsWith("451 4.5.0");
        assertThat(server.commands()).hasSizeLessThan(8).noneMatch(c -> c.startsWith("MAIL"));
    }

    @Test
    void takesNoChallengeAfterSuccess() {
        LineServer server = new LineServer().offering("AUTH PLAIN").on("AUTH", "235 2.7.0 ok\r\n334 AAAA\r\n");
        SessionRun run = SessionRun.of(plan(PASSWORD), Optional.empty(), server);
        assertThat(run.session.isOver()).isTrue();
        assertThat(run.statuses()).doesNotContain(RELAYED);
    }

    @Test
    void saysWhatWasOfferedWhereNothingIsShared() {
        LineServer server = new LineServer().offering("AUTH XOAUTH2 GSSAPI");
        SessionRun run = SessionRun.of(plan(PASSWORD.only(Mechanism.SCRAM_SHA_256)), Optional.empty(), server);
        assertNotSent(run, "offers AUTH by GSSAPI XOAUTH2");
        assertThat(run.notServed().reply().text()).contains("SCRAM-SHA-256").doesNotContain("pencil");
        assertThat(run.notServed().phase()).isEqualTo(DeliveryPhase.AUTH);
        assertNotSent(SessionRun.of(plan(PASSWORD), Optional.empty(), new LineServer()), "does not offer AUTH");
    }

    @Test
    void boundMechanismsAreNotSharedWhereThereIsNoBinding() {
        LineServer server = new LineServer().offering("AUTH SCRAM-SHA-256-PLUS");
        assertNotSent(SessionRun.of(plan(PASSWORD), Optional.empty(), server), "offers AUTH by SCRAM-SHA-256-PLUS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SCRAM-SHA-256", "CRAM-MD5", "PLAIN", "LOGIN", "XOAUTH2", "EXTERNAL"})
    void saysNothingInClearUnlessToldTo(String mechanism) {
        LineServer server = new LineServer().offering("AUTH " + mechanism);
        SessionRun run =
                SessionRun.of(Plans.plan(Plans.TO_TWO, TlsPolicy.none(), Plans.login(PASSWORD, false)), server);
        assertNotSent(run, "without TLS");
        assertThat(server.commands()).containsExactly("EHLO client.example", "QUIT");
    }

    @Test
    void answersCramMd5AndLogin() {
        LineServer cram = new LineServer()
                .offering("AUTH CRAM-MD5")
                .on("AUTH", SaslServer.challenge("<1896.697170952@postoffice.reston.mci.net>"))
                .on("dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw", "235 2.7.0 ok\r\n");
        assertThat(SessionRun.of(plan(Credentials.password("tim", "tanstaaftanstaaf")), Optional.empty(), cram)
                        .statuses())
                .containsExactly(RELAYED, RELAYED);
        LineServer login = new LineServer()
                .offering("AUTH LOGIN")
                .on("AUTH", SaslServer.challenge("Username:"))
                .on("dXNlcg==", SaslServer.challenge("Password:"))
                .on("cGVuY2ls", "235 2.7.0 ok\r\n");
        assertThat(SessionRun.of(plan(PASSWORD), Optional.empty(), login).statuses())
                .containsExactly(RELAYED, RELAYED);
    }

    @ParameterizedTest
    @EnumSource(
            value = Mechanism.class,
            names = {"EXTERNAL"},
            mode = EnumSource.Mode.EXCLUDE)
    void showsAListenerNoSecret(Mechanism mechanism) {
        List<String> told = new ArrayList<>();
        DialogueListener listener = new DialogueListener() {
            @Override
            public void sent(String line) {
                told.add(line);
            }

            @Override
            public void received(String line) {}
        };
        SaslServer sasl = new SaslServer(BOUND);
        LineServer server = new LineServer()
                .offering("AUTH " + mechanism.saslName())
                .answering(line -> ScramHash.of(mechanism) != null
                        ? sasl.apply(line)
                        : line.startsWith("EHLO") || line.startsWith("MAIL") || line.startsWith("QUIT")
                                ? Optional.empty()
                                : Optional.of(line.startsWith("AUTH") ? "334 \r\n" : "535 5.7.8 no\r\n"));
        Credentials credentials = mechanism.saslName().contains("AUTH")
                ? Credentials.token("user", "hunter2")
                : Credentials.password("user", "pencil");
        SessionRun.of(
                Plans.plan(
                        Plans.TO_TWO, Plans.CONTENT, TlsPolicy.required(), Plans.login(credentials, false), listener),
                EXPORTER,
                server);
        assertThat(told).anyMatch(line -> line.startsWith("AUTH " + mechanism.saslName()));
        assertThat(told.stream()
                        .filter(line -> !line.startsWith("EHLO") && !line.startsWith("QUIT"))
                        .takeWhile(line -> !line.startsWith("MAIL")))
                .allMatch(line -> line.equals("AUTH " + mechanism.saslName())
                        || line.equals("AUTH " + mechanism.saslName() + " ****")
                        || List.of("****", "", "*").contains(line));
    }

    static void assertNotSent(SessionRun run, String why) {
        assertThat(run.notServed().status()).isEqualTo(NOT_SENT);
        assertThat(run.notServed().reply().toString()).startsWith("451 4.7.").contains(why);
    }

    static SessionPlan plan(Credentials credentials) {
        return Plans.plan(Plans.TO_TWO, TlsPolicy.required(), Plans.login(credentials, false));
    }

    private static List<String> auths(LineServer server) {
        return server.commands().stream()
                .filter(c -> c.startsWith("AUTH "))
                .map(c -> c.split(" ", -1)[1])
                .toList();
    }
}
