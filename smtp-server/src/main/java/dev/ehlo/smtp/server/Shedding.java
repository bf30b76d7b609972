package dev.ehlo.smtp.server;

/** What a server under strain refuses, in this order; each includes the ones before it. Never content that has begun. */
public enum Shedding {
    /** All is well. */
    NOTHING,
    /** Whoever connects is told {@code 421 4.3.2}. RFC 5321 §3.8. */
    CONNECTIONS,
    /** And whoever is there already is told {@code 452 4.3.1} to MAIL. RFC 5321 §4.2.3. */
    TRANSACTIONS
}
