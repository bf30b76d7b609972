package dev.ehlo.smtp.client;

import dev.ehlo.smtp.Reply;
import java.io.IOException;

/** The certificates of those whom this JVM trusts can't be read, so that nobody can be proven; no fault of the mail. */
final class UnreadableRoots extends IOException {
    private static final long serialVersionUID = 1;

    static final Reply REPLY = Reply.of(451, "4.3.5", "the certificates of those who are trusted can't be read");

    UnreadableRoots(RuntimeException cause) {
        super(cause);
    }
}
