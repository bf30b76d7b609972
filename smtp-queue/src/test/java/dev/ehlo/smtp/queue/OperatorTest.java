package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.queue.QueuedRecipient.State;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an operator sees of the queue, and does to it. */
@Timeout(60)
class OperatorTest extends SchedulerRig {
    private static final QueueSelection ALL = QueueSelection.EVERYTHING;

    /** Runs the scheduler until the answer is there: other threads have a part in it. */
    private List<QueuedMessage> list(QueueSelection selection) throws Exception {
        QueueListing listing = scheduler.operator().list(selection);
        List<QueuedMessage> all = new ArrayList<>();
        for (List<QueuedMessage> page = await(listing.next()); !page.isEmpty(); page = await(listing.next())) {
            all.addAll(page);
        }
        return all;
    }

    private List<String> recipients(QueueSelection selection) throws Exception {
        return list(selection).stream()
                .flatMap(message -> message.recipients().stream())
                .map(each -> each.recipient() + " " + each.state())
                .toList();
    }

    private QueueChange change(Commands.Verb verb, QueueSelection selection) throws Exception {
        return await(scheduler.operator().change(verb, selection));
    }

    private static Envelope mail(String from, String... to) {
        return Envelope.from(from).to(to);
    }

    private static QueueSelection id(SpooledMessage message) {
        return ALL.ids(List.of(message.id()));
    }

    @Test
    void showsWhatIsMeant() throws Exception {
        queue(mail("a@one.test", "u@d.test", "v@e.test"));
        attempts.get(1).reply(BUSY);
        run();
        clock.advance(Duration.ofSeconds(5));
        scheduler.hold(true);
        queue(mail("B@two.test", "U@D.test"));
        for (boolean restarted : new boolean[] {false, true}) {
            String first = restarted ? "READY" : "IN_FLIGHT";
            assertThat(recipients(ALL))
                    .as("oldest first")
                    .containsExactlyInAnyOrder("u@d.test " + first, "v@e.test DEFERRED", "U@D.test READY");
            assertThat(recipients(ALL.destination("d.TEST"))).containsExactly("u@d.test " + first, "U@D.test READY");
            assertThat(recipients(ALL.recipient(Mailbox.parse("V@e.test")))).containsExactly("v@e.test DEFERRED");
            assertThat(recipients(ALL.sender(ReversePath.parse("b@Two.test")))).containsExactly("U@D.test READY");
            assertThat(recipients(ALL.sender(ReversePath.NULL))).isEmpty();
            assertThat(recipients(ALL.ids(List.of(new QueueId(1))))).isEmpty();
            if (!restarted) {
                restart();
                scheduler.hold(true);
                run();
            }
        }
    }

    @Test
    void aDelayThatIsToldMeanwhileDoesNotUndoWhatWasOrderedInFlight() throws Exception {
        settings.delayNoticeAfter(Duration.ofSeconds(5)).knownSenders(envelope -> true);
        spool.close();
        GatedSpool gated = new GatedSpool(spool, new GatedSpool.Ledger() {
            @Override
            public void isSafe(SpooledMessage message) {}

            @Override
            public void isCrossedOff(QueueId id, Collection<Integer> recipients) {}
        });
        scheduler = new Scheduler(gated, settings);
        gated.start(scheduler);
        scheduler.hold(true);
        SpooledMessage message = queue(Mail.ONE);
        clock.advance(Duration.ofSeconds(6));
        scheduler.hold(false);
        run();
        assertThat(attempts).hasSize(1);
        assertThat(gated.waiting()).as("the notice").isEqualTo(1);
        CompletionStage<QueueChange> held = scheduler.operator().change(Commands.Verb.HOLD, id(message));
        run();
        gated.pass(2);
        assertThat(held.toCompletableFuture()).isCompleted();
        run();
        gated.pass(gated.waiting());
        restart();

        assertThat(list(id(message)).get(0).recipients().get(0).state()).isEqualTo(State.HELD);
    }

