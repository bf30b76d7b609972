package dev.ehlo.smtp.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each form octet by octet; the forms as a whole are held against the reference by MailboxProperties. */
class AddressLiteralTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[0.19.255.1]",
                "[IPv6:::]",
                "[IPv6:1:22:333:4444:a:B:f:F]",
                "[IPv6:1:2:3:4:5:6::]",
                "[IPv6:::3:4:5:6:7:8]",
                "[IPv6:1:2:3:4:5:6:9.8.7.6]",
                "[IPv6:1::4:192.0.2.1]",
                "[x-1:y!z]",
                "[IPv7:1]"
            })
    void looksAtEveryOctetInEveryPlace(String literal) {
        assertThat(end(literal)).isEqualTo(literal.length());
        for (int at = 1; at < literal.length(); at++) {
            assertThat(end(literal.substring(0, at))).isEqualTo(-1);
            for (char c = 0; c < 256; c++) {
                String octets = literal.substring(0, at) + c + literal.substring(at + 1);
                boolean expected = ReferenceGrammar.mailbox("a@" + octets) != null;
                // A bracket in the middle ends it before its end.
                boolean ends = c == ']' && at < literal.length() - 1;
                if (!ends) {
                    assertThat(end(octets)).as(octets).isEqualTo(expected ? octets.length() : -1);
                }
            }
        }
    }

    @Test
    void endsWithItsBracket() {
        assertThat(end("[192.0.2.1]>")).isEqualTo(11);
        assertThat(end("[IPv6:::1]]")).isEqualTo(10);
        assertThat(end("[t:x]y]")).isEqualTo(5);
    }

    @Test
    void hasAsManyOctetsAsADomain() {
        assertThat(end("[t:" + "x".repeat(251) + "]")).isEqualTo(255);
        assertThat(end("[t:" + "x".repeat(252) + "]")).isEqualTo(-1);
    }

    /** Behind another octet, so that no index is 0; in a buffer that ends with it, so that to look beyond throws. */
    private static int end(String literal) {
        byte[] octets = ("]" + literal).getBytes(StandardCharsets.ISO_8859_1);
        int end = AddressLiteral.end(ByteBuffer.wrap(octets), 1, octets.length);
        ByteBuffer direct = ByteBuffer.allocateDirect(octets.length).put(octets).flip();
        assertThat(AddressLiteral.end(direct, 1, octets.length)).isEqualTo(end);
        return end < 0 ? end : end - 1;
    }
}
