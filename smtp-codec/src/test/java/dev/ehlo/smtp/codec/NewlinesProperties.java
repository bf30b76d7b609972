package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class NewlinesProperties {
    @Provide
    Arbitrary<byte[]> octets() {
        return Wire.soup(
                "\r",
                "\n",
                "\r\n",
                "\r\n.",
                "\r\n.\r\n",
                "\t",
                "\u000b",
                "\u000c",
                "\u000e",
                "a",
                "abcdefgh",
                "\0",
                "\u008d",
                "\u008a",
                "\u0080",
                "\u00ff");
    }

    @Property(tries = 5000)
    void findsWhatAScanByOctetFinds(
            @ForAll("octets") byte[] octets,
            @ForAll @IntRange(max = 60) int from,
            @ForAll boolean direct,
            @ForAll boolean big) {
        ByteBuffer in = direct ? ByteBuffer.allocateDirect(octets.length) : ByteBuffer.allocate(octets.length);
        in.put(octets).flip().order(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        int start = Math.min(from, octets.length);
        int lf = start;
        while (lf < octets.length && octets[lf] != '\n') {
            lf++;
        }
        assertThat(Newlines.nextLf(in, start, octets.length)).isEqualTo(lf);
        int odd = start;
        while (odd < octets.length && (octets[odd] & 0xff) > '\r') {
            odd++;
        }

        assertThat(Newlines.nextOdd(in, start, octets.length)).isEqualTo(odd);
    }

    @Property(tries = 5000)
    void stopsWhereAFramingHasToLookTwice(
            @ForAll("octets") byte[] octets, @ForAll @IntRange(max = 60) int from, @ForAll boolean direct) {
        ByteBuffer in = direct ? ByteBuffer.allocateDirect(octets.length) : ByteBuffer.allocate(octets.length);
        in.put(octets).flip();
        String text = Wire.latin1(octets);
        int start = Math.min(from, octets.length);
        int found = Newlines.next(in, start, octets.length);
        for (int at = start; at < found; at++) {
            assertThat(isReason(text, start, at)).isFalse();
        }
        if (found < octets.length) {
            assertThat(octets[found]).isIn((byte) '\r', (byte) '\n');
            assertThat(isReason(text, start, found) || found > octets.length - 16)
                    .isTrue();
        }
        assertThat(Newlines.isDotLine(in, start, octets.length))
                .isEqualTo(text.startsWith("\r\n.", start) && start + 3 < octets.length);
        assertThat(Newlines.isStuffedLine(in, start, octets.length))
                .isEqualTo(
                        text.startsWith("\r\n.", start) && start + 3 < octets.length && text.charAt(start + 3) != '\r');
    }

    /** Any CR or LF but that of CRLF before something else than a dot or NUL. */
    private static boolean isReason(String text, int start, int at) {
        if (text.charAt(at) != '\r' && text.charAt(at) != '\n') {
            return false;
        }
        int line = text.charAt(at) == '\n' ? at - 1 : at;
        return line < start
                || !text.startsWith("\r\n", line)
                || line + 2 == text.length()
                || text.charAt(line + 2) == '.'
                || text.charAt(line + 2) == 0;
    }
}
