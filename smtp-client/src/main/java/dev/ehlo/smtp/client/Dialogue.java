package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.Octets;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells a listener what was put into buffers and parsed out of them, escaped; costs nothing where none listens. */
final class Dialogue {
    static final String MASK = "****";

    private final @Nullable DialogueListener listener;

    Dialogue(@Nullable DialogueListener listener) {
        this.listener = listener;
    }

    /** The lines that were put since the buffer's position was {@code from}. */
    void sent(ByteBuffer out, int from) {
        if (listener != null) {
            lines(out, from).forEach(line -> listener.sent(Octets.printable(line)));
        }
    }

    /** A line that says less than was put. */
    void sentMasked(String line) {
        if (listener != null) {
            listener.sent(line);
        }
    }

    /** So much content, and what ended it. */
    void sentContent(long octets, boolean endOfData) {
        if (listener != null) {
            listener.sent("<" + octets + " octets of content>");
            if (endOfData) {
                listener.sent(".");
            }
        }
    }

    /** The lines that were consumed since the buffer's position was {@code from}. */
    void received(ByteBuffer in, int from) {
        if (listener != null) {
            lines(in, from).forEach(line -> listener.received(Octets.printable(line)));
        }
    }

    private static List<String> lines(ByteBuffer octets, int from) {
        String text = Octets.text(octets, from, octets.position());
        return List.of(text.split("\r\n", 0));
    }
}
