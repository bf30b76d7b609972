package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.Mailbox;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The last mailbox that was made of octets, and those: who sends a second message on a connection most often does so
 * from the same sender or to the same recipient, and to compare costs less than to make it anew.
 */
final class PathMemo {
    private byte[] octets = {};
    private @Nullable Mailbox mailbox;

    /** The mailbox from {@code from} to {@code to}, which the parser has found to be one. */
    Mailbox mailbox(ByteBuffer in, int from, int to) {
        Mailbox last = mailbox;
        if (last != null && isSame(in, from, to)) {
            return last;
        }
        byte[] copy = new byte[to - from];
        in.get(from, copy);
        Mailbox made = Mailbox.parse(new String(copy, StandardCharsets.UTF_8));
        octets = copy;
        mailbox = made;
        return made;
    }

    private boolean isSame(ByteBuffer in, int from, int to) {
        if (to - from != octets.length) {
            return false;
        }
        for (int i = 0; i < octets.length; i++) {
            if (octets[i] != in.get(from + i)) {
                return false;
            }
        }
        return true;
    }
}
