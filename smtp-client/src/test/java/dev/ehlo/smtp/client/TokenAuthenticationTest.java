package dev.ehlo.smtp.client;

import static dev.ehlo.smtp.DeliveryStatus.DEFERRED;
import static dev.ehlo.smtp.DeliveryStatus.RELAYED;
import static dev.ehlo.smtp.client.AuthenticationTest.assertNotSent;
import static dev.ehlo.smtp.client.AuthenticationTest.plan;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.client.sasl.SaslStep;
import dev.ehlo.smtp.tls.TlsMode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** AUTH by access tokens, which have to be waited for and can be refused. */
class TokenAuthenticationTest {
    @Test
    void takesAnotherTokenWhereTheFirstIsRefused() {
        LineServer server = tokenServer("b");
        List<Optional<String>> refused = new ArrayList<>();
        SessionRun run = SessionRun.of(plan(tokens(refused, "a", "b")), Optional.empty(), server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(refused).containsExactly(Optional.empty(), Optional.of("a"));
        assertThat(server.commands().subList(1, 4))
                .satisfiesExactly(
                        first -> assertThat(SaslServer.decoded(first.substring(17)))
                                .contains("auth=Bearer a\1"),
                        error -> assertThat(error).isEqualTo("AQ=="),
                        second -> assertThat(SaslServer.decoded(second.substring(17)))
                                .isEqualTo("n,a=user@example.org,\1host=mx.example.net\1port=587\1auth=Bearer b\1\1"));
    }

    @Test
    void takesNoThirdToken() {
        LineServer server = tokenServer("c");
        List<Optional<String>> refused = new ArrayList<>();
        SessionRun run = SessionRun.of(plan(tokens(refused, "a", "b", "c")), Optional.empty(), server);
        assertThat(run.notServed().status()).isEqualTo(DEFERRED);
        assertThat(run.notServed().reply().toString()).isEqualTo("535 5.7.8 no");
        assertThat(refused).hasSize(2);
    }

    @Test
    void tellsTheServersRefusalWhereThereIsNoOtherToken() {
        SessionRun run = SessionRun.of(plan(Credentials.token("user", "a")), Optional.empty(), tokenServer("b"));
        assertThat(run.notServed().status()).isEqualTo(DEFERRED);
        assertThat(run.notServed().reply().toString()).isEqualTo("535 5.7.8 no");
    }

    @Test
    void saysNothingWhereThereIsNoToken() {
        LineServer server = tokenServer("a");
        Credentials broken = Credentials.token("user", refused -> {
            throw new IllegalStateException("down");
        });
        SessionRun run = SessionRun.of(plan(broken), Optional.empty(), server);
        assertNotSent(run, "no access token");
        assertThat(server.commands()).containsExactly("EHLO client.example", "QUIT");
    }

    @Test
    void speaksXoauth2WhereThatIsAllThereIs() {
        LineServer server = new LineServer().offering("AUTH XOAUTH2").on("AUTH", "235 2.7.0 ok\r\n");
        SessionRun run = SessionRun.of(plan(Credentials.token("user", "a")), Optional.empty(), server);
        assertThat(run.statuses()).containsExactly(RELAYED, RELAYED);
        assertThat(SaslServer.decoded(server.commands().get(1).substring(13)))
                .isEqualTo("user=user\1auth=Bearer a\1\1");
    }

    @Test
    void sendsALongTokenInALineOfItsOwnAndNoneThatIsLongerThanALine() {
        String token = "t".repeat(2000);
        LineServer server = new LineServer()
                .offering("AUTH XOAUTH2")
                .answering(line -> line.equals("AUTH XOAUTH2")
                        ? Optional.of("334 \r\n")
                        : line.length() > 2000 ? Optional.of("235 2.7.0 ok\r\n") : Optional.empty());
        assertThat(SessionRun.of(plan(Credentials.token("user", token)), Optional.empty(), server)
                        .statuses())
                .containsExactly(RELAYED, RELAYED);
        assertNotSent(
                SessionRun.of(plan(Credentials.token("user", "t".repeat(10_000))), Optional.empty(), server),
                "longer than a line");
    }

    @Test
    void standsStillWhileATokenIsWaitedFor() {
        CompletableFuture<String> token = new CompletableFuture<>();
        SessionRunByHand run = new SessionRunByHand(plan(Credentials.token("user", refused -> token)));
        assertThat(run.session.room()).isZero();
        assertThat(run.session.isOver()).isFalse();
        long deadline = run.session.deadline();
        assertThat(run.session.takeQuestion()).as("it is asked once").isNull();
        run.session.answered(run.question, "a".getBytes(UTF_8), 5);
        assertThat(run.session.room()).isPositive();
        assertThat(run.session.deadline()).isEqualTo(deadline + 5);
    }

    @Test
    void endsWhereTheServerSpeaksMeanwhileOrTheTimeIsUpAndTakesNoAnswerThen() {
        CompletableFuture<String> token = new CompletableFuture<>();
        SessionRunByHand spoken = new SessionRunByHand(plan(Credentials.token("user", refused -> token)));
        spoken.receive("235 2.7.0 ok\r\n");
        assertThat(spoken.session.isOver()).isTrue();
        spoken.session.answered(spoken.question, "a".getBytes(UTF_8), 5);
        assertThat(spoken.session.room()).isZero();
        SessionRunByHand late = new SessionRunByHand(plan(Credentials.token("user", refused -> token)));
        late.session.deadlineReached(late.session.deadline());
        assertThat(late.session.isOver()).isTrue();
        assertThat(String.valueOf(late.session.pollOutcome()))
                .contains("time is up for a token or proof to log in with at");
        late.session.answered(late.question, "a".getBytes(UTF_8), 5);
        assertThat(late.session.isOver()).isTrue();
        assertThat(late.session.room()).isZero();
    }

    private static Credentials tokens(List<Optional<String>> refused, String... tokens) {
        return Credentials.token("user@example.org", last -> {
            refused.add(last);
            return CompletableFuture.completedFuture(tokens[refused.size() - 1]);
        });
    }

    /** Offers OAUTHBEARER, and takes that token alone. */
    private static LineServer tokenServer(String token) {
        return new LineServer().offering("AUTH OAUTHBEARER").answering(line -> {
            if (line.startsWith("AUTH ")) {
                return Optional.of(
                        SaslServer.decoded(line.substring(17)).contains("Bearer " + token + '\1')
                                ? "235 2.7.0 ok\r\n"
                                : SaslServer.challenge("{\"status\":\"invalid_token\"}"));
            }
            return line.equals("AQ==") ? Optional.of("535 5.7.8 no\r\n") : Optional.empty();
        });
    }

    /** A session that waits for a token at OAUTHBEARER. */
    private static final class SessionRunByHand {
        final ClientSession session;
        final SaslStep.Ask question;

        SessionRunByHand(SessionPlan plan) {
            session = SessionRun.session(plan, TlsMode.STARTTLS);
            session.send(ByteBuffer.allocate(1024), 0);
            receive("250-mx\r\n250 AUTH OAUTHBEARER\r\n");
            question = Objects.requireNonNull(session.takeQuestion());
        }

        void receive(String octets) {
            session.receive(ByteBuffer.wrap(octets.getBytes(UTF_8)), 0);
        }
    }
}
