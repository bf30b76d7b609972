package dev.ehlo.smtp.server.driver;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.server.AlertThresholds;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.ServerEvents;
import dev.ehlo.smtp.server.ServerMetrics;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.TransactionSummary;
import dev.ehlo.smtp.server.limit.LoginNames;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** To tell of an event, to count it and to look whether it is unusual makes no object, by the JVM's own count. */
class EventCostTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 1000;

    private final ServerMetrics metrics = new ServerMetrics();
    private final ServerEvents flight = FlightEvents.ifPossible().orElseThrow();
    private final ServerEvents events = new Listeners(List.of(
            flight,
            metrics,
            new AlertWatch(
                    AlertThresholds.STANDARD,
                    new LoginNames(Set.of(), UnaryOperator.identity()),
                    System::nanoTime,
                    new Listeners(List.of(metrics)))));

    private static long allocated(Runnable run) {
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        for (int attempt = 0; attempt < 50 && least > 0; attempt++) {
            long before = THREADS.getThreadAllocatedBytes(thread);
            for (int i = 0; i < ROUNDS; i++) {
                run.run();
            }
            least = Math.min(least, THREADS.getThreadAllocatedBytes(thread) - before);
        }
        return least;
    }

    @Test
    void commandsAndTransactionsAreSeenWithoutGarbage() {
        SessionInfo session = Sessions.from("192.0.2.7").loggedIn("alice");
        Reply reply = Reply.of(250, "2.0.0", "OK");
        TransactionSummary transaction = Sessions.accepted(session, 1, 0);
        events.transaction(transaction); // the first of a login makes its entry
        assertThat(allocated(() -> {
                    events.connected(session);
                    events.replied(session, reply);
                    events.limited(session, Refusal.ERRORS);
                    events.loggedIn(session, Mechanism.PLAIN);
                    events.transaction(transaction);
                }))
                .isZero();
        assertThat(metrics.snapshot().replies()).containsOnlyKeys(250);
    }

    @Test
    void whatOneListenerThrowsHidesNothingFromTheNext() {
        ServerEvents broken = new ServerEvents() {
            @Override
            public void connected(SessionInfo session) {
                throw new IllegalStateException("a defect of the listener's");
            }
        };
        new Listeners(List.of(broken, metrics)).connected(Sessions.from("192.0.2.7"));
        assertThat(metrics.snapshot().connected()).isOne();
    }
}
