package dev.ehlo.smtp.server.session;

/** A login as RFC 4954 §4 has it, from AUTH to its final reply. */
final class LoginModel {
    private enum Awaiting {
        COMMAND,
        SASL_PLAIN,
        SASL_USER,
        SASL_PASSWORD
    }

    private final ExpectedCalls calls;
    private Awaiting awaiting = Awaiting.COMMAND;
    private String saslUser = "";
    boolean loggedIn;

    LoginModel(ExpectedCalls calls) {
        this.calls = calls;
    }

    /** Whether what is said is not read as a command. */
    boolean isUnderWay() {
        return awaiting != Awaiting.COMMAND;
    }

    /** What is answered to AUTH where it is offered and may come. */
    int begin(Say say) {
        if (loggedIn) {
            return 503;
        }
        switch (say) {
            case AUTH_PLAIN:
                awaiting = Awaiting.SASL_PLAIN;
                return 334;
            case AUTH_LOGIN:
                awaiting = Awaiting.SASL_USER;
                return 334;
            case AUTH_RIGHT:
                loggedIn = true;
                return 235;
            case AUTH_WRONG:
                return 535;
            case AUTH_BROKEN:
                calls.mishaps++;
                return 454;
            default:
                return 504;
        }
    }

    /** What is answered to a line of the dialogue. */
    int line(Say say) {
        Awaiting step = awaiting;
        awaiting = Awaiting.COMMAND;
        if (step == Awaiting.SASL_PLAIN) {
            loggedIn = say == Say.SASL_RIGHT;
            return loggedIn ? 235 : 501;
        }
        if (say != Say.SASL_USER && say != Say.SASL_SECRET) {
            return 501;
        }
        if (step == Awaiting.SASL_USER) {
            saslUser = say == Say.SASL_USER ? "alice" : "secret";
            awaiting = Awaiting.SASL_PASSWORD;
            return 334;
        }
        loggedIn = saslUser.equals("alice") && say == Say.SASL_SECRET;
        return loggedIn ? 235 : 535;
    }
}
