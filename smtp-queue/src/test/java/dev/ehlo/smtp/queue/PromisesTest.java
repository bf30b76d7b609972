package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.DeliveryReport;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.EsmtpParameter;
import dev.ehlo.smtp.EsmtpParameters;
import dev.ehlo.smtp.Extension;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What MAIL and RCPT were promised: reports, times and priority. RFC 3461, RFC 4865, RFC 2852, RFC 6710. */
class PromisesTest extends SchedulerRig {
    private static Recipient recipient(String mailbox, String... parameters) {
        return new Recipient(Mailbox.parse(mailbox), parameters(parameters));
    }

    private static EsmtpParameters parameters(String... all) {
        return new EsmtpParameters(Arrays.stream(all)
                .map(p -> p.split("=", 2))
                .map(p -> new EsmtpParameter(p[0], p.length > 1 ? p[1] : null))
                .toList());
    }

    private static Envelope envelope(String parameters, Recipient... recipients) {
        EsmtpParameters mail = parameters.isEmpty() ? EsmtpParameters.NONE : parameters(parameters.split(" "));
        return new Envelope(Envelope.from("a@example.org").reversePath(), mail, List.of(recipients));
    }

    private static void decide(Attempt attempt, DeliveryStatus status, Set<Extension> offered) {
        attempt.future()
                .complete(DeliveryReport.forEach(
                        attempt.envelope(),
                        r -> new RecipientOutcome(
                                r,
                                status,
                                TAKEN,
                                status == DeliveryStatus.DELIVERED
                                        ? null
                                        : new RemoteHost("mx.test", null, null, offered),
                                null)));
    }

    private static String text(Attempt attempt) throws Exception {
        assertThat(attempt.envelope().reversePath().isNull()).isTrue();
        assertThat(attempt.recipients()).containsExactly("a@example.org");
        return new String(Mail.read(attempt.content()), StandardCharsets.ISO_8859_1);
    }

    @Test
    void tellsOfSuccessOnceForAllThatOneAttemptDelivered() throws Exception {
        Recipient[] many = IntStream.range(0, 500)
                .mapToObj(
                        i -> recipient("u" + i + "@example.net", "NOTIFY=SUCCESS", "ORCPT=rfc822;x" + i + "@old.test"))
                .toArray(Recipient[]::new);
        queue(envelope("ENVID=E1 RET=FULL", many));
        decide(only(), DeliveryStatus.DELIVERED, Set.of());
        run();

        String report = text(only());
        assertThat(report)
                .contains("Subject: Successful mail delivery report", "Original-Envelope-Id: E1")
                .contains("Original-Recipient: rfc822; x7@old.test\r\nFinal-Recipient: rfc822; u7@example.net\r\n")
                .contains("Final-Recipient: rfc822; u7@example.net\r\nAction: delivered\r\nStatus: 2.0.0\r\n")
                .contains("text/rfc822-headers")
                .doesNotContain("body\r\n", "Remote-MTA", "Diagnostic-Code");
        assertThat(report.split("Action: delivered", -1)).hasSize(501);
        assertThat(attempts).isEmpty();
    }

    @Test
    void tellsOfRelayingOnlyWhereTheNextHostWillNotTell() throws Exception {
        Envelope asked = envelope("", recipient("b@example.net", "NOTIFY=SUCCESS,FAILURE"), recipient("c@example.net"));
        queue(asked);
        decide(only(), DeliveryStatus.RELAYED, Set.of(Extension.DSN, Extension.SIZE));
        run();
        assertThat(attempts).isEmpty();

        queue(asked);
        decide(only(), DeliveryStatus.RELAYED, Set.of(Extension.SIZE));
        run();
        assertThat(text(only()))
                .contains("Final-Recipient: rfc822; b@example.net\r\nAction: relayed\r\nStatus: 2.0.0\r\n")
                .contains("Remote-MTA: dns; mx.test\r\n")
                .doesNotContain("c@example.net");
    }

    @Test
    void tellsANullReversePathNothingAtAll() throws Exception {
        settings.delayNoticeAfter(Duration.ofSeconds(5));
        restart();
        Envelope everything = envelope("BY=3;NT", recipient("b@example.net", "NOTIFY=SUCCESS,FAILURE,DELAY"));
        Envelope none = new Envelope(Envelope.from("").reversePath(), everything.parameters(), everything.recipients());
        queue(none);
        only().reply(BUSY);
        run();
        clock.advance(Duration.ofSeconds(10));
        run();
        decide(only(), DeliveryStatus.DELIVERED, Set.of());
        run();
        assertThat(attempts).isEmpty();
    }

