package dev.ehlo.smtp.tls.reactor;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.ehlo.smtp.tls.ClientTrust;
import dev.ehlo.smtp.tls.TlsContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLEngine;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** However octets are handed over to be sent, and however the network cuts them in both directions, they arrive. */
class TlsCutsTest {
    private static final TlsContext SERVER = TlsContext.selfSigned("localhost");
    private static final TlsContext CLIENT = TlsContext.client(ClientTrust.insecure(), "mx.example.org");

    /** Octets that are put, and then octets in two slices behind them, either of which may be none. */
    record Piece(int put, int slice, int other) {}

    /** What one side sends, and how its network cuts it. */
    record Direction(List<Piece> pieces, List<Integer> cuts) {}

    @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
    void arrivesInTls12(@ForAll("direction") Direction there, @ForAll("direction") Direction back) throws IOException {
        arrives("TLSv1.2", there, back);
    }

    @Property(tries = 40, edgeCases = EdgeCasesMode.NONE)
    void arrivesInTls13(@ForAll("direction") Direction there, @ForAll("direction") Direction back) throws IOException {
        arrives("TLSv1.3", there, back);
    }

    @Provide
    Arbitrary<Direction> direction() {
        Arbitrary<Integer> length = Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.integers().between(0, 80)),
                Tuple.of(1, Arbitraries.integers().between(0, 40_000)));
        Arbitrary<Piece> piece = Combinators.combine(length, length, length).as(Piece::new);
        Arbitrary<Integer> cut = Arbitraries.frequencyOf(
                Tuple.of(1, Arbitraries.integers().between(1, 40)),
                Tuple.of(2, Arbitraries.integers().between(1, BufferPool.SEGMENT_OCTETS)));
        return Combinators.combine(
                        piece.list().ofMinSize(1).ofMaxSize(12),
                        cut.list().ofMinSize(1).ofMaxSize(20))
                .as(Direction::new);
    }

    private static void arrives(String protocol, Direction there, Direction back) throws IOException {
        SSLEngine engine = CLIENT.newEngine();
        engine.setEnabledProtocols(new String[] {protocol});
        TlsSide client = new TlsSide(engine);
        TlsSide server = new TlsSide(SERVER.newEngine());
        server.cuts = there.cuts;
        client.cuts = back.cuts;
        client.handshakeWith(server);
        StringBuilder toServer = new StringBuilder();
        StringBuilder toClient = new StringBuilder();
        Random random = new Random(7);
        for (int i = 0; i < Math.max(there.pieces.size(), back.pieces.size()); i++) {
            carry(there, i, random, client, server, toServer);
            carry(back, i, random, server, client, toClient);
        }
        assertThat(server.clear()).isEqualTo(toServer.toString());
        assertThat(client.clear()).isEqualTo(toClient.toString());
        assertThat(client.layer.session().protocol()).isEqualTo(protocol);

        client.layer.close(client.out);
        assertThat(server.receive(client.sent())).isEqualTo(TlsLayer.Step.ENDED);
        server.assertNothingLent();
        client.assertNothingLent();
    }

    private static void carry(
            Direction direction, int piece, Random random, TlsSide from, TlsSide to, StringBuilder expected)
            throws IOException {
        if (piece >= direction.pieces.size()) {
            return;
        }
        Piece sent = direction.pieces.get(piece);
        OutputQueue clear = new OutputQueue(from.pool);
        for (int left = sent.put; left > 0; ) {
            ByteBuffer room = clear.room(1);
            byte[] octets = octets(random, Math.min(left, room.remaining()), expected);
            room.put(octets);
            left -= octets.length;
        }
        ByteBuffer[] slices = {
            ByteBuffer.wrap(octets(random, sent.slice, expected)), direct(octets(random, sent.other, expected))
        };
        long left = (long) sent.slice + sent.other;
        while (left > 0 || clear.octets() > 0) {
            left -= clear.writeTo(from.records(), slices, 0, slices.length);
            to.receive(from.sent());
        }
    }

    private static byte[] octets(Random random, int count, StringBuilder expected) {
        byte[] octets = new byte[count];
        random.nextBytes(octets);
        expected.append(new String(octets, ISO_8859_1));
        return octets;
    }

    private static ByteBuffer direct(byte[] octets) {
        return ByteBuffer.allocateDirect(octets.length).put(octets).flip();
    }
}
