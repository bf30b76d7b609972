package dev.ehlo.smtp.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class OctetsTest {
    private static final Pattern NOT_SHOWN =
            Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]");

    @Provide
    Arbitrary<byte[]> leadAndTail() {
        Arbitrary<Integer> interesting = Arbitraries.of(
                0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed,
                0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff);
        return interesting.list().ofMaxSize(6).map(list -> {
            byte[] octets = new byte[list.size()];
            for (int i = 0; i < octets.length; i++) {
                octets[i] = list.get(i).byteValue();
            }
            return octets;
        });
    }

    @Property(tries = 5000)
    void wellFormedUtf8IsWhatAStrictDecoderTakes(@ForAll("leadAndTail") byte[] octets) {
        assertThat(Octets.isUtf8(ByteBuffer.wrap(octets), 0, octets.length))
                .isEqualTo(isDecoded(octets, octets.length));
    }

    @Property
    void whatIsEscapedIsPrintableAndStaysApart(@ForAll String text) {
        assertThat(Octets.isPrintable(Octets.printable(text))).isTrue();
        if (Octets.isPrintable(text) && text.indexOf('\\') < 0) {
            assertThat(Octets.printable(text)).isEqualTo(text);
        }
    }

    @Example
    void escapesWhatForgesALine() {
        assertThat(Octets.printable("a\r\n\u001b\u0085\u2028\u202e\ufeff\ud800\\"))
                .isEqualTo("a\\u000d\\u000a\\u001b\\u0085\\u2028\\u202e\\ufeff\\ud800\\\\");
        assertThat(Octets.printable("\u00e9 \ud83d\udce7")).isEqualTo("\u00e9 \ud83d\udce7");
    }

    @Example
    void whatIsNotShownIsKnownToTheLastCodePoint() {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            String text = Character.toString(c);
            boolean surrogate = c >= 0xd800 && c < 0xe000;
            boolean shown = !surrogate && !NOT_SHOWN.matcher(text).matches();
            if (Octets.isPrintable(text) != shown || Octets.isWellFormed(text) == surrogate) {
                throw new AssertionError(Integer.toHexString(c));
            }
        }
    }

    @Example
    void aLineHasNoControlCharacterOfAscii() {
        for (char c = 0; c < 0x100; c++) {
            assertThat(Octets.isOneLine("a" + c)).isEqualTo(c >= ' ' && c != 0x7f);
        }
    }

    @Example
    void everyLeadTakesWhatAStrictDecoderTakesBehindIt() {
        for (int pair = 0; pair < 0x10000; pair++) {
            for (int length = 1; length <= 4; length++) {
                byte[] octets = {(byte) (pair >> 8), (byte) pair, (byte) 0x80, (byte) 0xbf};
                assertThat(Octets.isUtf8(ByteBuffer.wrap(octets), 0, length)).isEqualTo(isDecoded(octets, length));
            }
        }
    }

    private static boolean isDecoded(byte[] octets, int length) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(octets, 0, length));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Example
    void anOctetMissingAtTheEndIsNotLookedFor() {
        byte[] octets = "\u00fc\u4e2d\ud83d\udce7".getBytes(StandardCharsets.UTF_8);
        for (int to = 0; to <= octets.length; to++) {
            ByteBuffer exact = ByteBuffer.wrap(octets, 0, to).slice();
            assertThat(Octets.isUtf8(exact, 0, to)).isEqualTo(to == 0 || to == 2 || to == 5 || to == 9);
        }
    }

    @Example
    void textBecomesUtf8OrNothing() {
        assertThat(Octets.utf8("\u00e9")).containsExactly(0xc3, 0xa9);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Octets.utf8("a\udc00"))
                .withMessageContaining("a\\udc00");
    }

    @Example
    void asciiEndsWithDel() {
        assertThat(Octets.isAscii("a\0\u007f")).isTrue();
        assertThat(Octets.isAscii("\u0080")).isFalse();
    }

    @Example
    void onlyAsciiLettersAreLowered() {
        assertThat(Octets.lowerAscii("AZ[\u00c9\u212a\u0130")).isEqualTo("az[\u00c9\u212a\u0130");
    }
}