    @Test
    void tellsOfADelayOnceAndOnlyWhoAskedForIt() throws Exception {
        settings.delayNoticeAfter(Duration.ofSeconds(15));
        restart();
        queue(envelope(
                "",
                recipient("b@example.net", "NOTIFY=DELAY"),
                recipient("c@example.net"),
                recipient("d@example.net", "NOTIFY=NEVER")));
        only().reply(BUSY);
        run();
        clock.advance(Duration.ofSeconds(10));
        run();
        only().reply(BUSY);
        assertThat(run()).as("until the notice").isEqualTo(Duration.ofSeconds(5));
        assertThat(attempts).isEmpty();
        clock.advance(Duration.ofSeconds(5));

        assertThat(run()).as("capped").isEqualTo(Duration.ofSeconds(30));
        Attempt notice = only();
        assertThat(text(notice))
                .contains("Final-Recipient: rfc822; b@example.net\r\nAction: delayed\r\nStatus: 4.0.0\r\n")
                .contains("Diagnostic-Code: smtp; 451 busy\r\n")
                .contains("Will-Retry-Until: Sat, 21 Nov 2026 12:01:40 +0000\r\n")
                .doesNotContain("c@example.net", "d@example.net");
        notice.reply(TAKEN);
        run();
        clock.advance(Duration.ofSeconds(10));
        restart();
        run();
        assertThat(attempts).as("not told again after a restart").isEmpty();
        clock.advance(Duration.ofSeconds(45));
        run();
        assertThat(only().recipients()).hasSize(3);
    }

    @Test
    void tellsAKnownSenderOfADelayWithoutBeingAsked() throws Exception {
        settings.delayNoticeAfter(Duration.ofSeconds(15)).knownSenders(PromisesTest::isKnown);
        restart();
        queue(envelope("", recipient("b@example.net"), recipient("n@example.net", "NOTIFY=FAILURE")));
        queue(Envelope.from("stranger@example.com").to("s@example.net"));
        deferAll();
        clock.advance(Duration.ofSeconds(10));
        run();
        deferAll();
        clock.advance(Duration.ofSeconds(5));
        run();

        assertThat(text(only()))
                .contains("Final-Recipient: rfc822; b@example.net\r\nAction: delayed\r\n")
                .doesNotContain("n@example.net", "Last-Attempt-Date");
    }

    private static boolean isKnown(Envelope envelope) {
        return envelope.reversePath().toString().equals("a@example.org");
    }

    @Test
    void leavesOutNoticesToStrangersBeyondTheLimitAndNoneToThoseWhoAreKnown() throws Exception {
        settings.knownSenders(PromisesTest::isKnown).noticeLimit(new NoticeLimit(2, 3, Duration.ofMinutes(1)));
        restart();
        for (int i = 0; i < 5; i++) {
            queue(envelope("", recipient("b@example.net")));
            only().reply(UNKNOWN_USER);
            run();
            only().reply(TAKEN);
        }
        assertThat(scheduler.counts().snapshot().notificationsLeftOut()).isZero();
        for (int i = 0; i < 5; i++) {
            String sender = i < 3 ? "Victim@example.com" : "other@example.com";
            queue(Envelope.from(sender).to("b@example.net"));
            attempts.remove(attempts.size() - 1).reply(UNKNOWN_USER);
            run();
        }
        assertThat(attempts)
                .extracting(attempt -> attempt.recipients().get(0))
                .containsExactly("Victim@example.com", "Victim@example.com", "other@example.com");
        assertThat(scheduler.counts().snapshot().notificationsLeftOut()).isEqualTo(2);
        assertThat(scheduler.health().messages()).as("settled all the same").isEqualTo(3);
    }

    @Test
    void boundsTheDelaysThatAKnownSenderIsToldOfUnasked() throws Exception {
        settings.delayNoticeAfter(Duration.ofSeconds(5))
                .knownSenders(e -> true)
                .noticeLimit(new NoticeLimit(1, 1, Duration.ofHours(1)));
        restart();
        queue(envelope("", recipient("b@example.net")));
        queue(envelope("", recipient("c@example.net")));
        queue(envelope("", recipient("d@example.net", "NOTIFY=DELAY")));
        deferAll();
        clock.advance(Duration.ofSeconds(5));
        run();

        assertThat(attempts).as("one unasked, and the one that is owed").hasSize(2);
        assertThat(scheduler.counts().snapshot().notificationsLeftOut()).isEqualTo(1);
        attempts.clear();
        clock.advance(Duration.ofSeconds(5));
        run();
        assertThat(attempts)
                .as("not told later either")
                .allMatch(a -> !a.envelope().reversePath().isNull());
    }

