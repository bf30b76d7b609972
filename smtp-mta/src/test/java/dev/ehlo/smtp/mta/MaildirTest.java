package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ehlo.smtp.MessageSource;
import dev.ehlo.smtp.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaildirTest {
    @TempDir
    private Path scratch;

    private List<Path> files(String part) throws IOException {
        try (Stream<Path> files = Files.list(scratch.resolve("alice").resolve(part))) {
            return files.toList();
        }
    }

    private Maildir maildir() {
        return new Maildir(scratch.resolve("alice"), "mx.example.org", new ManualClock());
    }

    private static MessageSource of(String text) {
        return MessageSource.of(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void keepsEveryOctet() throws Exception {
        StringBuilder content = new StringBuilder();
        for (int i = 0; i < 200_000; i++) {
            content.append((char) (i * 7 % 256));
        }
        maildir().deliver("Return-Path: <>\r\n", of(content.toString()));
        assertThat(files("new")).hasSize(1);
        assertThat(Files.readString(files("new").get(0), StandardCharsets.ISO_8859_1)
                        .equals("Return-Path: <>\r\n" + content))
                .isTrue();
        assertThat(files("tmp")).isEmpty();
        assertThat(files("cur")).isEmpty();
    }

    @Test
    void takesAnEmptyMessage() throws Exception {
        maildir().deliver("Return-Path: <>\r\n", of(""));
        assertThat(Files.readString(files("new").get(0))).isEqualTo("Return-Path: <>\r\n");
    }

    @Test
    void namesTwoMessagesOfOneInstantApart() throws Exception {
        maildir().deliver("", of("one"));
        maildir().deliver("", of("two"));
        assertThat(files("new")).hasSize(2);
    }

    @Test
    void leavesNothingBehindWhenTheContentFails() throws Exception {
        MessageSource torn = new MessageSource() {
            @Override
            public long octets() {
                return 100;
            }

            @Override
            public ReadableByteChannel open() {
                return Channels.newChannel(new ByteArrayInputStream(new byte[99]));
            }
        };
        assertThatThrownBy(() -> maildir().deliver("", torn)).isInstanceOf(IOException.class);
        assertThat(files("tmp")).isEmpty();
        assertThat(files("new")).isEmpty();
    }
}
