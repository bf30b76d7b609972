package dev.ehlo.smtp.mta.check;

/**
 * What came of a login.
 *
 * @param said in the server's words, or this side's own; printable
 */
public record LoginFacts(State state, String said) {
    /** How it ended. */
    public enum State {
        /** Logged in. */
        TAKEN,
        /** The server says no, and for good. */
        REFUSED,
        /** The server says no for now, or hangs up once it is asked: it may have locked the account. */
        DEFERRED,
        /**
         * Neither: the server could not say for now, or there was no connection for it, or no mechanism that both sides
         * know.
         */
        FAILED,
        /** The password was not sent, as nothing but unsigned DNS says that users log in there. */
        NOT_OWN,
        /** The password was not sent, as it is not proven who would get it. */
        UNPROVEN,
        /** The password was not sent, as it would go in clear. */
        WITHHELD
    }
}
