package dev.ehlo.smtp.queue;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.Reply;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What goes wrong in what the application brings, and that no mail is lost by it. */
class ApplicationFaultsTest extends SchedulerRig {
    @TempDir
    private Path folder;

    private static IllegalStateException defect(Object about) {
        return new IllegalStateException("defect (test): " + about);
    }

    private static List<String> logged(Sending task) throws Exception {
        Logger logger = (Logger) LoggerFactory.getLogger("dev.ehlo.smtp.queue.Asked");
        ListAppender<ILoggingEvent> events = new ListAppender<>();
        events.start();
        logger.addAppender(events);
        logger.setLevel(Level.ERROR);
        try {
            task.run();
        } finally {
            logger.setLevel(null);
            logger.detachAppender(events);
        }
        return events.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private interface Sending {
        void run() throws Exception;
    }

    private List<String> deliversInSpiteOf(Consumer<MailQueueBuilder> fault) throws Exception {
        attempts.clear();
        fault.accept(settings);
        restart();
        List<String> logged = logged(() -> {
            for (int i = 0; i < 2; i++) {
                queue(Mail.THREE);
                assertThat(attempts)
                        .extracting(Attempt::recipients)
                        .containsExactlyInAnyOrder(List.of("b@example.net", "c@example.net"), List.of("d@example.com"));
                attempts.forEach(attempt -> attempt.reply(TAKEN));
                attempts.clear();
                run();
            }
        });
        assertThat(scheduler.health()).isEqualTo(QueueHealth.EMPTY);
        return logged;
    }

    @Test
    void goesByTheDomainWhereTheApplicationNamesNoLane() throws Exception {
        assertThat(deliversInSpiteOf(s -> s.lanes(about -> {
                    throw defect(about);
                })))
                .singleElement()
                .asString()
                .contains("lanes failed when asked of b@example.net", "its own answer, example.net");
        assertThat(deliversInSpiteOf(
                        s -> s.lanes(recipient -> recipient.mailbox().domain().endsWith("com") ? null : "a")))
                .singleElement()
                .asString()
                .contains("lanes said nothing when asked of d@example.com");
    }

    @Test
    void goesByTheStandardWhereTheApplicationHasNoPolicyOrIdentity() throws Exception {
        assertThat(deliversInSpiteOf(s -> s.policies(about -> {
                            throw defect(about);
                        })
                        .attempts(100, 7)))
                .singleElement()
                .asString()
                .contains("policies failed when asked of", "most=7");
        assertThat(deliversInSpiteOf(
                        s -> s.policies(name -> LanePolicy.STANDARD).identity(about -> {
                            throw defect(about);
                        })))
                .singleElement()
                .asString()
                .contains("identity failed when asked of");
    }

    @Test
    void tellsASenderOfWhomTheApplicationCannotSayWhetherItKnowsHim() throws Exception {
        settings.knownSenders(about -> {
            throw defect(about);
        });
        restart();
        assertThat(logged(() -> {
                    queue(Mail.ONE);
                    only().reply(UNKNOWN_USER);
                    run();
                }))
                .hasSize(1);
        assertThat(only().recipients()).containsExactly("a@example.org");
    }

    @Test
    void asksWhetherASenderIsKnownOnlyWhereThatCounts() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        settings.knownSenders(envelope -> asked.incrementAndGet() > 0);
        restart();
        queue(Mail.ONE);
        int before = asked.get();
        only().reply(TAKEN);
        run();
        assertThat(asked).hasValue(before);
    }

    @Test
    void ordersCountAlsoAfterADefectAmongRecipientsWhoFaredDifferently() throws Exception {
        Suppressions closed = Suppressions.open(folder.resolve("suppressed"), clock, 100);
        closed.close();
        settings.suppressions(closed)
                .suppressAfter(new SuppressionPolicy(1, Duration.ofDays(1), Duration.ofSeconds(1)));
        restart();
        queue(Envelope.from("a@example.org").to("u@d.test", "v@d.test", "w@d.test"));
        only().reply(BUSY, Reply.of(550, "5.1.1", "no such user"), TAKEN);
        run();
        clock.advance(Duration.ofMinutes(1));
        run();
        Attempt again = only();
        assertThat(again.recipients()).containsExactly("u@d.test", "v@d.test");
        QueueSelection first = QueueSelection.EVERYTHING.recipient(Mailbox.parse("u@d.test"));
        await(scheduler.operator().change(Commands.Verb.HOLD, first));
        again.reply(BUSY);
        run();

        List<String> shown = new ArrayList<>();
        QueueListing listing = scheduler.operator().list(QueueSelection.EVERYTHING);
        for (List<QueuedMessage> page = await(listing.next()); !page.isEmpty(); page = await(listing.next())) {
            page.forEach(message -> message.recipients()
                    .forEach(each -> shown.add(each.recipient() + " " + each.state() + " " + each.attempts())));
        }
        assertThat(shown).containsExactlyInAnyOrder("u@d.test HELD 2", "v@d.test DEFERRED 2");
    }

    @Test
    void aNoticeThatCouldNotBeSpooledDoesNotCountWhenItIsTriedAgain() throws Exception {
        settings.noticeLimit(new NoticeLimit(1, 1, Duration.ofHours(1)));
        restart();
        queue(Mail.ONE);
        spool.full = true;
        only().reply(UNKNOWN_USER);
        run();
        assertThat(attempts).isEmpty();
        spool.full = false;
        clock.advance(Duration.ofMinutes(2));
        run();
        only().reply(UNKNOWN_USER);
        run();
        assertThat(only().recipients()).containsExactly("a@example.org");

        queue(Mail.ONE);
        only().reply(UNKNOWN_USER);
        run();
        assertThat(attempts).as("the share is used up").isEmpty();
    }
}
