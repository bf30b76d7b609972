package dev.ehlo.smtp.server;

import dev.ehlo.smtp.Latencies;
import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.Reply;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
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
    private final Map<Refusal, LongAdder> refused = adders(Refusal.class);
    private final Map<Refusal, LongAdder> limited = adders(Refusal.class);
    private final Map<Mechanism, LongAdder> logins = adders(Mechanism.class);
    private final Map<Refusal, LongAdder> loginsFailed = adders(Refusal.class);
    private final LongAdder[] replies = adders(CODES);
    private final Map<TransactionSummary.Outcome, LongAdder> transactions = adders(TransactionSummary.Outcome.class);
    private final Map<SessionSummary.End, LongAdder> ends = adders(SessionSummary.End.class);
    private final Map<Alert.Kind, LongAdder> alerts = adders(Alert.Kind.class);
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

    /** Filled here, and only read from then on. */
    private static <E extends Enum<E>> Map<E, LongAdder> adders(Class<E> kind) {
        Map<E, LongAdder> adders = new EnumMap<>(kind);
        for (E each : kind.getEnumConstants()) {
            adders.put(each, new LongAdder());
        }
        return adders;
    }

    private static <E extends Enum<E>> void count(Map<E, LongAdder> adders, E of) {
        Objects.requireNonNull(adders.get(of)).increment();
    }

    private static <E extends Enum<E>> Map<E, Long> counts(Class<E> kind, Map<E, LongAdder> adders) {
        Map<E, Long> counts = new EnumMap<>(kind);
        adders.forEach((each, count) -> counts.put(each, count.sum()));
        return counts;
    }

    @Override
    public void connected(SessionInfo session) {
        connected.increment();
    }

    @Override
    public void refused(Refusal reason, InetSocketAddress remote, String profile) {
        count(refused, reason);
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
        count(logins, mechanism);
    }

    @Override
    public void loginFailed(SessionInfo session, String login, Mechanism mechanism, Refusal reason) {
        count(loginsFailed, reason);
    }

    @Override
    public void limited(SessionInfo session, Refusal reason) {
        count(limited, reason);
    }

    @Override
    public void replied(SessionInfo session, Reply reply) {
        replies[reply.code() - FIRST_CODE].increment();
    }

    @Override
    public void transaction(TransactionSummary transaction) {
        count(transactions, transaction.outcome());
        recipientsTaken.add(transaction.recipients());
        recipientsRefused.add(transaction.refusedRecipients());
        contentOctets.add(transaction.octets());
        transactionTime.add(transaction.nanos());
    }

    @Override
    public void disconnected(SessionSummary session) {
        disconnected.increment();
        count(ends, session.end());
        octetsIn.add(session.octetsIn());
        octetsOut.add(session.octetsOut());
        sessionTime.add(session.nanos());
    }

    @Override
    public void alert(Alert alert) {
        count(alerts, alert.kind());
    }
}
