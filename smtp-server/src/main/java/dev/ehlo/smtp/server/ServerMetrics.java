package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.Reply;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what happens in a server, or in several that it is given to, and how long it takes:
 *
 * <pre>{@code
 * ServerMetrics metrics = new ServerMetrics();
 * SmtpServer server = SmtpServer.builder()….events(metrics).start();
 * ServerMetrics.Snapshot now = metrics.snapshot();
 * long accepted = now.transactions().get(TransactionSummary.Outcome.ACCEPTED);
 * long p99 = now.transactionTime().within(0.99); // nanoseconds
 * }</pre>
 *
 * To count waits for nobody and allocates nothing. What is counted is of this server's making alone, so that no peer can
 * make it grow. Thread-safe.
 */
public final class ServerMetrics implements ServerEvents {
    private static final int FIRST_CODE = 200;
    private static final int CODES = 400;

    private final LongAdder connected = new LongAdder();
    private final LongAdder disconnected = new LongAdder();
    private final LongAdder handshakesFailed = new LongAdder();
    private final LongAdder octetsIn = new LongAdder();
    private final LongAdder octetsOut = new LongAdder();
    private final LongAdder contentOctets = new LongAdder();
    private final LongAdder recipientsTaken = new LongAdder();
    private final LongAdder recipientsRefused = new LongAdder();
    private final LongAdder[] refused = adders(Refusal.values().length);
    private final LongAdder[] limited = adders(Refusal.values().length);
    private final LongAdder[] logins = adders(Mechanism.values().length);
    private final LongAdder[] loginsFailed = adders(Refusal.values().length);
    private final LongAdder[] replies = adders(CODES);
    private final LongAdder[] transactions = adders(TransactionSummary.Outcome.values().length);
    private final LongAdder[] ends = adders(SessionSummary.End.values().length);
    private final LongAdder[] alerts = adders(Alert.Kind.values().length);
    private final Latencies handshakeTime = new Latencies();
    private final Latencies transactionTime = new Latencies();
    private final Latencies sessionTime = new Latencies();

    /** Of nothing yet. */
    public ServerMetrics() {}

    /**
     * What was counted until about now, from the beginning on.
     *
     * @param connected sessions that were let in
     * @param open those of them that are not over
     * @param refused connections that were not let in, by reason
     * @param limited limits met and rules broken within sessions, by reason
     * @param handshakesFailed TLS handshakes that failed
     * @param logins that succeeded, by mechanism
     * @param loginsFailed by reason
     * @param replies by code, of those that were sent
     * @param transactions that are over, by what they came to
     * @param recipientsTaken in transactions that are over
     * @param recipientsRefused in transactions that are over
     * @param contentOctets octets of content that have come, whether or not it was accepted
     * @param octetsIn octets of SMTP taken in sessions that are over, without those of TLS
     * @param octetsOut octets of SMTP sent in sessions that are over, without those of TLS
     * @param ends sessions that are over, by how they ended
     * @param alerts by kind
     * @param handshakeTime of TLS handshakes that succeeded
     * @param transactionTime of transactions, from MAIL to the last reply
     * @param sessionTime of sessions that are over
     */
    public record Snapshot(
            long connected,
            long open,
            Map<Refusal, Long> refused,
            Map<Refusal, Long> limited,
            long handshakesFailed,
            Map<Mechanism, Long> logins,
            Map<Refusal, Long> loginsFailed,
            Map<Integer, Long> replies,
            Map<TransactionSummary.Outcome, Long> transactions,
            long recipientsTaken,
            long recipientsRefused,
            long contentOctets,
            long octetsIn,
            long octetsOut,
            Map<SessionSummary.End, Long> ends,
            Map<Alert.Kind, Long> alerts,
            Latencies.Snapshot handshakeTime,
            Latencies.Snapshot transactionTime,
            Latencies.Snapshot sessionTime) {}

    /** What was counted until about now. Enumerations are whole, with 0 for what there was none of. */
    public Snapshot snapshot() {
        // First, so that there are never fewer open than none.
        long over = disconnected.sum();
        long all = connected.sum();
        Map<Integer, Long> codes = new TreeMap<>();
        for (int i = 0; i < CODES; i++) {
            long sent = replies[i].sum();
            if (sent > 0) {
                codes.put(FIRST_CODE + i, sent);
            }
        }
        return new Snapshot(
                all,
                all - over,
                counts(Refusal.class, refused),
                counts(Refusal.class, limited),
                handshakesFailed.sum(),
                counts(Mechanism.class, logins),
                counts(Refusal.class, loginsFailed),
                codes,
                counts(TransactionSummary.Outcome.class, transactions),
                recipientsTaken.sum(),
                recipientsRefused.sum(),
                contentOctets.sum(),
                octetsIn.sum(),
                octetsOut.sum(),
                counts(SessionSummary.End.class, ends),
                counts(Alert.Kind.class, alerts),
                handshakeTime.snapshot(),
                transactionTime.snapshot(),
                sessionTime.snapshot());
    }

    private static LongAdder[] adders(int count) {
        LongAdder[] adders = new LongAdder[count];
        for (int i = 0; i < count; i++) {
            adders[i] = new LongAdder();
        }
        return adders;
    }

    private static <E extends Enum<E>> Map<E, Long> counts(Class<E> kind, LongAdder[] adders) {
        Map<E, Long> counts = new EnumMap<>(kind);
        for (E each : kind.getEnumConstants()) {
            counts.put(each, adders[each.ordinal()].sum());
        }
        return counts;
    }

    @Override
    public void connected(SessionInfo session) {
        connected.increment();
    }

    @Override
    public void refused(Refusal reason, InetSocketAddress remote, String profile) {
        refused[reason.ordinal()].increment();
    }

    @Override
    public void tls(SessionInfo session, Duration handshake) {
        handshakeTime.add(handshake.toNanos());
    }

    @Override
    public void tlsFailed(SessionInfo session, Throwable cause) {
        handshakesFailed.increment();
    }

    @Override
    public void loggedIn(SessionInfo session, Mechanism mechanism) {
        logins[mechanism.ordinal()].increment();
    }

    @Override
    public void loginFailed(SessionInfo session, String login, Mechanism mechanism, Refusal reason) {
        loginsFailed[reason.ordinal()].increment();
    }

    @Override
    public void limited(SessionInfo session, Refusal reason) {
        limited[reason.ordinal()].increment();
    }

    @Override
    public void replied(SessionInfo session, Reply reply) {
        replies[reply.code() - FIRST_CODE].increment();
    }

    @Override
    public void transaction(TransactionSummary transaction) {
        transactions[transaction.outcome().ordinal()].increment();
        recipientsTaken.add(transaction.recipients());
        recipientsRefused.add(transaction.refusedRecipients());
        contentOctets.add(transaction.octets());
        transactionTime.add(transaction.nanos());
    }

    @Override
    public void disconnected(SessionSummary session) {
        disconnected.increment();
        ends[session.end().ordinal()].increment();
        octetsIn.add(session.octetsIn());
        octetsOut.add(session.octetsOut());
        sessionTime.add(session.nanos());
    }

    @Override
    public void alert(Alert alert) {
        alerts[alert.kind().ordinal()].increment();
    }
}
