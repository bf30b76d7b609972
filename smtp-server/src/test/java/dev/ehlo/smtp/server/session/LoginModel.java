package dev.ehlo.smtp.server.session;

/** A login as RFC 4954 §4 has it, from AUTH to its final reply. */
final class LoginModel {
    private enum Awaiting {
        COMMAND,
        SASL_PLAIN,
        SASL_USER,
        SASL_PASSWORD,
        SCRAM_FIRST,
        SCRAM_PROOF,
        SCRAM_END,
        CRAM,
        ANYTHING
    }

    private final ExpectedCalls calls;
    private Awaiting awaiting = Awaiting.COMMAND;
    private Say saslUser = Say.SASL_NOTHING;
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
                return await(Awaiting.SASL_PLAIN);
            case AUTH_LOGIN:
                return await(Awaiting.SASL_USER);
            case AUTH_SCRAM:
                return await(Awaiting.SCRAM_FIRST);
            case AUTH_SCRAM_FIRST:
                return await(Awaiting.SCRAM_PROOF);
            case AUTH_CRAM:
                return await(Awaiting.CRAM);
            case AUTH_TOKEN_WRONG:
                return await(Awaiting.ANYTHING);
            case AUTH_RIGHT, AUTH_TOKEN, AUTH_EXTERNAL:
                loggedIn = true;
                return 235;
            case AUTH_WRONG, AUTH_SCRAM_DOWNGRADED, AUTH_SCRAM_UNBOUND:
                return 535;
            case AUTH_BROKEN, AUTH_TOKEN_BROKEN:
                calls.mishaps++;
                return 454;
            case AUTH_CRAM_TOO_EARLY:
                return 501;
            default:
                return 504;
        }
    }

    private int await(Awaiting next) {
        awaiting = next;
        return 334;
    }

    /** What is answered to a line of the dialogue. */
    int line(Say say) {
        Awaiting step = awaiting;
        awaiting = Awaiting.COMMAND;
        boolean isText = say != Say.NOOP && say != Say.SASL_CANCEL && say != Say.SASL_RIGHT;
        return switch (step) {
            case SASL_PLAIN -> let(say == Say.SASL_RIGHT, 501);
            case SASL_USER -> {
                saslUser = say;
                yield isText ? await(Awaiting.SASL_PASSWORD) : 501;
            }
            case SASL_PASSWORD -> let(saslUser == Say.SASL_USER && say == Say.SASL_SECRET, isText ? 535 : 501);
            case SCRAM_FIRST -> say == Say.SASL_SCRAM_FIRST ? await(Awaiting.SCRAM_PROOF) : 501;
            case SCRAM_PROOF -> say == Say.SASL_SCRAM_PROOF ? await(Awaiting.SCRAM_END) : 501;
            case SCRAM_END -> let(say == Say.SASL_NOTHING, 501);
            case CRAM -> let(say == Say.SASL_CRAM, 501);
            case ANYTHING -> say == Say.SASL_CANCEL ? 501 : 535;
            case COMMAND -> throw new AssertionError("no dialogue");
        };
    }

    private int let(boolean in, int otherwise) {
        loggedIn = in;
        return in ? 235 : otherwise;
    }
}
