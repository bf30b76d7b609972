package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.Mechanism;
import dev.ehlo.smtp.server.Alert;
import dev.ehlo.smtp.server.AlertThresholds;
import dev.ehlo.smtp.server.Refusal;
import dev.ehlo.smtp.server.ServerEvents;
import dev.ehlo.smtp.server.SessionInfo;
import dev.ehlo.smtp.server.TransactionSummary;
import dev.ehlo.smtp.server.limit.LoginNames;
import dev.ehlo.smtp.server.limit.NameHash;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Watches for what is unusual, and raises alerts. Of a fixed size; what it knows of habits ends with the process. A login
 * that fails is counted, and named, in the {@linkplain LoginNames one form} by which it is locked out.
 */
public final class AlertWatch implements ServerEvents {
    /** Logins and networks that are known at a time, of each kind. */
    static final int PLACES = 8192;
    /** Characters of a login that are told. */
    private static final int MAX_LOGIN = 256;

    private static final int NETWORK_OCTETS_4 = 3;
    private static final int NETWORK_OCTETS_6 = 8;
    private static final Duration HOUR = Duration.ofHours(1);

    private final AlertThresholds thresholds;
    private final LoginNames logins;
    private final NameHash keys = new NameHash();
    private final LongSupplier clock;
    private final ServerEvents told;
    private final Habits failuresOfLogin;
    private final Habits failuresOfNetwork;
    private final Habits refusedOfNetwork;
    private final Habits volumes;

    /**
     * With those thresholds.
     *
     * @param logins the one form of each
     * @param clock in nanoseconds
     * @param told who is told of alerts
     */
    public AlertWatch(AlertThresholds thresholds, LoginNames logins, LongSupplier clock, ServerEvents told) {
        this.thresholds = thresholds;
        this.logins = logins;
        this.clock = clock;
        this.told = told;
        long window = thresholds.window().toNanos();
        this.failuresOfLogin = new Habits(PLACES, window);
        this.failuresOfNetwork = new Habits(PLACES, window);
        this.refusedOfNetwork = new Habits(PLACES, window);
        this.volumes = new Habits(PLACES, HOUR.toNanos());
    }

    @Override
    public void loginFailed(SessionInfo session, String login, Mechanism mechanism, Refusal reason) {
        long now = clock.getAsLong();
        if (!login.isEmpty()) {
            String one = logins.of(login);
            int most = thresholds.failedLoginsOfLogin();
            raise(
                    Alert.Kind.FAILED_LOGINS_OF_LOGIN,
                    one.substring(0, Math.min(one.length(), MAX_LOGIN)),
                    failuresOfLogin.add(keys.of(one), 1, 0, most, now));
        }
        String network = network(session);
        int most = thresholds.failedLoginsOfNetwork();
        raise(Alert.Kind.FAILED_LOGINS_OF_NETWORK, network, failuresOfNetwork.add(keys.of(network), 1, 0, most, now));
    }

    @Override
    public void transaction(TransactionSummary transaction) {
        int refused = transaction.refusedRecipients();
        if (refused > 0) {
            String network = network(transaction.session());
            long count = refusedOfNetwork.add(
                    keys.of(network), refused, 0, thresholds.refusedRecipients(), clock.getAsLong());
            raise(Alert.Kind.UNKNOWN_RECIPIENTS, network, count);
        }
        String login = transaction.session().login().orElse(null);
        if (login != null && transaction.outcome() == TransactionSummary.Outcome.ACCEPTED) {
            long count = volumes.add(
                    keys.quick(login),
                    transaction.recipients(),
                    thresholds.volumeFactor(),
                    thresholds.volumeAtLeast(),
                    clock.getAsLong());
            raise(Alert.Kind.UNUSUAL_VOLUME, login, count);
        }
    }

    private void raise(Alert.Kind kind, String subject, long count) {
        if (count > 0) {
            Duration within = kind == Alert.Kind.UNUSUAL_VOLUME ? HOUR : thresholds.window();
            told.alert(new Alert(kind, subject, count, within.toSeconds()));
        }
    }

    /** The client's network of 24 bits (IPv4) or 64 (IPv6), where one host may have all addresses. */
    private static String network(SessionInfo session) {
        byte[] octets = session.remoteAddress().getAddress().getAddress();
        int kept = octets.length == 4 ? NETWORK_OCTETS_4 : NETWORK_OCTETS_6;
        Arrays.fill(octets, kept, octets.length, (byte) 0);
        try {
            return InetAddress.getByAddress(octets).getHostAddress() + '/' + 8 * kept;
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + octets.length + " octets", e);
        }
    }
}