    @Test
    void showsMessagesOfAnAge() throws Exception {
        scheduler.hold(true);
        SpooledMessage message = queue(Mail.ONE);
        clock.advance(Duration.ofMinutes(10));

        assertThat(list(ALL.olderThan(Duration.ofMinutes(10))))
                .extracting(QueuedMessage::id)
                .containsExactly(message.id());
        assertThat(list(ALL.olderThan(Duration.ofMinutes(11)))).isEmpty();
        assertThat(list(ALL.youngerThan(Duration.ofMinutes(10)))).isEmpty();
        assertThat(list(ALL.youngerThan(Duration.ofMinutes(11)))).hasSize(1);
    }

    @Test
    void tellsHowARecipientStands() throws Exception {
        settings.delayNoticeAfter(Duration.ofSeconds(50));
        restart();
        SpooledMessage message = queue(Mail.ONE);
        only().reply(BUSY);
        run();

        QueuedMessage shown = list(id(message)).get(0);
        assertThat(shown.arrival()).isEqualTo(Mail.NOON);
        assertThat(shown.envelope()).isEqualTo(Mail.ONE);
        assertThat(shown.octets()).isEqualTo(message.content().octets());
        QueuedRecipient recipient = shown.recipients().get(0);
        assertThat(recipient.state()).isEqualTo(State.DEFERRED);
        assertThat(recipient.attempts()).isOne();
        assertThat(recipient.next()).isAfter(clock.instant());
    }

