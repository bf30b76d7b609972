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
        int newline = start;
        while (newline < octets.length && octets[newline] != '\r' && octets[newline] != '\n') {
            newline++;
        }
        int control = start;
        while (control < octets.length && octets[control] > '\r') {
            control++;
        }

        assertThat(Newlines.next(in, start, octets.length)).isEqualTo(newline);
        assertThat(Newlines.nextControl(in, start, octets.length)).isEqualTo(control);
    }
}
