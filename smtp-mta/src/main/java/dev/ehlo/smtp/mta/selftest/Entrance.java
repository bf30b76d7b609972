package dev.ehlo.smtp.mta.selftest;

import java.util.List;

/**
 * A way into a server.
 *
 * @param profile the name of the port's role
 * @param tls how far the attacker goes before it attacks
 * @param isForUsers whether mail is taken from logins alone
 */
public record Entrance(String profile, Tls tls, boolean isForUsers) {
    /** When an attacker turns to TLS. */
    public enum Tls {
        /** Not at all. */
        NONE,
        /** By STARTTLS, before anything else. */
        STARTTLS,
        /** From the first octet. */
        IMPLICIT
    }

    /** All there are, in the order of the report. */
    public static final List<Entrance> ALL = List.of(
            new Entrance("mx", Tls.NONE, false),
            new Entrance("mx", Tls.STARTTLS, false),
            new Entrance("submission", Tls.NONE, true),
            new Entrance("submission", Tls.STARTTLS, true),
            new Entrance("submissions", Tls.IMPLICIT, true),
            new Entrance("alternate", Tls.NONE, true),
            new Entrance("alternate", Tls.STARTTLS, true));

    boolean isUnderTls() {
        return tls != Tls.NONE;
    }

    /** Whether an attacker gets as far as a transaction. */
    boolean takesMail() {
        return !isForUsers || isUnderTls();
    }
}
