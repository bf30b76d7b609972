package dev.ehlo.smtp.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class InboxTest {
    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Property(tries = 200)
    void takesTheSameHoweverItIsCut(@ForAll long seed) {
        byte[] octets = ascii("MAIL\r\n.\r\n..a\r\n.\r\n\n.\n\r\n.b.\r\r\n..\r\n.\r\nQUIT\r\nhalf");
        assertThat(taken(Cutter.random(octets, seed))).isEqualTo("MAIL||.a\r\n|\n.\n\r\nb.\r\r\n.\r\n|QUIT|null");
    }

    private static String taken(List<byte[]> parts) {
        Inbox inbox = new Inbox(new Parts(parts));
        try {
            return new String(inbox.takeLine(), StandardCharsets.US_ASCII)
                    + '|'
                    + new String(inbox.takeContent(), StandardCharsets.US_ASCII)
                    + '|'
                    + new String(inbox.takeContent(), StandardCharsets.US_ASCII)
                    + '|'
                    + new String(inbox.takeContent(), StandardCharsets.US_ASCII)
                    + '|'
                    + new String(inbox.takeLine(), StandardCharsets.US_ASCII)
                    + '|'
                    + Arrays.toString(inbox.takeLine());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void takesLargeContent() throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (int i = 0; i < 50_000; i++) {
            content.writeBytes(ascii(i + " lines of content\r\n"));
        }
        byte[] wire = Arrays.copyOf(content.toByteArray(), content.size() + 3);
        System.arraycopy(ascii(".\r\n"), 0, wire, content.size(), 3);
        Inbox inbox = new Inbox(new Parts(Cutter.random(wire, 7)));
        assertThat(inbox.takeContent()).isEqualTo(content.toByteArray());
        assertThat(inbox.isEmpty()).isTrue();
    }

    @Test
    void givesUpOnALineWithoutEnd() {
        byte[] part = new byte[Inbox.MAX_LINE / 2];
        Inbox inbox = new Inbox(new Parts(List.of(part, part, part, ascii("\r\n"))));
        assertThatThrownBy(inbox::takeLine).isInstanceOf(IOException.class).hasMessageContaining("without \\r\\n");
    }

    /** Gives these parts, one for each time it is asked. */
    private static final class Parts implements Wire {
        private final Deque<byte[]> parts;

        Parts(List<byte[]> parts) {
            this.parts = new ArrayDeque<>(parts);
        }

        @Override
        public byte[] receive() {
            return parts.poll();
        }

        @Override
        public byte[] poll() {
            return null;
        }

        @Override
        public boolean isClosed() {
            return parts.isEmpty();
        }

        @Override
        public void send(List<byte[]> octets) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void startTls() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }
    }
}
