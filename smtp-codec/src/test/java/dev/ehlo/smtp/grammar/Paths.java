package dev.ehlo.smtp.grammar;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Paths that are well-formed, or nearly, as octets, one character each. */
public final class Paths {
    private static final Arbitrary<String> LOCAL = pieces(
            8,
            "a",
            "user",
            ".",
            ".",
            "+",
            "!",
            "%",
            "\u00c3\u00a9",
            "\"",
            "\" \"",
            "\"@\"",
            "\"\\\"\"",
            "\\",
            "x".repeat(60),
            "postmaster",
            "Postmaster",
            " ",
            "\u007f",
            ",");
    private static final Arbitrary<String> NAME = pieces(
            8,
            "a",
            "example",
            ".",
            ".",
            "-",
            "1",
            "org",
            "xn--p1ai",
            "\u00c3\u00a9",
            "y".repeat(61),
            "_",
            "z".repeat(50) + ".",
            " ");
    private static final Arbitrary<String> GROUPS = pieces(
            12, ":", ":", ":", ":", "::", "1", "0", "ffff", "2001", "db8", "ABC", "12345", "g", "1.2.3.4", ".",
            "255.0");
    private static final Arbitrary<String> NUMBERS =
            pieces(8, ".", ".", ".", "0", "1", "10", "255", "256", "127.0", "0.0.1", "1.1.1.1", "0300", ":", "x");
    private static final Arbitrary<String> LITERAL = Arbitraries.oneOf(
                    GROUPS.map("IPv6:"::concat),
                    GROUPS.map("ipV6:"::concat),
                    NUMBERS,
                    pieces(5, "tag", ":", "-", "content", "IPv6", "\\", "[", "\u00ff", " "))
            .map(literal -> '[' + literal + ']');
    private static final Arbitrary<String> DOMAIN = Arbitraries.frequencyOf(
            Tuple.of(2, Arbitraries.of("example.org", "b", "[192.0.2.1]", "[IPv6:2001:db8::1]", "[IPv6:::]")),
            Tuple.of(2, NAME),
            Tuple.of(2, LITERAL));

    private Paths() {}

    /** {@code local@domain}. */
    public static Arbitrary<String> mailboxes() {
        Arbitrary<String> local = Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.of("a", "user.name", "\"a b\"", "\"\\\\\"", "\"\"", "p\u00c3\u00a9")),
                Tuple.of(1, LOCAL));
        return Combinators.combine(local, Arbitraries.frequency(Tuple.of(20, "@"), Tuple.of(1, "")), DOMAIN)
                .as((l, at, d) -> l + at + d);
    }

    /** In angle brackets, with a route before it or not. */
    public static Arbitrary<String> paths() {
        Arbitrary<String> route =
                DOMAIN.map("@"::concat).list().ofMinSize(1).ofMaxSize(3).map(hops -> String.join(",", hops) + ':');
        return Combinators.combine(
                        Arbitraries.frequency(Tuple.of(20, "<"), Tuple.of(1, " <"), Tuple.of(1, "")),
                        Arbitraries.frequencyOf(Tuple.of(3, Arbitraries.just("")), Tuple.of(1, route)),
                        Arbitraries.frequencyOf(
                                Tuple.of(1, Arbitraries.of("", "Postmaster", "postMASTER", "\"postmaster\"", "post")),
                                Tuple.of(5, mailboxes())),
                        Arbitraries.frequency(Tuple.of(20, ">"), Tuple.of(1, ">>"), Tuple.of(1, "")))
                .as((open, hops, mailbox, close) -> open + hops + mailbox + close);
    }

    private static Arbitrary<String> pieces(int most, String... pieces) {
        return Arbitraries.of(pieces).list().ofMaxSize(most).map(list -> String.join("", list));
    }
}
