package dev.ehlo.smtp.server.session;

/** Where a session stands: in the first six it takes commands, by the table of {@link Move}; then it takes other things. */
enum State {
    /** The greeting refused the client: it may only leave. RFC 5321 §3.1. */
    REFUSED,
    /** Greeted, or under TLS by STARTTLS; neither EHLO nor HELO yet. */
    GREETED,
    /** No transaction. */
    READY,
    /** A reverse-path, and no recipient. */
    MAIL,
    /** A reverse-path, and recipients. */
    RCPT,
    /** Chunks of content, and the last is not among them. RFC 3030 §2. */
    CHUNKED,
    /** Connected; the greeting is not yet due. */
    CONNECTED,
    /** A line of the AUTH dialogue is next. */
    AUTH,
    /** Content is next, up to its end. */
    CONTENT,
    /** The rest of a chunk is next. */
    CHUNK,
    /** Over. */
    CLOSED
}
