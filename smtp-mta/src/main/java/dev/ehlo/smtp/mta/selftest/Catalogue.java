package dev.ehlo.smtp.mta.selftest;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** All attacks there are, in the order of the list of threats: every number that a server can meet. */
public final class Catalogue {
    /** The numbers of the list that are not in the catalogue, and why. */
    public static final Map<String, String> ELSEWHERE = Map.of(
            "A2", "against clients",
            "C12", "against the client library",
            "C13", "against the client library",
            "C16", "no address of mail reaches a shell, an SQL text or an expression here",
            "D", "against clients");

    private Catalogue() {}

    /** All of them. */
    public static List<Attack> all() {
        return Stream.of(
                        StartTlsAttacks.all(),
                        TlsAttacks.all(),
                        SmugglingAttacks.all(),
                        InjectionAttacks.all(),
                        DripAttacks.all(),
                        ExhaustionAttacks.all(),
                        FloodAttacks.all(),
                        QueueAttacks.all(),
                        SequenceAttacks.all(),
                        RelayAttacks.all(),
                        LoginAttacks.all(),
                        SenderAttacks.all(),
                        ProxyAttacks.all(),
                        ParserAttacks.all())
                .flatMap(List::stream)
                .sorted((a, b) -> compare(a.id(), b.id()))
                .toList();
    }

    private static int compare(String one, String other) {
        int letters = Character.compare(one.charAt(0), other.charAt(0));
        return letters != 0
                ? letters
                : Integer.compare(Integer.parseInt(one.substring(1)), Integer.parseInt(other.substring(1)));
    }
}
