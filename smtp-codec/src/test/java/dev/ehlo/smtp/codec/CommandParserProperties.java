package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CommandParserProperties {
    private static final String[] FRAGMENTS = {
        "\r\n",
        "\r\n",
        "\r\n",
        "\r",
        "\n",
        "\0",
        " ",
        "  ",
        "\t",
        "=",
        "<",
        ">",
        "@",
        ":",
        ",",
        ".",
        "\"",
        "\\",
        "-",
        "MAIL FROM:<",
        "mail from:<",
        "RCPT TO:<",
        "Rcpt To:<",
        "MAIL",
        "RCPT",
        "EHLO ",
        "HELO ",
        "DATA",
        "BDAT ",
        "BDAT 10 LAST",
        "LAST",
        "RSET",
        "NOOP ",
        "QUIT",
        "STARTTLS",
        "VRFY ",
        "AUTH ",
        "AUTH PLAIN ",
        "auth login",
        "a@b>",
        "user@example.org>",
        "<>",
        "<Postmaster>",
        "@relay,@b.c:",
        "\"a b\"@",
        "\"\\\"\"@x>",
        "[192.0.2.1]",
        "[IPv6:2001:db8::1]",
        "[IPv6:",
        "::",
        "[x-y:z]",
        "255",
        "256",
        "0",
        "99999999999999999999",
        " SIZE=1",
        " BODY=8BITMIME",
        " size=2",
        " SMTPUTF8",
        " A",
        " b=c",
        "\u00c3\u00a9",
        "\u00e2\u0082\u00ac",
        "\u00ff",
        "\u00c0\u0080",
        "\u00ed\u00a0\u0080",
        "dGVzdA==",
        "example.org",
        "x".repeat(64),
        "y".repeat(255),
        "z".repeat(2030),
        " a=" + "w".repeat(20),
        " p1 p2 p3 p4 p5 p6 p7 p8 p9 p10 p11 p12 p13 p14 p15 p16 p17 p18"
    };

    @Provide
    Arbitrary<byte[]> input() {
        return Wire.soup(FRAGMENTS);
    }

    @Provide
    Arbitrary<List<Integer>> cuts() {
        return Wire.cuts();
    }

    @Property(tries = 4000)
    void sameEventsAsTheReferenceHoweverTheOctetsCome(
            @ForAll("input") byte[] octets, @ForAll("cuts") List<Integer> cuts, @ForAll boolean direct) {
        List<CommandEvents.Event> expected = ReferenceCommandParser.events(octets);

        assertThat(CommandEvents.of(List.of(octets), direct)).isEqualTo(expected);
        assertThat(CommandEvents.of(Wire.cut(octets, cuts), direct)).isEqualTo(expected);
    }
}
