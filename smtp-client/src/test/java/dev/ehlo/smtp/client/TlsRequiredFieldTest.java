package dev.ehlo.smtp.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.MessageSource;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which messages have {@code TLS-Required: No} in their header. RFC 8689 §3. */
class TlsRequiredFieldTest {
    private static boolean isNo(String message) throws Exception {
        return TlsRequiredField.isNo(MessageSource.of(message.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TLS-Required: No\r\n\r\nx",
                "Subject: x\r\ntls-required:no\r\nTo: y\r\n\r\nx",
                "Subject: x\nTLS-REQUIRED: NO\n\nx",
                "TLS-Required:\r\n\tNo\r\n\r\n",
                "TLS-Required : No \r\n\r\n",
                "TLS-Required: No\r\nTLS-Required: no\r\n\r\n",
                "TLS-Required: No"
            })
    void whereItIsThere(String message) throws Exception {
        assertThat(isNo(message)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\r\nTLS-Required: No\r\n",
                "Subject: x\r\n\r\nTLS-Required: No\r\n",
                "Subject: x\n\nTLS-Required: No\r\n",
                "Subject: x\r\n TLS-Required: No\r\n\r\n",
                "X-TLS-Required: No\r\n\r\n",
                "TLS-Required: Yes\r\n\r\n",
                "TLS-Required: Nothing\r\n\r\n",
                "TLS-Required:\r\nNo: \r\n\r\n",
                "TLS-Required: No\r\nTLS-Required: Yes\r\n\r\n"
            })
    void whereItIsNot(String message) throws Exception {
        assertThat(isNo(message)).isFalse();
    }

    @Test
    void isFoundWhereverBlocksEndAndNotBehindTheLimit() throws Exception {
        for (int pad = 8_150; pad < 8_200; pad++) {
            assertThat(isNo("X: " + "y".repeat(pad) + "\r\nTLS-Required: No\r\n\r\nx"))
                    .as("%d", pad)
                    .isTrue();
        }
        assertThat(isNo("X: " + "y".repeat(TlsRequiredField.MAX_HEADER + 8_192) + "\r\nTLS-Required: No\r\n\r\n"))
                .isFalse();
    }
}
