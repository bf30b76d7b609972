package dev.ehlo.smtp.mta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.MessageSource;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class WithoutReturnPathTest {
    private static String trimmed(String text, int room) throws Exception {
        MessageSource trimmed = WithoutReturnPath.of(MessageSource.of(text.getBytes(StandardCharsets.ISO_8859_1)));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer block = ByteBuffer.allocate(room);
        try (ReadableByteChannel in = trimmed.open()) {
            while (in.read(block) >= 0) {
                all.write(block.array(), 0, block.position());
                block.clear();
            }
        }
        assertThat(trimmed.octets()).isEqualTo(all.size());
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    @Test
    void leavesOutTheFieldWhereverItStandsInTheHeader() throws Exception {
        String line = "x".repeat(70) + "\r\n";
        String text = "Return-Path: <a@b.test>\r\nreturn-path :\r\n <folded@b.test>\r\nReceived: " + line
                + ("To: " + line).repeat(200) + "RETURN-PATH: <far@b.test>\r\n" + ("\t" + line).repeat(300)
                + "Subject: y\r\nReturn-Path: last\r\n\r\nReturn-Path: body\r\n";
        String rest = "Received: " + line + ("To: " + line).repeat(200) + "Subject: y\r\n\r\nReturn-Path: body\r\n";
        for (int room : new int[] {1, 7, 64 * 1024}) {
            assertThat(trimmed(text, room)).isEqualTo(rest);
        }
    }

    @Test
    void leavesAllElseAsItIs() throws Exception {
        for (String text : new String[] {
            "",
            "Subject: x\r\n\r\nReturn-Path: body\r\n",
            "\r\nReturn-Path: body\r\n",
            "Return-Path-Not: x\r\n\r\n",
            "Return-Path",
            "Subject: x\r\nno field\r\nReturn-Path: body\r\n"
        }) {
            assertThat(trimmed(text, 5)).isEqualTo(text);
        }
    }

    @Test
    void leavesNothingOfAMessageThatIsNothingElse() throws Exception {
        assertThat(trimmed("Return-Path: <a@b.test>", 5)).isEmpty();
        assertThat(trimmed("Return-Path: <a@b.test>\r\n", 5)).isEmpty();
    }
}
