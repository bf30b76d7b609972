package dev.ehlo.smtp.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Octets as tests write them, and the ways in which they may come. */
final class Wire {
    private Wire() {}

    /** One octet a character. */
    static byte[] octets(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    static String latin1(byte[] octets) {
        return new String(octets, StandardCharsets.ISO_8859_1);
    }

    /** Each line with its CRLF, one octet a character. */
    static byte[] lines(String... lines) {
        return octets(String.join("\r\n", lines) + "\r\n");
    }

    /** UTF-8 as octets, one character each. */
    static String utf8(String text) {
        return latin1(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Whole, cut in two at every octet, and octet by octet. */
    static void everyCut(byte[] octets, Consumer<List<byte[]>> run) {
        run.accept(List.of(octets));
        for (int cut = 1; cut < octets.length; cut++) {
            run.accept(cut(octets, List.of(cut)));
        }
        run.accept(cut(
                octets,
                java.util.stream.IntStream.range(1, octets.length).boxed().toList()));
    }

    /** The octets in pieces, cut at these places; what lies outside cuts nothing. */
    static List<byte[]> cut(byte[] octets, List<Integer> places) {
        List<byte[]> pieces = new ArrayList<>();
        int from = 0;
        for (int to : places.stream().sorted().distinct().toList()) {
            if (to > from && to < octets.length) {
                pieces.add(java.util.Arrays.copyOfRange(octets, from, to));
                from = to;
            }
        }
        pieces.add(java.util.Arrays.copyOfRange(octets, from, octets.length));
        return pieces;
    }

    /**
     * A buffer as a connection has it: what was not consumed stays in front of the next piece. It begins at no multiple
     * of eight, behind octets of which none is to be looked at, so that a place is never an offset by accident.
     */
    static void receive(List<byte[]> pieces, boolean direct, Consumer<ByteBuffer> received) {
        int front = 11;
        int room = front + pieces.stream().mapToInt(p -> p.length).sum() + 16;
        ByteBuffer in = direct ? ByteBuffer.allocateDirect(room) : ByteBuffer.allocate(room);
        in.position(front);
        for (byte[] piece : pieces) {
            in.put(piece);
            received.accept(in.limit(in.position()).position(front));
            byte[] left = new byte[in.remaining()];
            in.get(left).clear().position(front).put(left);
        }
    }

    /** Octets made of the fragments, which a grammar finds interesting, and of any others. */
    static Arbitrary<byte[]> soup(String... fragments) {
        Arbitrary<String> any =
                Arbitraries.integers().between(0, 255).map(octet -> String.valueOf((char) octet.intValue()));
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(12, Arbitraries.of(fragments)), net.jqwik.api.Tuple.of(1, any))
                .list()
                .ofMaxSize(40)
                .map(list -> octets(String.join("", list)));
    }

    static Arbitrary<List<Integer>> cuts() {
        return Arbitraries.integers().between(1, 300).list().ofMaxSize(8);
    }
}