    @Test
    void holdsAMessageUntilItsTimeAndCountsItsAgeFromThen() throws Exception {
        queue(envelope("HOLDFOR=1000", recipient("b@example.net")));
        assertThat(attempts).isEmpty();
        clock.advance(Duration.ofSeconds(990));
        restart();
        assertThat(run()).isEqualTo(Duration.ofSeconds(10));
        clock.advance(Duration.ofSeconds(10));
        run();

        Attempt first = only();
        assertThat(first.envelope().parameters().list())
                .as("no promise of the next host")
                .isEmpty();
        first.reply(BUSY);
        assertThat(run()).isEqualTo(Duration.ofSeconds(10));
        clock.advance(Duration.ofSeconds(89));
        run();
        only().reply(BUSY);
        run();
        assertThat(attempts).as("expires 100 seconds after the release").isEmpty();
        clock.advance(Duration.ofSeconds(11));
        run();
        only().reply(BUSY);
        run();
        assertThat(text(only())).contains("Status: 4.4.7", "Future-Release-Request: for;1000\r\n");
    }

    @Test
    void holdsAMessageUntilADate() throws Exception {
        queue(envelope("HOLDUNTIL=2026-11-21T12:00:20Z", recipient("b@example.net")));
        assertThat(run()).isEqualTo(Duration.ofSeconds(20));
        clock.advance(Duration.ofSeconds(20));
        run();
        assertThat(only().recipients()).containsExactly("b@example.net");
    }

    @Test
    void returnsWhatIsLateAndDoesNotTryItAgain() throws Exception {
        queue(envelope("BY=15;R", recipient("b@example.net")));
        Attempt first = only();
        assertThat(first.envelope().parameters()).hasToString("BY=15;R");
        first.reply(BUSY);
        run();
        clock.advance(Duration.ofMillis(10_500));
        run();
        Attempt second = only();
        assertThat(second.envelope().parameters()).as("what is left").hasToString("BY=4;R");
        second.reply(BUSY);
        assertThat(run()).isEqualTo(Duration.ofMillis(4_500));
        clock.advance(Duration.ofMillis(4_500));
        run();

        assertThat(text(only()))
                .contains("Action: failed\r\nStatus: 5.4.7\r\n")
                .contains("Deliver-By-Date: Sat, 21 Nov 2026 12:00:15 +0000\r\n");
        assertThat(attempts).isEmpty();
    }

    @Test
    void returnsWhatIsLateWhenItsAttemptEndsOrItsTurnComes() throws Exception {
        settings.attempts(1, 1);
        restart();
        queue(envelope("BY=5;R", recipient("b@example.net")));
        queue(envelope("BY=5;R", recipient("waits@example.net")));
        Attempt slow = only();
        clock.advance(Duration.ofSeconds(6));
        slow.reply(BUSY);
        run();
        Attempt one = only();
        one.reply(TAKEN);
        run();
        assertThat(text(one) + text(only())).contains("5.4.7", "<b@example.net>", "<waits@example.net>");
    }

    @Test
    void tellsThatAMessageIsLateAndGoesOn() throws Exception {
        queue(envelope("BY=15;N", recipient("b@example.net")));
        only().reply(BUSY);
        run();
        clock.advance(Duration.ofSeconds(10));
        run();
        only().reply(BUSY);
        run();
        clock.advance(Duration.ofSeconds(5));
        run();
        Attempt notice = only();
        assertThat(text(notice)).contains("Action: delayed\r\n", "Deliver-By-Date: Sat, 21 Nov 2026 12:00:15 +0000");
        notice.reply(TAKEN);
        run();
        clock.advance(Duration.ofSeconds(55));
        run();
        Attempt late = only();
        assertThat(late.envelope().parameters()).hasToString("BY=-55;N");
        decide(late, DeliveryStatus.RELAYED, Set.of(Extension.DELIVERBY));
        run();
        assertThat(attempts).isEmpty();
    }

    @Test
    void doesNotTellAgainWhatTheHostBeforeHasTold() throws Exception {
        queue(envelope("BY=-3;N", recipient("b@example.net")));
        only().reply(BUSY);
        run();
        assertThat(attempts).isEmpty();
    }

    @Test
    void tellsWhereTheTraceGoes() throws Exception {
        queue(envelope("BY=60;RT", recipient("b@example.net"), recipient("n@example.net", "NOTIFY=NEVER")));
        decide(only(), DeliveryStatus.RELAYED, Set.of(Extension.DSN, Extension.DELIVERBY));
        run();
        Attempt traced = only();
        assertThat(text(traced)).contains("Action: relayed", "b@example.net").doesNotContain("n@example.net");

        queue(envelope("BY=60;N", recipient("b@example.net")));
        decide(only(), DeliveryStatus.RELAYED, Set.of(Extension.DSN));
        run();
        assertThat(text(only())).as("nobody looks at the time from here on").contains("Action: relayed");
    }

