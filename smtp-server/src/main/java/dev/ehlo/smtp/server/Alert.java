package dev.ehlo.smtp.server;

/**
 * Something unusual, which an operator may want to look at.
 *
 * @param kind what goes on
 * @param subject of whom: a login, in the peer's words and so to be escaped, or a network or an address
 * @param count how often it was seen
 * @param seconds within how long
 */
public record Alert(Kind kind, String subject, long count, long seconds) {
    /** What may be unusual. */
    public enum Kind {
        /** Logins as one user fail again and again. */
        FAILED_LOGINS_OF_LOGIN,
        /** Logins from one network fail again and again. */
        FAILED_LOGINS_OF_NETWORK,
        /** A login sends far more than it uses to. */
        UNUSUAL_VOLUME,
        /** A client asks for many recipients that are refused. */
        UNKNOWN_RECIPIENTS
    }
}
