package dev.ehlo.smtp.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.Reply;
import dev.ehlo.smtp.testkit.Cutter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class HeaderWatcherTest {
    @Property(tries = 500)
    void addsTheSameAsTheReferenceAtEveryCut(@ForAll("contents") String content) {
        String expected = reference(content);
        Cutter.everySplit(
                content.getBytes(StandardCharsets.ISO_8859_1),
                parts -> assertThat(watch(parts)).isEqualTo(expected));
        assertThat(watch(List.of())).isEqualTo("[date][id]");
    }

    @Provide
    Arbitrary<String> contents() {
        Arbitrary<String> line = Arbitraries.of(
                "Date: x",
                "date:",
                "DATE \t: y",
                "Message-ID: <x@y>",
                "message-id",
                "Subject: x",
                "Received: y",
                " folded",
                "\tfolded: no field",
                ":",
                ": x",
                "no field",
                "",
                "\r",
                "x\r",
                "D\u00e4te: x",
                "X-" + "y".repeat(100) + ": z",
                "X-" + "y".repeat(76) + ": z",
                "x" + " ".repeat(100) + ":");
        return line.list().ofMaxSize(6).map(lines -> {
            StringBuilder content = new StringBuilder();
            lines.forEach(l -> content.append(l).append("\r\n"));
            return content.toString();
        });
    }

    /** Line by line, with all of it at hand. */
    private static String reference(String content) {
        boolean date = false;
        boolean id = false;
        boolean any = false;
        int at = 0;
        String separator = "";
        while (at < content.length()) {
            int end = content.indexOf('\n', at) + 1;
            String line = content.substring(at, end);
            boolean folded = line.startsWith(" ") || line.startsWith("\t");
            String start = line.length() >= 80 ? line.substring(0, 80) : line;
            boolean passes = start.length() == 80 && start.matches("[!-9;-~]+[ \t]*");
            boolean field = passes || line.matches("(?s)[!-9;-~]+[ \t]*:.*");
            if (folded ? !any : !field) {
                separator = line.equals("\r\n") ? "" : "\r\n";
                break;
            }
            any = true;
            String lower = line.toLowerCase(Locale.ROOT);
            date |= lower.matches("(?s)date[ \t]*:.*");
            id |= lower.matches("(?s)message-id[ \t]*:.*");
            at = end;
        }
        String missing = (date ? "" : "[date]") + (id ? "" : "[id]");
        return content.substring(0, at) + missing + (missing.isEmpty() ? "" : separator) + content.substring(at);
    }

    private static String watch(List<byte[]> parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HeaderWatcher watcher = new HeaderWatcher(
                new MessageSink() {
                    @Override
                    public void write(ByteBuffer slice) {
                        byte[] octets = new byte[slice.remaining()];
                        slice.get(octets);
                        out.writeBytes(octets);
                    }

                    @Override
                    public CompletionStage<Reply> complete() {
                        throw new AssertionError();
                    }

                    @Override
                    public void abort() {
                        throw new AssertionError();
                    }
                },
                (date, id) -> (date ? "" : "[date]") + (id ? "" : "[id]"));
        try {
            for (byte[] part : parts) {
                // With strangers' octets on both sides, as in a network buffer.
                ByteBuffer buffer = ByteBuffer.allocate(part.length + 6);
                buffer.position(3).put(part).flip().position(3);
                watcher.write(buffer);
            }
            watcher.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toString(StandardCharsets.ISO_8859_1);
    }
}