    @Test
    void tellsWhereTheTraceGoesUnlessNotifyIsNever() throws Exception {
        queue(envelope("BY=60;RT", recipient("b@example.net", "NOTIFY=FAILURE")));
        decide(only(), DeliveryStatus.RELAYED, Set.of(Extension.DSN, Extension.DELIVERBY));
        run();
        assertThat(text(only())).contains("Action: relayed");
    }

    @Test
    void tellsThatAMessageIsLateThoughItWaitedForItsTurnAlone() throws Exception {
        settings.attempts(1, 1);
        restart();
        queue(envelope("", recipient("first@example.net")));
        queue(envelope("BY=15;N", recipient("b@example.net")));
        Attempt first = only();
        clock.advance(Duration.ofSeconds(20));
        first.reply(TAKEN);
        run();
        only().reply(TAKEN);
        run();
        assertThat(text(only())).contains("Action: delayed");
    }

    @Test
    void tellsOfADelayAfterTheNextAttemptWhereTheSpoolHadNoRoomForIt() throws Exception {
        queue(envelope("BY=15;N", recipient("b@example.net")));
        only().reply(BUSY);
        run();
        clock.advance(Duration.ofSeconds(10));
        run();
        only().reply(BUSY);
        run();
        spool.full = true;
        clock.advance(Duration.ofSeconds(5));
        assertThat(run()).as("not at once").isEqualTo(Duration.ofSeconds(30));
        assertThat(attempts).isEmpty();
        spool.full = false;
        clock.advance(Duration.ofSeconds(55));
        run();
        assertThat(attempts)
                .hasSize(2)
                .anySatisfy(attempt -> assertThat(text(attempt)).contains("Action: delayed"));
    }

    @Test
    void tellsOfADelayLaterForAllWaysOfAMessageWhereTheSpoolHadNoRoomForIt() throws Exception {
        settings.delayNoticeAfter(Duration.ofSeconds(15));
        restart();
        queue(envelope("", recipient("b@example.net", "NOTIFY=DELAY"), recipient("c@example.com", "NOTIFY=DELAY")));
        deferAll();
        clock.advance(Duration.ofSeconds(10));
        run();
        deferAll();
        restart();
        spool.full = true;
        clock.advance(Duration.ofSeconds(5));
        run();
        deferAll();
        spool.full = false;
        clock.advance(Duration.ofSeconds(60));
        run();
        List<String> notices = new ArrayList<>();
        for (Attempt attempt : attempts) {
            if (attempt.envelope().reversePath().isNull()) {
                notices.add(text(attempt));
            }
        }
        assertThat(notices)
                .anySatisfy(text -> assertThat(text).contains("rfc822; b@example.net\r\nAction: delayed"))
                .anySatisfy(text -> assertThat(text).contains("rfc822; c@example.com\r\nAction: delayed"));
    }

    private void deferAll() {
        List<Attempt> all = List.copyOf(attempts);
        attempts.clear();
        all.forEach(attempt -> attempt.reply(BUSY));
        run();
    }

    @Test
    void doesNotHoldTheLowerPriorityForEver() throws Exception {
        settings.attempts(1, 1);
        restart();
        queue(envelope("MT-PRIORITY=9", recipient("urgent@example.net")));
        queue(envelope("MT-PRIORITY=-9", recipient("patient@example.net")));
        queue(envelope("", recipient("usual@example.net")));
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 2 * Line.FAIR_SHARE; i++) {
            queue(envelope("MT-PRIORITY=9", recipient("urgent@example.net")));
            Attempt attempt = only();
            order.addAll(attempt.recipients());
            attempt.reply(TAKEN);
            run();
        }
        assertThat(order).containsOnlyOnce("patient@example.net", "usual@example.net");
        assertThat(order.indexOf("patient@example.net")).isEqualTo(Line.FAIR_SHARE - 1);
    }

    @Test
    void attemptsTheHigherPriorityFirstAmongThoseThatWait() throws Exception {
        settings.attempts(1, 1);
        restart();
        queue(envelope("", recipient("first@example.net")));
        queue(envelope("MT-PRIORITY=-2", recipient("low@example.net")));
        queue(envelope("", recipient("second@example.net")));
        queue(envelope("MT-PRIORITY=4", recipient("high@example.net")));
        queue(envelope("MT-PRIORITY=0", recipient("third@example.net")));

        for (String next : List.of("first", "high", "second", "third", "low")) {
            Attempt attempt = only();
            assertThat(attempt.recipients()).containsExactly(next + "@example.net");
            if (next.equals("high")) {
                assertThat(attempt.envelope().parameters()).hasToString("MT-PRIORITY=4");
            }
            attempt.reply(TAKEN);
            run();
        }
    }
}
