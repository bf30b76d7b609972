package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LoadMessageTest {
    private static final String HEADER = """
            From: <a@example.org>\r
            To: <b@example.net>\r
            Date: Thu, 1 Jan 1970 00:00:00 +0000\r
            Subject: load\r
            \r
            """;

    private static String text(int octets, long seed) throws Exception {
        LoadMessage message =
                new LoadMessage(octets, "a@example.org", "b@example.net", Instant.EPOCH, new Random(seed));
        assertThat(message.octets()).isEqualTo(octets);
        try (InputStream in = Channels.newInputStream(message.open())) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void hasAsManyOctetsAsToldInLinesThatNeedNoDots() throws Exception {
        for (int octets = 120; octets < 420; octets++) {
            String text = text(octets, octets);
            assertThat(text).hasSize(octets).startsWith(HEADER).endsWith("\r\n");
            assertThat(text.lines()).allMatch(line -> line.length() <= 76 && !line.startsWith("."));
            assertThat(text.replace("\r\n", "")).doesNotContain("\r", "\n");
        }
    }

    @Test
    void isTheSameForTheSameSeedAlone() throws Exception {
        assertThat(text(4096, 1)).isEqualTo(text(4096, 1)).isNotEqualTo(text(4096, 2));
    }

    @Test
    void isNotShorterThanItsHeader() {
        assertThatThrownBy(() -> text(50, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("50");
    }
}
