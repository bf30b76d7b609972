package dev.ehlo.smtp.client;

import dev.ehlo.smtp.grammar.Octets;
import java.nio.ByteBuffer;
import java.util.List;

/** Tells a listener what was put into buffers and parsed out of them, escaped; costs nothing where none listens. */
final class Dialogue {
    static final String MASK = "****";

    private final DialogueListener listener;

    Dialogue(DialogueListener listener) {
        this.listener = listener;
    }

    /** The lines that were put since the buffer's position was {@code from}. */
    void sent(ByteBuffer out, int from) {
        if (listener != DialogueListener.NONE) {
            lines(out, from).forEach(line -> listener.sent(Octets.printable(line)));
        }
    }

    /** A line that says less than was put. */
    void sentMasked(String line) {
        listener.sent(line);
    }

    /** The lines that were consumed since the buffer's position was {@code from}. */
    void received(ByteBuffer in, int from) {
        if (listener != DialogueListener.NONE) {
            lines(in, from).forEach(line -> listener.received(Octets.printable(line)));
        }
    }

    private static List<String> lines(ByteBuffer octets, int from) {
        String text = Octets.text(octets, from, octets.position());
        return List.of(text.split("\r\n", 0));
    }
}
