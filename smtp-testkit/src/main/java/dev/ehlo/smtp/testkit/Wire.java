package dev.ehlo.smtp.testkit;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a script is played over: a machine without I/O, or a socket. */
interface Wire {
    /** Sends the parts, each by itself. */
    void send(List<byte[]> parts) throws IOException;

    /** More octets from the peer, at least one; null if there will be none. */
    byte @Nullable [] receive() throws IOException;

    /** What has come already, without waiting; null if nothing has. */
    byte @Nullable [] poll() throws IOException;

    /** Whether the peer has closed. Asked when {@link #receive} gave null. */
    boolean isClosed();

    /** Does the handshake. */
    void startTls() throws IOException;

    /** Ends what we send. */
    void close() throws IOException;
}
