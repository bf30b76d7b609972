package dev.ehlo.smtp.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.Reply;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A listener that writes down what it is told, but for replies, in words that a test can compare. */
final class SeenEvents implements ServerEvents {
    final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    final BlockingQueue<SessionSummary> sessions = new LinkedBlockingQueue<>();
    final BlockingQueue<TransactionSummary> transactions = new LinkedBlockingQueue<>();
    final BlockingQueue<Integer> replies = new LinkedBlockingQueue<>();
    final BlockingQueue<Alert> alerts = new LinkedBlockingQueue<>();

    /** What was told up to the end of a session, and that end. */
    List<String> untilDisconnected() throws InterruptedException {
        List<String> events = new ArrayList<>();
        do {
            String event = seen.poll(60, TimeUnit.SECONDS);
            assertThat(event).as("after %s", events).isNotNull();
            events.add(event);
        } while (!events.get(events.size() - 1).startsWith("disconnected"));
        return events;
    }

    @Override
    public void connected(SessionInfo session) {
        seen.add("connected on " + session.profile());
    }

    @Override
    public void refused(Refusal reason, InetSocketAddress remote, String profile) {
        seen.add("refused " + reason + " on " + profile);
    }

    @Override
    public void tls(SessionInfo session, Duration handshake) {
        seen.add("tls " + session.tls().orElseThrow().protocol() + (handshake.isNegative() ? " in no time" : ""));
    }

    @Override
    public void tlsFailed(SessionInfo session, Throwable cause) {
        seen.add("tls failed");
    }

    @Override
    public void loggedIn(SessionInfo session, Mechanism mechanism) {
        seen.add("logged in " + session.login().orElseThrow() + " by " + mechanism);
    }

    @Override
    public void loginFailed(SessionInfo session, String login, Mechanism mechanism, Refusal reason) {
        seen.add("login failed " + login + " by " + mechanism + ", " + reason);
    }

    @Override
    public void limited(SessionInfo session, Refusal reason) {
        seen.add("limited " + reason);
    }

    @Override
    public void replied(SessionInfo session, Reply reply) {
        replies.add(reply.code());
    }

    @Override
    public void transaction(TransactionSummary transaction) {
        transactions.add(transaction);
        seen.add("transaction " + transaction.outcome() + " of " + transaction.sender() + ", "
                + transaction.recipients() + "+" + transaction.refusedRecipients() + ", "
                + (transaction.reply() == null
                        ? "no reply"
                        : transaction.reply().code()));
    }

    @Override
    public void disconnected(SessionSummary session) {
        sessions.add(session);
        seen.add("disconnected " + session.end());
    }

    @Override
    public void alert(Alert alert) {
        alerts.add(alert);
    }
}
