package dev.ehlo.smtp.jakarta;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What a message becomes, however it writes itself, beside a slow and obvious way. */
class MessageContentProperties {
    @Provide
    Arbitrary<String> text() {
        return Arbitraries.strings().withChars('\r', '\n', '.', 'a', 'é').ofMaxLength(40);
    }

    @Property(tries = 500)
    void isLinesHoweverItIsWritten(@ForAll("text") String text, @ForAll long seed) throws IOException {
        byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
        try (MessageContent content = written(octets, new Random(seed))) {
            String lines = lines(text);
            assertThat(read(content)).isEqualTo(lines.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(content.octets()).isEqualTo(lines.length());
            assertThat(content.needsStuffing()).isEqualTo(lines.startsWith(".") || lines.contains("\n."));
            assertThat(content.isEightBit()).isEqualTo(lines.contains("é"));
            String header = lines.startsWith("\r\n") ? "" : lines.split("\r\n\r\n", 2)[0];
            assertThat(content.isHeaderEightBit()).isEqualTo(header.contains("é"));
        }
    }

    @Example
    void isTheSameInAFile() throws IOException {
        Random random = new Random(1);
        StringBuilder text = new StringBuilder();
        while (text.length() < MessageContent.MAX_MEMORY + 1_000_000) {
            text.append("line ").append(random.nextLong()).append('\n');
        }
        try (MessageContent content = written(text.toString().getBytes(StandardCharsets.US_ASCII), random)) {
            byte[] lines = lines(text.toString()).getBytes(StandardCharsets.US_ASCII);
            assertThat(read(content)).isEqualTo(lines);
            assertThat(read(content)).isEqualTo(lines); // as often as needed
            assertThat(content.octets()).isEqualTo(lines.length);
        }
    }

    private static MessageContent written(byte[] octets, Random random) throws IOException {
        MessageContent content = new MessageContent();
        for (int at = 0; at < octets.length; ) {
            int some = Math.min(octets.length - at, random.nextInt(octets.length > 1000 ? 10_000 : 4));
            if (some == 1) {
                content.write(octets[at] & 0xff);
            } else {
                content.write(octets, at, some);
            }
            at += some;
        }
        content.complete();
        return content;
    }

    private static String lines(String text) {
        String lines = text.replace("\r\n", "\n").replace('\r', '\n').replace("\n", "\r\n");
        return lines.isEmpty() || lines.endsWith("\n") ? lines : lines + "\r\n";
    }

    private static byte[] read(MessageContent content) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer block = ByteBuffer.allocate(1000);
        try (ReadableByteChannel in = content.open()) {
            while (in.read(block.clear()) >= 0) {
                all.write(block.array(), 0, block.position());
            }
        }
        return all.toByteArray();
    }
}
