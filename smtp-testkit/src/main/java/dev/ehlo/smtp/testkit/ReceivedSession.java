package dev.ehlo.smtp.testkit;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one connection to a {@link ScriptedPeer} has been so far.
 *
 * @param commands each line the client sent, content excepted, in order and without its CRLF; unmodifiable
 * @param isTls whether TLS was in use in the end
 * @param isEnded whether it is over
 * @param failure what ended it against the peer's will: a refused handshake, a silent client; null if nothing did
 */
public record ReceivedSession(
        List<String> commands,
        boolean isTls,
        boolean isEnded,
        @Nullable Throwable failure) {
    /** Copies the list. */
    public ReceivedSession {
        commands = List.copyOf(commands);
    }

    /** What ended it against the peer's will. */
    public Optional<Throwable> cause() {
        return Optional.ofNullable(failure);
    }
}
