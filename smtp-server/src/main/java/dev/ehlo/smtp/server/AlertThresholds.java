package dev.ehlo.smtp.server;

import java.time.Duration;

/**
 * From when on something is unusual, so that {@link ServerEvents#alert} tells of it: once in each window for each login or
 * network, however long it goes on. No RFC. Derived from {@link #STANDARD}:
 *
 * <pre>{@code
 * builder.alerts(AlertThresholds.STANDARD.failedLogins(10, 100).unusualVolume(5, 500))
 * }</pre>
 */
public final class AlertThresholds {
    /**
     * In ten minutes 20 failed logins as one user or 50 from one network, and 100 refused recipients of one network; and
     * in an hour, of one login, 200 recipients that are ten times what it uses to have.
     */
    public static final AlertThresholds STANDARD = new AlertThresholds(Duration.ofMinutes(10), 20, 50, 100, 10, 200);

    private final Duration window;
    private final int failedLoginsOfLogin;
    private final int failedLoginsOfNetwork;
    private final int refusedRecipients;
    private final int volumeFactor;
    private final int volumeAtLeast;

    private AlertThresholds(
            Duration window,
            int failedLoginsOfLogin,
            int failedLoginsOfNetwork,
            int refusedRecipients,
            int volumeFactor,
            int volumeAtLeast) {
        if (window.compareTo(Duration.ofSeconds(1)) < 0 || window.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("window: " + window);
        }
        for (int count :
                new int[] {failedLoginsOfLogin, failedLoginsOfNetwork, refusedRecipients, volumeFactor, volumeAtLeast
                }) {
            if (count < 1) {
                throw new IllegalArgumentException("less than 1: " + count);
            }
        }
        this.window = window;
        this.failedLoginsOfLogin = failedLoginsOfLogin;
        this.failedLoginsOfNetwork = failedLoginsOfNetwork;
        this.refusedRecipients = refusedRecipients;
        this.volumeFactor = volumeFactor;
        this.volumeAtLeast = volumeAtLeast;
    }

    /**
     * Counts anew after that time, but for volumes, which are those of an hour.
     *
     * @throws IllegalArgumentException if less than a second, or more than a day
     */
    public AlertThresholds window(Duration time) {
        return new AlertThresholds(
                time, failedLoginsOfLogin, failedLoginsOfNetwork, refusedRecipients, volumeFactor, volumeAtLeast);
    }

    /**
     * So many failed logins in a window.
     *
     * @param ofLogin as one user, from wherever
     * @param ofNetwork from one IPv4 network of 24 bits or IPv6 network of 64, as whomever
     * @throws IllegalArgumentException if either is less than 1
     */
    public AlertThresholds failedLogins(int ofLogin, int ofNetwork) {
        return new AlertThresholds(window, ofLogin, ofNetwork, refusedRecipients, volumeFactor, volumeAtLeast);
    }

    /**
     * So many refused recipients in a window, of clients from one IPv4 network of 24 bits or IPv6 network of 64.
     *
     * @throws IllegalArgumentException if less than 1
     */
    public AlertThresholds refusedRecipients(int ofNetwork) {
        return new AlertThresholds(
                window, failedLoginsOfLogin, failedLoginsOfNetwork, ofNetwork, volumeFactor, volumeAtLeast);
    }

    /**
     * So many recipients of accepted messages in an hour, of one login.
     *
     * @param factor times what the login has had in an hour on average lately, in hours when it was used
     * @param atLeast and no fewer than these
     * @throws IllegalArgumentException if either is less than 1
     */
    public AlertThresholds unusualVolume(int factor, int atLeast) {
        return new AlertThresholds(
                window, failedLoginsOfLogin, failedLoginsOfNetwork, refusedRecipients, factor, atLeast);
    }

    /** After which it is counted anew. */
    public Duration window() {
        return window;
    }

    /** Failed logins as one user. */
    public int failedLoginsOfLogin() {
        return failedLoginsOfLogin;
    }

    /** Failed logins from one network. */
    public int failedLoginsOfNetwork() {
        return failedLoginsOfNetwork;
    }

    /** Refused recipients of clients from one network. */
    public int refusedRecipients() {
        return refusedRecipients;
    }

    /** Times what a login uses to have. */
    public int volumeFactor() {
        return volumeFactor;
    }

    /** Recipients in an hour, under which no volume is unusual. */
    public int volumeAtLeast() {
        return volumeAtLeast;
    }
}
