package dev.ehlo.smtp.tls;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.StandardConstants;
import org.jspecify.annotations.Nullable;

/**
 * What the engine does not say of its own handshake: noted by the key manager of a server and the trust manager of a
 * client, read when the handshake is done.
 *
 * <p>A handshake is a full one if a key was chosen (server) or a chain judged (client), and resumed if not: the same
 * for TLS 1.2 and 1.3, tickets and session identifiers. It is the engine's selector of the application protocol (which
 * a client's engine never asks), because that is the one object of ours an engine carries. A value in its session would
 * be nearer at hand, but the JDK puts no session that has one into a ticket, and TLS 1.2 could not be resumed at all.
 */
final class HandshakeNotes implements BiFunction<SSLEngine, List<String>, @Nullable String> {
    private volatile boolean full;
    private volatile @Nullable String serverName;
    private volatile int generation = Integer.MIN_VALUE;

    /** Those of an engine of {@link TlsContext#newEngine}. */
    static HandshakeNotes of(SSLEngine engine) {
        if (engine.getHandshakeApplicationProtocolSelector() instanceof HandshakeNotes notes) {
            return notes;
        }
        throw new IllegalArgumentException("an engine of another maker: " + engine);
    }

    /** Octets meant for a server of another protocol end with the handshake. RFC 7301 §3.2. */
    @Override
    public @Nullable String apply(SSLEngine engine, List<String> offered) {
        return offered.contains(TlsContext.APPLICATION_PROTOCOL) ? TlsContext.APPLICATION_PROTOCOL : null;
    }

    /**
     * Takes note of the name that a client asks for, and refuses none: a client that knows another name than ours is
     * shown the default. The session has the name too, but only later than JDK 25 asks for the key of a ticket. As the
     * engine takes the name for ours, it resumes no session under another one (RFC 6066 §3).
     */
    SNIMatcher serverNames() {
        return new SNIMatcher(StandardConstants.SNI_HOST_NAME) {
            @Override
            public boolean matches(SNIServerName name) {
                String text = name instanceof SNIHostName host
                        ? host.getAsciiName()
                        : new String(name.getEncoded(), StandardCharsets.US_ASCII);
                serverName = text.toLowerCase(Locale.ROOT);
                return true;
            }
        };
    }

    /** What a client asked for, in lower case; null if it did not. */
    @Nullable
    String serverName() {
        return serverName;
    }

    /**
     * The number of the keys that the handshake goes on with, whatever is read anew meanwhile: those of the first time
     * that it is asked for, or the current ones, if there were others between them.
     *
     * @param current the number of those that are shown now
     */
    int generation(int current) {
        if (generation < current - 1) {
            generation = current;
        }
        return generation;
    }

    void full() {
        full = true;
    }

    boolean isFull() {
        return full;
    }
}
