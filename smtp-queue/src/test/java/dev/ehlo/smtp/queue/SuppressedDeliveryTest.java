package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a suppressed mailbox keeps a queue from, and what suppresses one. */
class SuppressedDeliveryTest extends SchedulerRig {
    private static final Reply NO_MAILBOX = Reply.of(550, "5.1.1", "no such user");

    @TempDir
    private Path folder;

    private Suppressions suppressions;

    @BeforeEach
    void suppress() throws IOException {
        suppressions = Suppressions.open(folder.resolve("suppressed"), clock, 100);
        settings.suppressions(suppressions)
                .suppressAfter(new SuppressionPolicy(3, Duration.ofDays(7), Duration.ofDays(30)));
        restart();
    }

    @AfterEach
    void close() throws IOException {
        suppressions.close();
    }

    @Test
    void failsWithoutAnAttemptAndTellsTheSenderWhy() throws Exception {
        suppressions.add("b@example.net", "asked us to stop", null);
        queue(Mail.ONE);

        Attempt bounce = only();
        assertThat(bounce.recipients()).containsExactly("a@example.org");
        assertThat(Mail.read(bounce.content()))
                .asString()
                .contains("550 5.7.1 not delivered, as b@example.net is suppressed here: asked us to stop\r\n")
                .contains("Final-Recipient: rfc822; b@example.net\r\nAction: failed\r\nStatus: 5.7.1\r\n")
                .contains("Diagnostic-Code: x-ehlo; 550 5.7.1 not delivered")
                .doesNotContain("Remote-MTA", "Last-Attempt-Date");
        bounce.reply(TAKEN);
        run();
        assertThat(scheduler.health()).isEqualTo(QueueHealth.EMPTY);
        assertSpoolIsEmpty();
    }

    @Test
    void deliversToTheOtherRecipients() throws Exception {
        suppressions.add("c@example.net", "gone", null);
        suppressions.add("example.com", "gone", null);
        queue(Mail.THREE);

        assertThat(attempts).hasSize(2);
        assertThat(attempts)
                .filteredOn(a -> !a.envelope().reversePath().isNull())
                .singleElement()
                .satisfies(a -> assertThat(a.recipients()).containsExactly("b@example.net"));
        assertThat(attempts)
                .filteredOn(a -> a.envelope().reversePath().isNull())
                .singleElement()
                .satisfies(a -> assertThat(Mail.read(a.content()))
                        .asString()
                        .contains("c@example.net", "d@example.com")
                        .doesNotContain("<b@example.net>"));
        attempts.forEach(a -> a.reply(TAKEN));
        run();
        assertSpoolIsEmpty();
    }

    @Test
    void regardsWhatWasSuppressedWhileItWaited() throws Exception {
        settings.attempts(1, 1);
        restart();
        queue(Mail.ONE);
        queue(Mail.THREE.only(Mail.THREE.recipients().subList(0, 2)));
        Attempt first = only();
        suppressions.add("b@example.net", "gone", null);
        first.reply(BUSY);
        run();
        assertThat(only().recipients()).as("in its turn").containsExactly("c@example.net");
        clock.advance(Duration.ofSeconds(9));
        run();
        assertThat(scheduler.health().messages()).isEqualTo(3);
        suppressions.remove("b@example.net");
        clock.advance(Duration.ofSeconds(1));
        run();
        assertThat(scheduler.health().ready())
                .as("the deferred one, when it is due")
                .isEqualTo(2);
    }

    @Test
    void dropsANoticeToASenderWhoIsSuppressed() throws Exception {
        suppressions.add("a@example.org", "floods us", null);
        queue(Mail.ONE);
        only().reply(UNKNOWN_USER);
        run();
        assertThat(attempts).isEmpty();
        assertSpoolIsEmpty();
    }

    @Test
    void leavesWhatIsHeldForLaterUntilThen() throws Exception {
        suppressions.add("b@example.net", "on leave", Duration.ofSeconds(50));
        queue(Mail.ONE.with(new EsmtpParameter("HOLDFOR", "60")));
        assertThat(attempts).isEmpty();
        clock.advance(Duration.ofSeconds(60));
        run();
        assertThat(only().recipients()).containsExactly("b@example.net");
    }

    @Test
    void suppressesAMailboxOfWhichHostsKeepSayingThatItIsNotThere() throws Exception {
        for (Reply reply : new Reply[] {
            NO_MAILBOX,
            UNKNOWN_USER,
            Reply.of(550, "5.1.8", "bad sender"),
            Reply.of(552, "5.2.2", "full"),
            NO_MAILBOX,
            Reply.of(450, "4.1.1", "later"),
            Reply.of(550, "5.1.10", "null MX")
        }) {
            assertThat(suppressions.isEmpty()).isTrue();
            queue(Envelope.from("").to("B@example.net"));
            only().reply(reply);
            run();
        }
        assertThat(suppressions.list()).singleElement().satisfies(one -> {
            assertThat(one.target()).isEqualTo("b@example.net");
            assertThat(one.reason()).isEqualTo("failed 3 times, at last with 550 5.1.10 null MX");
            assertThat(one.until()).isEqualTo(Mail.NOON.plus(Duration.ofDays(30)));
        });
        queue(Envelope.from("").to("b@example.net"));
        assertThat(attempts).isEmpty();
    }

    @Test
    void countsOnlyFailuresWithinTheTime() throws Exception {
        for (int i = 0; i < 5; i++) {
            queue(Envelope.from("").to("b@example.net"));
            only().reply(NO_MAILBOX);
            run();
            clock.advance(Duration.ofDays(4));
        }
        assertThat(suppressions.isEmpty()).isTrue();
    }

    @Test
    void refusesWhatIsNoPolicy() {
        Duration day = Duration.ofDays(1);
        assertThatThrownBy(() -> new SuppressionPolicy(0, day, day)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SuppressionPolicy(1, Duration.ZERO, day))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SuppressionPolicy(1, day, Duration.ofDays(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
