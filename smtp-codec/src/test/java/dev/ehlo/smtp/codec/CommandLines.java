package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.Paths;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Streams of command lines that are well-formed, or nearly, or not at all. */
final class CommandLines {
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
        "RCPT TO:<",
        "MAIL",
        "RCPT",
        "EHLO ",
        "DATA",
        "BDAT ",
        "LAST",
        "RSET",
        "NOOP ",
        "QUIT",
        "STARTTLS",
        "VRFY ",
        "AUTH ",
        "auth login",
        "a@b>",
        "<>",
        " SIZE=1",
        "\u00c3\u00a9",
        "\u00e2\u0082\u00ac",
        "\u00ff",
        "\u00c0\u0080",
        "\u00ed\u00a0\u0080",
        "dGVzdA==",
        "y".repeat(255),
        "z".repeat(2030),
        "w".repeat(12_270)
    };

    private CommandLines() {}

    static Arbitrary<byte[]> streams() {
        Arbitrary<String> parameters = Arbitraries.of(
                        " SIZE=1",
                        " BODY=8BITMIME",
                        " BODY=QP",
                        " SMTPUTF8=1",
                        " requiretls",
                        " RET=HDRS",
                        " RET=ALL",
                        " EnvID=a+2Bb",
                        " NOTIFY=SUCCESS,delay",
                        " NOTIFY=NEVER,DELAY",
                        " ORCPT=rfc822;a+40b",
                        " AUTH=<>",
                        " HOLDFOR=60",
                        " HOLDUNTIX=1",
                        " HOLDUNTIL=2026-11-22T00:00:00Z",
                        " BY=120;R",
                        " MT-PRIORITY=-3",
                        " MT-PRIORITIES=-3",
                        " RRVS=2014-04-03T23:01:00Z;C",
                        " SIZE=12345678901",
                        " SIZE=99999999999999999999",
                        " size=2",
                        "  SMTPUTF8",
                        " A",
                        " b=c",
                        " x-y=z",
                        " c=\u00c3\u00a9",
                        " d",
                        " e=",
                        " -f",
                        " g=h=i",
                        "j",
                        " k=\u007f",
                        " p1 p2 p3 p4 p5 p6 p7 p8 p9 p10 p11 p12 p13 p14 p15 p16",
                        " q1 q2 q3 q4 q5 q6",
                        " r1",
                        " r2")
                .list()
                .ofMaxSize(5)
                .map(list -> String.join("", list));
        Arbitrary<String> path = Combinators.combine(
                        Arbitraries.of(
                                "MAIL FROM:",
                                "mail from:",
                                "RCPT TO:",
                                "Rcpt to:",
                                "MAIL TO:",
                                "RCPT  TO:",
                                "MAIL FROM: ",
                                "RCPT TO:  "),
                        Paths.paths(),
                        parameters)
                .as((prefix, p, rest) -> prefix + p + rest);
        Arbitrary<String> chunk = Arbitraries.of(
                        "BDAT ",
                        "bdat ",
                        "0",
                        "7",
                        "123",
                        "9223372036854775807",
                        "9223372036854775808",
                        "-1",
                        " LAST",
                        " last",
                        " garbage",
                        " ")
                .list()
                .ofMaxSize(4)
                .map(list -> "BDAT " + String.join("", list));
        Arbitrary<String> auth = Arbitraries.of(
                        "PLAIN",
                        "login",
                        "SCRAM-SHA-256",
                        "X_Y",
                        " ",
                        "dGVzdA==",
                        "=",
                        "\u00c3\u00a9",
                        "*",
                        "0123456789")
                .list()
                .ofMaxSize(4)
                .map(list -> "AUTH " + String.join("", list));
        Arbitrary<String> verb = Combinators.combine(
                        Arbitraries.of(Verb.values()).map(Verb::name),
                        Arbitraries.of("", " ", " a", " a b", " \t", " \u00c3\u00a9", "x"))
                .as((name, argument) -> name + argument);
        Arbitrary<String> bound = Arbitraries.integers()
                .between(-2, 2)
                .flatMap(off -> Arbitraries.of(
                        "NOOP " + "n".repeat(CommandParser.MAX_COMMAND_LINE - 7 + off),
                        "AUTH PLAIN " + "n".repeat(CommandParser.MAX_AUTH_LINE - 13 + off)));
        Arbitrary<String> soup = Wire.soup(FRAGMENTS).map(Wire::latin1);
        Arbitrary<String> line = Arbitraries.frequencyOf(
                Tuple.of(16, path),
                Tuple.of(3, chunk),
                Tuple.of(3, auth),
                Tuple.of(3, verb),
                Tuple.of(1, bound),
                Tuple.of(3, soup));
        return Combinators.combine(
                        line,
                        Arbitraries.frequency(
                                Tuple.of(20, "\r\n"), Tuple.of(1, "\n"), Tuple.of(1, ""), Tuple.of(1, " \t\r\n")))
                .as(String::concat)
                .list()
                .ofMaxSize(6)
                .map(lines -> Wire.octets(String.join("", lines)));
    }
}
