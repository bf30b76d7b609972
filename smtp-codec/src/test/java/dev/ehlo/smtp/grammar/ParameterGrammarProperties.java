package dev.ehlo.smtp.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.EsmtpKeyword;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

class ParameterGrammarProperties {
    private static final String[] FRAGMENTS = {
        "0",
        "9",
        "00",
        "12345678",
        "9223372036854775807",
        "9223372036854775808",
        "-",
        "+",
        ";",
        "N",
        "r",
        "T",
        "C",
        "Z",
        "7BIT",
        "8bitmime",
        "BINARYMIME",
        "MIME",
        "full",
        "HDRS",
        "NEVER",
        "success",
        "FAILURE",
        "Delay",
        ",",
        "=",
        " ",
        "2026-11-21",
        "T12:00:00",
        "2024-02-29",
        "2026-02-29",
        "t23:59:60",
        "1998-12-31",
        "T23:59:60Z",
        ".5",
        ".000",
        "+01:30",
        "-23:59",
        "+24:00",
        "0000-01-01",
        "9999-12-31",
        "T23:59:59",
        "rfc822;",
        "utf-8;",
        "UTF-8;",
        "x;y;",
        "a@b.example",
        "<>",
        "<",
        ">",
        "+2B",
        "+3D",
        "+20",
        "+00",
        "+0a",
        "+C3+A9",
        "+C3",
        "\"a+20b\"@c",
        "\\x{20}",
        "\\x{E9}",
        "\\x{2b}",
        "\\x{0E9}",
        "\\x{41}",
        "\\x{D800}",
        "\\x{d7ff}",
        "\\x{1F600}",
        "\\x{10FFFF}",
        "\\x{110000}",
        "\\x{5C}",
        "\\x{",
        "\\",
        "}",
        "\u00c3\u00a9",
        "\u007f",
        "\r\n",
        "\u0000",
        "x".repeat(97),
        "y".repeat(490)
    };

    @Provide
    Arbitrary<String> octets() {
        Arbitrary<String> any =
                Arbitraries.integers().between(0, 255).map(octet -> String.valueOf((char) octet.intValue()));
        Arbitrary<String> digits = Arbitraries.strings().numeric().ofMaxLength(21);
        return Arbitraries.frequencyOf(Tuple.of(20, Arbitraries.of(FRAGMENTS)), Tuple.of(1, any), Tuple.of(2, digits))
                .list()
                .ofMaxSize(6)
                .map(list -> String.join("", list));
    }

    @Property(tries = 8_000)
    void readsEveryKeywordAsTheReference(
            @ForAll EsmtpKeyword keyword, @ForAll("octets") String octets, @ForAll boolean direct) {
        assertSame(keyword, octets, direct);
    }

    @Property(tries = 8_000)
    void readsTimesAsTheReference(@ForAll("times") String time, @ForAll boolean direct) {
        assertSame(EsmtpKeyword.HOLDUNTIL, time, direct);
        assertSame(EsmtpKeyword.RRVS, time, direct);
    }

    @Provide
    Arbitrary<String> times() {
        Arbitrary<String> two = Arbitraries.of(
                "00", "01", "02", "03", "04", "06", "11", "12", "13", "19", "20", "22", "23", "24", "28", "29", "30",
                "31", "32", "58", "59", "60", "61", "99", "0x", "-1");
        Arbitrary<String> end = Arbitraries.of(
                "Z",
                "z",
                "",
                "+00:00",
                "-00:00",
                "+01:00",
                "-23:59",
                "+23:60",
                ".5Z",
                ".0Z",
                ".00-01:00",
                ".Z",
                ";C",
                "Z;C",
                "z;r",
                "Z;X",
                "Z;",
                "-01:00;C",
                ".5Z;C",
                "+1:00",
                "+01:0");
        return two.list()
                .ofSize(7)
                .flatMap(n -> end.map(e -> n.get(0) + n.get(1) + "-" + n.get(2) + "-" + n.get(3) + "T" + n.get(4) + ":"
                        + n.get(5) + ":" + n.get(6) + e));
    }

    @Property(tries = 4_000)
    void findsTheOneOddOctetOfXtextWhereverItIs(
            @ForAll @IntRange(min = 1, max = 30) int length,
            @ForAll @IntRange(min = 0, max = 29) int place,
            @ForAll @IntRange(min = 0, max = 255) int odd,
            @ForAll boolean direct) {
        StringBuilder text = new StringBuilder("x".repeat(length));
        text.setCharAt(place % length, (char) odd);
        assertSame(EsmtpKeyword.ENVID, text.toString(), direct);
        assertSame(EsmtpKeyword.ORCPT, "rfc822;" + text, direct);
        assertSame(EsmtpKeyword.ORCPT, "rFc822" + text, direct);
    }

    @Property
    void readsEveryPriorityAndEverySizeThatALongHolds(@ForAll long number) {
        long size = number & Long.MAX_VALUE >> (number & 63);
        assertThat(ParameterGrammar.value(EsmtpKeyword.SIZE, Long.toString(size)))
                .isEqualTo(size);
        assertSame(EsmtpKeyword.MT_PRIORITY, Long.toString(number % 20), false);
    }

    static void assertSame(EsmtpKeyword keyword, String octets, boolean direct) {
        byte[] value = octets.getBytes(StandardCharsets.ISO_8859_1);
        for (String around : new String[] {"", "MAIL FROM:<a@b> X="}) {
            int from = around.length();
            ByteBuffer in = direct
                    ? ByteBuffer.allocateDirect(2 * from + value.length)
                    : ByteBuffer.allocate(2 * from + value.length);
            in.put(around.getBytes(StandardCharsets.ISO_8859_1)).put(value);
            in.put(around.getBytes(StandardCharsets.ISO_8859_1));
            assertThat(ParameterGrammar.value(keyword, in.order(order(direct)), from, from + value.length))
                    .as("%s %s", keyword, octets)
                    .isEqualTo(ReferenceParameters.value(keyword, octets));
            assertThat(in.position()).isEqualTo(in.limit());
        }
    }

    private static ByteOrder order(boolean direct) {
        return direct ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    }
}
