package dev.ehlo.smtp.server.driver;

/** Whoever serves a connection at the moment, as {@link LiveConnections} knows it. From any thread. */
interface LiveConnection {
    /** The server goes down: to end with what is under way. */
    void drain();

    /** To end now. */
    void abort();
}