    @Test
    void showsManyInPagesOldestFirstWhileMailComesAndGoes() throws Exception {
        scheduler.hold(true);
        List<QueueId> ids = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            ids.add(queue(mail("a@example.org", "u" + i + "@d" + i % 3 + ".test"))
                    .id());
        }
        QueueListing listing = scheduler.operator().list(ALL);
        List<QueueId> shown = new ArrayList<>();
        for (List<QueuedMessage> page = await(listing.next()); !page.isEmpty(); page = await(listing.next())) {
            assertThat(page).hasSizeLessThanOrEqualTo(QueueListing.PAGE);
            page.forEach(each -> shown.add(each.id()));
            queue(mail("a@example.org", "later@d.test"));
        }
        assertThat(shown).isEqualTo(ids);
        change(Commands.Verb.REMOVE, ALL.ids(ids.subList(0, 999)));
        assertThat(list(ALL.destination("d0.test")))
                .extracting(QueuedMessage::id)
                .containsExactly(ids.get(999));
    }

    @Test
    void whatIsHeldIsNotAttemptedBeforeItIsReleasedAlsoAfterARestart() throws Exception {
        scheduler.hold(true);
        queue(mail("a@example.org", "held@d.test", "u@e.test"));
        assertThat(change(Commands.Verb.HOLD, ALL.destination("d.test"))).isEqualTo(new QueueChange(1, 1, 0));
        assertThat(change(Commands.Verb.HOLD, ALL.destination("d.test"))).isEqualTo(new QueueChange(0, 0, 0));
        scheduler.hold(false);
        run();
        assertThat(only().recipients()).containsExactly("u@e.test");
        restart();
        clock.advance(Duration.ofDays(30));
        run();
        assertThat(only().recipients()).containsExactly("u@e.test");
        assertThat(recipients(ALL.destination("d.test"))).containsExactly("held@d.test HELD");
        assertThat(change(Commands.Verb.RETRY, ALL)).isEqualTo(new QueueChange(0, 0, 0));

        assertThat(change(Commands.Verb.RELEASE, ALL)).isEqualTo(new QueueChange(1, 1, 0));
        assertThat(change(Commands.Verb.RELEASE, ALL)).isEqualTo(new QueueChange(0, 0, 0));
        run();
        Attempt released = only();
        assertThat(released.recipients()).containsExactly("held@d.test");
        released.reply(TAKEN);
        run();
        restart();
        run();
        assertThat(only().recipients()).as("given up with the restart").containsExactly("u@e.test");
    }

    @Test
    void triesAgainNow() throws Exception {
        SpooledMessage message = queue(Mail.ONE);
        assertThat(change(Commands.Verb.RETRY, id(message))).as("in flight").isEqualTo(new QueueChange(0, 0, 0));
        only().reply(BUSY);
        run();
        assertThat(attempts).isEmpty();

        assertThat(change(Commands.Verb.RETRY, id(message))).isEqualTo(new QueueChange(1, 1, 0));
        run();
        only().reply(TAKEN);
        run();
        assertSpoolIsEmpty();
        clock.advance(Duration.ofMinutes(2));
        run();
        assertThat(scheduler.health()).as("nothing left with the timers").isEqualTo(QueueHealth.EMPTY);
    }

    @Test
    void removesWhereverItIsWithoutAWord() throws Exception {
        SpooledMessage deferred = queue(Mail.ONE);
        only().reply(BUSY);
        run();
        scheduler.hold(true);
        SpooledMessage ready = queue(Mail.ONE);
        SpooledMessage held = queue(Mail.ONE);
        change(Commands.Verb.HOLD, id(held));
        for (SpooledMessage each : List.of(deferred, ready, held)) {
            assertThat(change(Commands.Verb.REMOVE, id(each))).isEqualTo(new QueueChange(1, 1, 0));
            assertThat(change(Commands.Verb.REMOVE, id(each))).isEqualTo(new QueueChange(0, 0, 0));
        }
        scheduler.hold(false);
        clock.advance(Duration.ofHours(1));
        run();
        assertThat(attempts).isEmpty();
        assertThat(scheduler.health()).isEqualTo(QueueHealth.EMPTY);
        assertSpoolIsEmpty();
    }

    @Test
    void whatIsInFlightIsRemovedWhenItWouldBeTriedAgain() throws Exception {
        SpooledMessage message = queue(mail("a@example.org", "u@d.test", "v@d.test", "w@d.test"));
        Attempt attempt = only();
        QueueSelection two = ALL.recipient(Mailbox.parse("u@d.test"));
        assertThat(change(Commands.Verb.REMOVE, two)).isEqualTo(new QueueChange(1, 1, 1));
        assertThat(change(Commands.Verb.REMOVE, two)).isEqualTo(new QueueChange(0, 0, 0));
        assertThat(change(Commands.Verb.REMOVE, ALL.recipient(Mailbox.parse("w@d.test"))))
                .isEqualTo(new QueueChange(1, 1, 1));
        assertThat(change(Commands.Verb.HOLD, id(message)))
                .as("what is to be removed is not held back")
                .isEqualTo(new QueueChange(1, 1, 1));

        attempt.reply(TAKEN, BUSY, BUSY);
        run();
        assertThat(recipients(ALL)).containsExactly("v@d.test HELD");
        restart();
        run();
        assertThat(recipients(ALL)).containsExactly("v@d.test HELD");
    }

    @Test
    void whatIsRemovedInFlightIsNotDeferredOnceMore() throws Exception {
        SpooledMessage message = queue(Mail.ONE);
        change(Commands.Verb.REMOVE, id(message));
        only().reply(BUSY);
        run();
        assertThat(spool.records).containsExactly("DEFERRED [0] 0", "FAILED [0]");
        assertThat(scheduler.counts().deferred.sum()).isZero();
        assertThat(scheduler.health()).isEqualTo(QueueHealth.EMPTY);
    }

    @Test
    void whatIsToBeRemovedIsSoAfterACrashOfTheAttempt() throws Exception {
        queue(mail("a@example.org", "u@d.test", "v@d.test"));
        assertThat(change(Commands.Verb.REMOVE, ALL.recipient(Mailbox.parse("u@d.test"))))
                .isEqualTo(new QueueChange(1, 1, 1));
        restart();
        run();
        assertThat(only().recipients()).containsExactly("v@d.test");
    }

    @Test
    void bouncesToTheSenderOnceWhereverItIs() throws Exception {
        SpooledMessage flying = queue(mail("a@one.test", "u@d.test"));
        Attempt attempt = only();
        assertThat(change(Commands.Verb.BOUNCE, id(flying))).isEqualTo(new QueueChange(1, 1, 1));
        assertThat(change(Commands.Verb.BOUNCE, id(flying))).isEqualTo(new QueueChange(0, 0, 0));
        attempt.reply(BUSY);
        run();
        Attempt notice = only();
        assertThat(notice.recipients()).containsExactly("a@one.test");
        assertThat(Mail.read(notice.content())).asString().contains("Final-Recipient: rfc822; u@d.test", "5.0.0");
        notice.reply(TAKEN);
        run();

        SpooledMessage deferred = queue(mail("a@one.test", "u@d.test"));
        only().reply(BUSY);
        run();
        assertThat(change(Commands.Verb.BOUNCE, id(deferred))).isEqualTo(new QueueChange(1, 1, 0));
        run();
        only().reply(TAKEN);
        run();
        assertThat(attempts).isEmpty();
        assertSpoolIsEmpty();
    }

    @Test
    void bouncesAfterACrashWhatItSaidItWould() throws Exception {
        queue(mail("a@one.test", "u@d.test"));
        only();
        change(Commands.Verb.BOUNCE, ALL);
        restart();
        run();
        assertThat(only().recipients()).containsExactly("a@one.test");
    }

    @Test
    void whoHasItInSpiteOfTheOrderHasItOnce() throws Exception {
        queue(Mail.ONE);
        change(Commands.Verb.BOUNCE, ALL);
        only().reply(TAKEN);
        run();
        assertThat(attempts).isEmpty();
        assertSpoolIsEmpty();
    }

    @Test
    void tellsHowMuchThereIsByStateAgeAndDestination() throws Exception {
        settings.attempts(2, 1);
        restart();
        queue(mail("a@example.org", "u@slow.test"));
        clock.advance(Duration.ofSeconds(30));
        for (int i = 0; i < 5; i++) {
            queue(mail("a@example.org", "u" + i + "@Slow.test"));
        }
        queue(mail("a@example.org", "u@other.test"));
        queue(mail("a@example.org", "u@one.test", "u@two.test"));
        change(Commands.Verb.HOLD, ALL.recipient(Mailbox.parse("u3@slow.test")));
        attempts.get(0).reply(BUSY);
        run();

        QueueDepth depth = await(scheduler.operator().depth(1));

        assertThat(depth.states().values().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(9);
        assertThat(depth.states()).containsEntry(State.HELD, 1L).containsEntry(State.DEFERRED, 1L);
        assertThat(depth.ages().stream().mapToLong(QueueDepth.Age::deliveries).sum())
                .isEqualTo(9);
        QueueDepth.Destination most = depth.destinations().get(0);
        assertThat(depth.destinations()).hasSize(1);
        assertThat(most.domain()).isEqualTo("slow.test");
        assertThat(most.held()).isOne();
        assertThat(most.deferred()).isOne();
        assertThat(most.waiting() + most.inFlight()).isEqualTo(6);
        assertThat(most.oldest()).isEqualTo(Mail.NOON);
        assertThat(most.lane()).isNotNull();
        assertThat(most.lane().name()).isEqualTo("slow.test");
        assertThat(most.lane().window()).isOne();
    }

    @Test
    void answersOnlyOnceItIsRecorded() throws Exception {
        SpooledMessage message = queue(Mail.ONE);
        only().reply(BUSY);
        run();
        CompletableFuture<?> written = new CompletableFuture<>();
        spool.recorded = written;
        CompletableFuture<QueueChange> change =
                scheduler.operator().change(Commands.Verb.REMOVE, id(message)).toCompletableFuture();
        while (spool.records.isEmpty() && scheduler.health().messages() > 0) {
            run();
        }
        assertThat(change).isNotDone();
        written.complete(null);
        assertThat(await(change)).isEqualTo(new QueueChange(1, 1, 0));
    }

    @Test
    void refusesACommandWhileTheSpoolIsAtFault() throws Exception {
        queue(Mail.ONE);
        spool.fault = "no disk";
        assertThatThrownBy(() -> change(Commands.Verb.REMOVE, ALL))
                .hasCauseInstanceOf(IOException.class)
                .hasMessageContaining("no disk");
        spool.fault = null;
    }

    @Test
    void failsWhatCanNotBeAnsweredAnyMore() {
        CompletionStage<List<QueuedMessage>> page =
                scheduler.operator().list(ALL).next();
        scheduler.operator().end();
        assertThatThrownBy(() -> Mail.await(page)).hasRootCauseInstanceOf(IOException.class);
        assertThatThrownBy(() -> Mail.await(scheduler.operator().list(ALL).next()))
                .hasRootCauseInstanceOf(IOException.class);
    }
}
