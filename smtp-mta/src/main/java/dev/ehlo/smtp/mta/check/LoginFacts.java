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
        /** The server says no, or there was no connection for it. */
        REFUSED,
        /** The password was not sent, as it is not proven who would get it. */
        WITHHELD
    }
}
