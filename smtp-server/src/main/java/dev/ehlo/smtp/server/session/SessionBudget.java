package dev.ehlo.smtp.server.session;

import dev.ehlo.smtp.server.ErrorDelay;
import dev.ehlo.smtp.server.SessionLimits;

/**
 * What a session has used up of its limits. Each method counts one more, and tells whether that is one too many: the
 * session then ends with 421. RFC 5321 §7.8.
 */
final class SessionBudget {
    private final SessionLimits limits;
    private int errors;
    private int heldBack;
    private int idleCommands;
    private int refusedRecipients;
    private int authFailures;
    private int transactions;

    SessionBudget(SessionLimits limits) {
        this.limits = limits;
    }

    boolean isErrorTooMany() {
        return ++errors > limits.maxErrors();
    }

    /** What the reply to one more error is held back, in nanoseconds. */
    long delayOfError(boolean isTrusted) {
        ErrorDelay delay = isTrusted ? limits.userErrorDelay() : limits.errorDelay();
        return delay.nanosOf(++heldBack);
    }

    boolean isIdleTooMany() {
        return ++idleCommands > limits.maxIdleCommands();
    }

    boolean isRefusedRecipientTooMany() {
        return ++refusedRecipients > limits.maxRefusedRecipients();
    }

    boolean isAuthFailureTooMany() {
        return ++authFailures >= limits.maxAuthFailures();
    }

    boolean isTransactionTooMany() {
        return ++transactions > limits.maxTransactions();
    }

    void messageTaken() {
        idleCommands = 0;
    }
}
