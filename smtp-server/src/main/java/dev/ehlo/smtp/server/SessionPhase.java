package dev.ehlo.smtp.server;

/**
 * What a session waits for from its client, each with a {@linkplain SessionTimes time} of its own. Only the time in which
 * it is the client's turn counts: not what handlers, sinks and disks take, nor a {@linkplain ErrorDelay delay}.
 */
public enum SessionPhase {
    /** EHLO or HELO, after the greeting, and again after STARTTLS. RFC 5321 §4.5.3.2.7. */
    HELLO,
    /** A whole command, from the reply to the one before on. RFC 5321 §4.5.3.2.7. */
    COMMAND,
    /** A whole line of the AUTH dialogue. RFC 4954 §4 sets no time. */
    AUTH,
    /** The first octet of content after 354: what RFC 5321 §4.5.3.2.4 is to a client, DATA initiation. */
    CONTENT_START,
    /** 4 KiB of content, or its end: what RFC 5321 §4.5.3.2.5 is to a client, a data block. */
    CONTENT;

    /** Whether content has been asked for, or has begun. */
    public boolean isContent() {
        return this == CONTENT_START || this == CONTENT;
    }
}
