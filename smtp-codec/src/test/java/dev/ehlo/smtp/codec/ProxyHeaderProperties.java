package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ProxyHeaderProperties {
    private static final byte[] SIGNATURE = Wire.octets("\r\n\r\n\0\r\nQUIT\n");

    /** Lines that are right, nearly right, or anything. */
    @Provide
    Arbitrary<byte[]> lines() {
        Arbitrary<byte[]> fragments = Wire.soup(
                "TCP4",
                "TCP6",
                "UNKNOWN",
                " ",
                " ",
                " ",
                "0",
                "1",
                "01",
                "255",
                "256",
                "65535",
                "65536",
                ".",
                ":",
                "::",
                "ffff",
                "10000",
                "192.0.2.1",
                "2001:db8::1",
                "::1",
                "::ffff:192.0.2.1",
                " 1 2",
                "\r\n",
                "\r",
                "\n",
                "\0");
        Arbitrary<String> address = Arbitraries.of(
                "192.0.2.1",
                "0.0.0.0",
                "1.2.3.256",
                "1.2.3",
                "::",
                "1::2",
                "::1.2.3.4",
                "1:2:3:4:5:6:7:8",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7::",
                "::8:7:6:5:4:3:2",
                "1:2:3:4:5:6:7:8:9",
                "g::",
                "1::2::3",
                ":1",
                "",
                "ABCD::abcd");
        Arbitrary<String> port = Arbitraries.of("0", "25", "65535", "65536", "025", "-1", "", "999999999999");
        Arbitrary<byte[]> fields = Combinators.combine(
                        Arbitraries.of("TCP4", "TCP6", "UNKNOWN", "TCP"),
                        address,
                        address,
                        port,
                        port,
                        Arbitraries.of("\r\n", "\r\n", "\r\n", "\n", " \r\n", "", "x\r\nEHLO"))
                .as((kind, source, destination, from, to, end) ->
                        Wire.octets(String.join(" ", kind, source, destination, from, to) + end));
        return Arbitraries.oneOf(fragments, fields).map(rest -> Wire.octets("PROXY " + Wire.latin1(rest)));
    }

    /** Binary headers whose parts are right or not, each by itself. */
    @Provide
    Arbitrary<byte[]> blocks() {
        Arbitrary<Integer> command = Arbitraries.frequency(
                net.jqwik.api.Tuple.of(12, 0x21), net.jqwik.api.Tuple.of(2, 0x20), net.jqwik.api.Tuple.of(1, 0x31));
        Arbitrary<Integer> kind = Arbitraries.of(0x11, 0x11, 0x12, 0x21, 0x22, 0x31, 0x32, 0x00, 0x10, 0x41, 0x13);
        Arbitrary<List<byte[]>> tlvs = tlv().list().ofMaxSize(5);
        Arbitrary<Integer> off = Arbitraries.frequency(
                net.jqwik.api.Tuple.of(16, 0),
                net.jqwik.api.Tuple.of(1, -1),
                net.jqwik.api.Tuple.of(1, 1),
                net.jqwik.api.Tuple.of(1, -9),
                net.jqwik.api.Tuple.of(1, 5000));
        return Combinators.combine(
                        command, kind, tlvs, off, Arbitraries.of(true, false), Arbitraries.randomValue(r -> r))
                .as((cmd, fam, fields, wrong, summed, random) -> {
                    byte[] addresses = new byte[new int[] {0, 12, 36, 216, 4, 4, 4, 4}[fam >> 4]];
                    random.nextBytes(addresses);
                    int octets = addresses.length
                            + fields.stream().mapToInt(f -> f.length).sum();
                    ByteBuffer out = ByteBuffer.allocate(16 + octets)
                            .put(SIGNATURE)
                            .put((byte) (int) cmd)
                            .put((byte) (int) fam)
                            .putShort((short) Math.max(0, octets + wrong))
                            .put(addresses);
                    int sum = -1;
                    for (byte[] field : fields) {
                        sum = field.length == 7 && field[0] == 3 ? out.position() + 3 : sum;
                        out.put(field);
                    }
                    if (sum >= 0 && summed) {
                        out.putInt(sum, 0).putInt(sum, ReferenceProxyParser.crc32c(out.array()));
                    }
                    return out.array();
                });
    }

    private static Arbitrary<byte[]> tlv() {
        Arbitrary<Integer> type = Arbitraries.of(1, 2, 3, 3, 3, 4, 5, 0x20, 0x20, 0x20, 0x21, 0x22, 0x30, 0xe0, 0xff);
        Arbitrary<byte[]> value = Arbitraries.of(
                        "",
                        "a",
                        "\0\0\0\0",
                        "\1\0\0\0\0",
                        "\3\0\0\0\1!\0\1x",
                        "\u00ff",
                        "\1\0\0\0\0\"\0\3x",
                        "\u00c3\u00a4",
                        "x".repeat(128),
                        "x".repeat(129))
                .map(Wire::octets);
        Arbitrary<Integer> wrong = Arbitraries.frequency(
                net.jqwik.api.Tuple.of(20, 0), net.jqwik.api.Tuple.of(1, 1), net.jqwik.api.Tuple.of(1, -1));
        return Combinators.combine(type, value, wrong)
                .as((t, v, off) -> ByteBuffer.allocate(3 + v.length)
                        .put((byte) (int) t)
                        .putShort((short) Math.max(0, v.length + off))
                        .put(v)
                        .array());
    }

    @Provide
    Arbitrary<byte[]> anything() {
        Arbitrary<byte[]> soup = Wire.soup("PROXY ", "UNKNOWN", "\r\n", "\r\n\r\n\0\r\nQUIT\n", "!\21\0\14", "x");
        return Arbitraries.oneOf(lines(), blocks(), blocks(), soup);
    }

    @Provide
    Arbitrary<List<Integer>> cuts() {
        return Wire.cuts();
    }

    @Property(tries = 4000, edgeCases = EdgeCasesMode.NONE)
    void sameAsTheReferenceHoweverTheOctetsCome(
            @ForAll("anything") byte[] octets, @ForAll("cuts") List<Integer> cuts, @ForAll boolean direct) {
        ProxyEvents.Seen expected = ReferenceProxyParser.parse(octets);

        assertThat(ProxyEvents.of(List.of(octets), direct)).isEqualTo(expected);
        assertThat(ProxyEvents.of(Wire.cut(octets, cuts), direct)).isEqualTo(expected);
    }

    @Property(edgeCases = EdgeCasesMode.NONE) // of all together there are more than tries
    void whatIsSentIsParsedBack(
            @ForAll @Size(4) byte[] ipv4,
            @ForAll @Size(16) byte[] ipv6,
            @ForAll boolean inet,
            @ForAll @IntRange(max = 0xffff) int sourcePort,
            @ForAll @IntRange(max = 0xffff) int destinationPort,
            @ForAll boolean summed,
            @ForAll @Size(max = 200) byte[] value)
            throws UnknownHostException {
        byte[] octets = inet ? ipv4 : ipv6;
        byte[] other = octets.clone();
        other[0] ^= 0x55;
        InetSocketAddress source = new InetSocketAddress(InetAddress.getByAddress(octets), sourcePort);
        InetSocketAddress destination = new InetSocketAddress(InetAddress.getByAddress(other), destinationPort);
        if (source.getAddress().getClass() != destination.getAddress().getClass()) {
            // An IPv4 address in the form of IPv6 is one of IPv4 to the JDK.
            destination = source;
        }
        List<ProxyTlv> tlvs = new ArrayList<>(List.of(ProxyTlv.of(ProxyTlv.ALPN, value), ProxyTlv.of(0xe0, value)));
        if (summed) {
            tlvs.add(1, ProxyTlv.checksum());
        }
        ByteBuffer out = ByteBuffer.allocate(1024);
        ProxyHeader header = new ProxyHeader();
        ProxyHeaderParser parser = new ProxyHeaderParser();

        ProxyHeaderEncoder.version1(out, source, destination);
        ProxyHeaderEncoder.version2(out, source, destination, tlvs);
        out.flip();
        assertThat(parser.parse(out, header)).isEqualTo(ParseResult.COMPLETE);
        assertThat(header.version()).isEqualTo(1);
        assertThat(header.toSource()).contains(source);
        assertThat(header.toDestination()).contains(destination);
        assertThat(parser.parse(out, header)).isEqualTo(ParseResult.COMPLETE);
        assertThat(header.version()).isEqualTo(2);
        assertThat(header.toSource()).contains(source);
        assertThat(header.toDestination()).contains(destination);
        List<ProxyTlv> back = new ArrayList<>(header.tlvs().toList());
        assertThat(back.removeIf(tlv -> tlv.type() == ProxyTlv.CRC32C)).isEqualTo(summed);
        tlvs.remove(ProxyTlv.checksum());
        assertThat(back).isEqualTo(tlvs);
        assertThat(out.hasRemaining()).isFalse();
    }

    @Property
    void pathsOfUnixSocketsAreParsedBack(
            @ForAll @Size(max = 107) byte[] source, @ForAll @Size(max = 107) byte[] destination) {
        byte[] from = Arrays.copyOf(source, source.length + 1);
        from[source.length] = 'x';
        byte[] to = Arrays.copyOf(destination, destination.length + 1);
        to[destination.length] = 'y';
        ByteBuffer out = ByteBuffer.allocate(1024);
        ProxyHeader header = new ProxyHeader();

        ProxyHeaderEncoder.version2Unix(out, from, to, List.of());
        assertThat(new ProxyHeaderParser().parse(out.flip(), header)).isEqualTo(ParseResult.COMPLETE);
        assertThat(header.family()).isEqualTo(ProxyHeader.Family.UNIX);
        assertThat(header.copySourcePath()).isEqualTo(from);
        assertThat(header.copyDestinationPath()).isEqualTo(to);
        assertThat(header.toSource()).isEmpty();
    }
}
