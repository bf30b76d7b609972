package dev.ehlo.smtp.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.ehlo.smtp.codec.ProxyHeader.Command;
import dev.ehlo.smtp.codec.ProxyHeader.Family;
import dev.ehlo.smtp.codec.ProxyHeader.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {
    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
    static final InetSocketAddress CLIENT = address("192.0.2.7", 40000);
    static final InetSocketAddress SERVER = address("198.51.100.1", 25);
    static final String INET = "\u00c0\0\2\7\u00c63d\1\u009c@\0\31";

    static InetSocketAddress address(String literal, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByName(literal), port);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static ProxyHeader parsed(byte[] octets) {
        ProxyHeader header = new ProxyHeader();
        assertThat(new ProxyHeaderParser().parse(ByteBuffer.wrap(octets), header))
                .isEqualTo(ParseResult.COMPLETE);
        return header;
    }

    private static ProxyHeader parsed(String latin1) {
        return parsed(Wire.octets(latin1));
    }

    static byte[] encoded(Consumer<ByteBuffer> encode) {
        ByteBuffer out = ByteBuffer.allocate(ProxyHeaderParser.MAX_HEADER);
        encode.accept(out);
        byte[] octets = new byte[out.flip().remaining()];
        out.get(octets);
        return octets;
    }

    static String block(int command, int kind, String content) {
        return SIGNATURE
                + (char) command
                + (char) kind
                + (char) (content.length() >> 8)
                + (char) (content.length() & 0xff)
                + content;
    }

    private static String tlv(int type, String value) {
        return "" + (char) type + (char) (value.length() >> 8) + (char) (value.length() & 0xff) + value;
    }

    /** The same refusal at every cut, and of whatever follows. */
    private static void refused(String latin1, ParseResult result, ProxyError error) {
        for (String input : List.of(latin1, latin1 + "EHLO x\r\n")) {
            Wire.everyCut(Wire.octets(input), pieces -> {
                assertThat(ProxyEvents.of(pieces, true)).isEqualTo(ProxyEvents.Seen.nothing(result, error));
            });
            assertThat(ReferenceProxyParser.parse(Wire.octets(input)))
                    .isEqualTo(ProxyEvents.Seen.nothing(result, error));
        }
    }

    private static void malformed(String latin1, ProxyError error) {
        refused(latin1, ParseResult.MALFORMED, error);
    }

    /** Taken at every cut, with nothing consumed behind it. */
    private static void taken(String latin1) {
        ProxyEvents.Seen expected = ReferenceProxyParser.parse(Wire.octets(latin1));
        assertThat(expected.result()).as(latin1).isEqualTo(ParseResult.COMPLETE);
        assertThat(expected.consumed()).isEqualTo(latin1.length());
        for (String input : List.of(latin1, latin1 + "EHLO x\r\n")) {
            Wire.everyCut(
                    Wire.octets(input),
                    pieces -> assertThat(ProxyEvents.of(pieces, false)).isEqualTo(expected));
        }
    }

    @Test
    void readsTheLineOfVersion1() {
        ProxyHeader header = parsed("PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\r\nEHLO x\r\n");
        assertThat(header.version()).isEqualTo(1);
        assertThat(header.command()).isEqualTo(Command.PROXY);
        assertThat(header.family()).isEqualTo(Family.INET);
        assertThat(header.transport()).isEqualTo(Transport.STREAM);
        assertThat(header.toSource()).contains(CLIENT);
        assertThat(header.toDestination()).contains(SERVER);
        assertThat(header.sourceLow()).isEqualTo(0xc0000207L);
        assertThat(header.sourcePort()).isEqualTo(40000);
        assertThat(header.tlvs().count()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "::, 0, 0",
        "::1, 0, 1",
        "::0.0.0.0, 0, 0",
        "1::, 0001000000000000, 0",
        "2001:db8::7, 20010db800000000, 7",
        "2001:DB8:0:0:1:2:3:4, 20010db800000000, 0001000200030004",
        "1:2:3:4:5:6:7::, 0001000200030004, 0005000600070000",
        "::2:3:4:5:6:7:8, 0000000200030004, 0005000600070008",
        "::ffff:192.0.2.1, 0, ffffc0000201",
        "1:2:3:4:5:6:255.0.10.1, 0001000200030004, 00050006ff000a01",
    })
    void readsIpv6InItsTextualForms(String text, String high, String low) {
        taken("PROXY TCP6 " + text + " ::1 0 65535\r\n");
        ProxyHeader header = parsed("PROXY TCP6 " + text + " ::1 0 65535\r\n");
        assertThat(header.sourceHigh()).isEqualTo(Long.parseUnsignedLong(high, 16));
        assertThat(header.sourceLow()).isEqualTo(Long.parseUnsignedLong(low, 16));
        assertThat(header.destinationLow()).isEqualTo(1);
        assertThat(header.destinationPort()).isEqualTo(65535);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TCP6 : ::1 1 2",
                "TCP6 ::: ::1 1 2",
                "TCP6 1::2::3 ::1 1 2",
                "TCP6 ::1::2 ::1 1 2",
                "TCP6 :1:2:3:4:5:6:7 ::1 1 2",
                "TCP6 1:2:3:4:5:6:7: ::1 1 2",
                "TCP6 1:2:3:4:5:6:7 ::1 1 2",
                "TCP6 1:2:3:4:5:6:7:8:9 ::1 1 2",
                "TCP6 1:2:3:4:5:6:7:8:: ::1 1 2",
                "TCP6 ::1:2:3:4:5:6:7:8 ::1 1 2",
                "TCP6 12345:: ::1 1 2",
                "TCP6 ::g ::1 1 2",
                "TCP6 ::1%eth0 ::1 1 2",
                "TCP6 ::01.2.3.4 ::1 1 2",
                "TCP6 ::1.2.3 ::1 1 2",
                "TCP6 1:2:3:4:5:6:7:1.2.3.4 ::1 1 2",
                "TCP6 ::1.2.3.4:5 ::1 1 2",
                "TCP6 192.0.2.1 192.0.2.2 1 2",
                "TCP4 ::1 ::2 1 2",
                "TCP4 192.0.2.01 192.0.2.2 1 2",
                "TCP4 192.0.2.256 192.0.2.2 1 2",
                "TCP4 192.0.2 192.0.2.2 1 2",
                "TCP4 192.0.2.1.1 192.0.2.2 1 2",
                "TCP4 192.0..1 192.0.2.2 1 2",
                "TCP4 192.0.2.-1 192.0.2.2 1 2",
                "TCP4 192.0.2.1 192.0.2.2 01 2",
                "TCP4 192.0.2.1 192.0.2.2 1 65536",
                "TCP4 192.0.2.1 192.0.2.2 +1 2",
                "TCP4 192.0.2.1 192.0.2.2 1 99999999999",
                "TCP4 192.0.2.1 192.0.2.2 1 2 ",
                "TCP4 192.0.2.1 192.0.2.2 1 2 3",
                "TCP4 192.0.2.1 192.0.2.2 1",
                "TCP4 192.0.2.1 192.0.2.2 ",
                "TCP4 192.0.2.1",
                "TCP4  192.0.2.1 192.0.2.2 1 2",
                "TCP4",
                "TCP4 ",
                "TCP5 192.0.2.1 192.0.2.2 1 2",
                "TCP46 192.0.2.1 192.0.2.2 1 2",
                "tcp4 192.0.2.1 192.0.2.2 1 2",
                "UDP4 192.0.2.1 192.0.2.2 1 2",
                "UNKNOWNS",
                "UNKNOW",
                "",
                " TCP4 192.0.2.1 192.0.2.2 1 2",
            })
    void refusesALineOfAnyOtherForm(String fields) {
        malformed("PROXY " + fields + "\r\n", ProxyError.BAD_FIELD);
    }

    @Test
    void takesAnUnknownConnectionAndIgnoresTheRestOfItsLine() {
        taken("PROXY UNKNOWN\r\n");
        taken("PROXY UNKNOWN \u00ff\0 whatever\r\n");
        taken("PROXY UNKNOWN " + "f".repeat(107 - 16) + "\r\n");
        ProxyHeader header = parsed("PROXY UNKNOWN 192.0.2.7 198.51.100.1 40000 25\r\n");
        assertThat(header.command()).isEqualTo(Command.PROXY);
        assertThat(header.family()).isEqualTo(Family.UNSPEC);
        assertThat(header.toSource()).isEmpty();
        assertThat(header.toDestination()).isEmpty();
    }

    @Test
    void refusesALineOverItsLimit() {
        refused("PROXY UNKNOWN " + "f".repeat(108 - 16) + "\r\n", ParseResult.OVERLONG, null);
        refused("PROXY TCP4 " + "1".repeat(400), ParseResult.OVERLONG, null);
    }

    @Test
    void endsALineWithCrlfOnly() {
        malformed("PROXY UNKNOWN\n", ProxyError.BARE_NEWLINE);
        malformed("PROXY UNKNOWN\r\r\n", ProxyError.BARE_NEWLINE);
        malformed("PROXY UNKNOWN \rx\r\n", ProxyError.BARE_NEWLINE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "EHLO x\r\n",
                "PROXYTCP4 192.0.2.1 192.0.2.2 1 2\r\n",
                "proxy UNKNOWN\r\n",
                "PROXY\r\n",
                "GET / HTTP/1.1\r\n",
                "\r\n\r\n\0\r\nQUIT\r\n",
                "\26\3\1",
            })
    void refusesWhatIsNoHeaderAtItsFirstWrongOctet(String octets) {
        malformed(octets, ProxyError.NO_SIGNATURE);
    }

    @Test
    void readsTheBinaryFormOfVersion2() {
        String content = INET + tlv(ProxyTlv.AUTHORITY, "mx.example.org") + tlv(0xe7, "\0x");
        taken(block(0x21, 0x11, content));
        ProxyHeader header = parsed(block(0x21, 0x11, content));
        assertThat(header.version()).isEqualTo(2);
        assertThat(header.toSource()).contains(CLIENT);
        assertThat(header.toDestination()).contains(SERVER);
        assertThat(header.tlvs().copyTextOf(ProxyTlv.AUTHORITY)).contains("mx.example.org");
        assertThat(header.tlvs().copyTextOf(ProxyTlv.NETNS)).isEmpty();
        assertThat(header.tlvs().copyValueOf(0xe7)).contains(new byte[] {0, 'x'});
        assertThat(header.tlvs().copyValueOf(0xe8)).isEmpty();
        assertThat(header.tlvs().type(1)).isEqualTo(0xe7);
        assertThat(header.tlvs().length(1)).isEqualTo(2);
        assertThat(header.sslClient()).isEqualTo(-1);
        assertThat(header.isSslVerified()).isFalse();
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> header.tlvs().type(2));
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> header.tlvs().type(-1));
    }

    @Test
    void forgetsTheHeaderBefore() {
        ProxyHeaderParser parser = new ProxyHeaderParser();
        ProxyHeader header = new ProxyHeader();
        byte[] first = encoded(out -> ProxyHeaderEncoder.version2(
                out, CLIENT, SERVER, List.of(ProxyTlv.ssl(7, 0, List.of(ProxyTlv.text(ProxyTlv.SSL_CN, "c"))))));
        assertThat(parser.parse(ByteBuffer.wrap(first), header)).isEqualTo(ParseResult.COMPLETE);
        assertThat(parser.parse(ByteBuffer.wrap(Wire.octets(block(0x20, 0x11, INET))), header))
                .isEqualTo(ParseResult.COMPLETE);
        assertThat(header.command()).isEqualTo(Command.LOCAL);
        assertThat(header.family()).isEqualTo(Family.UNSPEC);
        assertThat(header.toSource()).isEmpty();
        assertThat(header.tlvs().count()).isZero();
        assertThat(header.sslTlvs().count()).isZero();
        assertThat(header.sslClient()).isEqualTo(-1);
        assertThat(header.copySourcePath()).isEmpty();
    }

    @Test
    void aProxyThatSpeaksForItselfOrTellsNoAddressHasItsBlockSkipped() {
        taken(block(0x20, 0x00, ""));
        taken(block(0x20, 0xff, "not addresses"));
        taken(block(0x20, 0x11, INET + tlv(ProxyTlv.CRC32C, "\0\0\0\0")));
        taken(block(0x21, 0x00, "\1"));
        taken(block(0x21, 0x01, "whatever"));
        taken(block(0x21, 0x10, "whatever"));
    }

    @Test
    void refusesWhatIsNotAssigned() {
        malformed(block(0x11, 0x11, INET), ProxyError.BAD_COMMAND);
        malformed(block(0x22, 0x11, INET), ProxyError.BAD_COMMAND);
        malformed(block(0x21, 0x41, INET), ProxyError.BAD_FAMILY);
        malformed(block(0x21, 0xf1, INET), ProxyError.BAD_FAMILY);
        malformed(block(0x21, 0x13, INET), ProxyError.BAD_FAMILY);
    }

    @Test
    void refusesABlockWithoutRoomForItsAddresses() {
        malformed(block(0x21, 0x11, INET.substring(1)), ProxyError.BAD_LENGTH);
        malformed(block(0x21, 0x21, INET + "x".repeat(23)), ProxyError.BAD_LENGTH);
        malformed(block(0x21, 0x31, "x".repeat(215)), ProxyError.BAD_LENGTH);
        malformed(block(0x21, 0x12, ""), ProxyError.BAD_LENGTH);
    }

    @Test
    void tellsTheAddressesOfEachFamily() {
        ProxyHeader header = parsed(encoded(out -> ProxyHeaderEncoder.version2(
                out, address("2001:db8:1:2:3:4:5:6", 0), address("fe80:9:8:7:6:5:4:3", 0), List.of())));
        assertThat(header.toSource()).contains(address("2001:db8:1:2:3:4:5:6", 0));
        assertThat(header.toDestination()).contains(address("fe80:9:8:7:6:5:4:3", 0));

        header = parsed(encoded(out -> ProxyHeaderEncoder.version2Unix(
                out, Wire.octets("/run/source"), Wire.octets("/run/destination"), List.of())));
        assertThat(Wire.latin1(header.copySourcePath())).isEqualTo("/run/source");
        assertThat(Wire.latin1(header.copyDestinationPath())).isEqualTo("/run/destination");

        byte[] longest = Wire.octets("x".repeat(ProxyHeader.UNIX_PATH));
        header = parsed(encoded(out -> ProxyHeaderEncoder.version2Unix(out, longest, new byte[0], List.of())));
        assertThat(header.copySourcePath()).isEqualTo(longest);

        header = parsed("PROXY TCP4 192.0.2.7 198.51.100.1 0 0\r\n");
        assertThat(header.toSource()).contains(address("192.0.2.7", 0));
        assertThat(header.toDestination()).contains(address("198.51.100.1", 0));
    }

    @Test
    void anUnnamedSocketHasAnEmptyPath() {
        ProxyHeader header = parsed(block(0x21, 0x31, "\0".repeat(216)));
        assertThat(header.copySourcePath()).isEmpty();
        assertThat(header.copyDestinationPath()).isEmpty();
    }

    @Test
    void capsTheBlock() {
        taken(block(0x21, 0x11, INET + tlv(ProxyTlv.NOOP, "x".repeat(4096 - 12 - 3))));
        refused(
                block(0x21, 0x11, INET + tlv(ProxyTlv.NOOP, "x".repeat(4096 - 12 - 2)))
                        .substring(0, 20),
                ParseResult.OVERLONG,
                null);
        refused(SIGNATURE + " \0\u00ff\u00ff", ParseResult.OVERLONG, null);
    }

    @Test
    void oneParserReadsManyHeadersWithChecksumsAndRemembersNone() {
        byte[] octets = encoded(out -> ProxyHeaderEncoder.version2(out, CLIENT, SERVER, List.of(ProxyTlv.checksum())));
        ProxyHeaderParser parser = new ProxyHeaderParser();
        ProxyHeader header = new ProxyHeader();
        for (int i = 0; i < 3; i++) {
            assertThat(parser.parse(ByteBuffer.wrap(octets), header)).isEqualTo(ParseResult.COMPLETE);
            assertThat(header.toSource()).contains(CLIENT);
        }
        byte[] damaged = octets.clone();
        damaged[20] ^= 1;
        assertThat(parser.parse(ByteBuffer.wrap(damaged), header)).isEqualTo(ParseResult.MALFORMED);
        assertThat(header.error()).isEqualTo(ProxyError.BAD_CHECKSUM);
        assertThat(header.toSource()).isEmpty();
        assertThat(header.tlvs().count()).isZero();
    }

    @Test
    void theLengthOfAValueHasTwoOctets() {
        byte[] value = new byte[0x0302];
        value[0x0301] = 7;
        byte[] octets =
                encoded(out -> ProxyHeaderEncoder.version2(out, CLIENT, SERVER, List.of(ProxyTlv.of(0xe1, value))));
        ProxyHeader header = parsed(octets);
        assertThat(header.tlvs().count()).isEqualTo(1);
        assertThat(header.tlvs().copyValueOf(0xe1)).hasValue(value);
    }

    @Test
    void refusesTlvsThatEndElsewhere() {
        malformed(block(0x21, 0x11, INET + "\1"), ProxyError.BAD_TLV);
        malformed(block(0x21, 0x11, INET + "\1\0"), ProxyError.BAD_TLV);
        malformed(block(0x21, 0x11, INET + "\1\0\1"), ProxyError.BAD_TLV);
        malformed(block(0x21, 0x11, INET + "\1\u00ff\u00ff" + "x".repeat(50)), ProxyError.BAD_TLV);
        malformed(block(0x21, 0x11, INET + tlv(ProxyTlv.SSL, "\1\0\0\0\0!\0\2x")), ProxyError.BAD_TLV);
        malformed(block(0x21, 0x11, INET + tlv(ProxyTlv.SSL, "\1\0\0\0")), ProxyError.BAD_TLV);
    }

    @Test
    void refusesValuesOfTheWrongForm() {
        taken(block(0x21, 0x11, INET + tlv(ProxyTlv.UNIQUE_ID, "x".repeat(128))));
        malformed(block(0x21, 0x11, INET + tlv(ProxyTlv.UNIQUE_ID, "x".repeat(129))), ProxyError.BAD_TLV);
        taken(block(0x21, 0x11, INET + tlv(0xe0, "\u00ff") + tlv(ProxyTlv.AUTHORITY, "mx") + tlv(0xe1, "\u00ff")));
        malformed(block(0x21, 0x11, INET + tlv(ProxyTlv.AUTHORITY, "\u00ff")), ProxyError.BAD_TLV);
        malformed(block(0x21, 0x11, INET + tlv(ProxyTlv.NETNS, "\u00c3")), ProxyError.BAD_TLV);
        malformed(block(0x21, 0x11, INET + tlv(ProxyTlv.CRC32C, "\0\0\0")), ProxyError.BAD_TLV);
    }

    @Test
    void refusesARegisteredTypeGivenTwiceButPadding() {
        String noop = tlv(ProxyTlv.NOOP, "");
        String custom = tlv(0xe0, "a");
        taken(block(0x21, 0x11, INET + noop + custom + noop + custom));
        for (int type : new int[] {ProxyTlv.ALPN, ProxyTlv.AUTHORITY, ProxyTlv.UNIQUE_ID, ProxyTlv.NETNS}) {
            malformed(block(0x21, 0x11, INET + tlv(type, "a") + tlv(type, "b")), ProxyError.BAD_TLV);
        }
        malformed(block(0x21, 0x11, INET + tlv(ProxyTlv.CRC32C, "\0\0\0\0").repeat(2)), ProxyError.BAD_TLV);
        malformed(block(0x21, 0x11, INET + tlv(ProxyTlv.SSL, "\1\0\0\0\0").repeat(2)), ProxyError.BAD_TLV);
    }

    @Test
    void capsTheTlvs() {
        String noop = tlv(ProxyTlv.NOOP, "");
        taken(block(0x21, 0x11, INET + noop.repeat(ProxyTlvs.MAX_TLVS)));
        malformed(block(0x21, 0x11, INET + noop.repeat(ProxyTlvs.MAX_TLVS + 1)), ProxyError.TOO_MANY_TLVS);
    }

    @Test
    void checksTheSum() {
        byte[] good = encoded(out -> ProxyHeaderEncoder.version2(
                out, CLIENT, SERVER, List.of(ProxyTlv.checksum(), ProxyTlv.text(ProxyTlv.ALPN, "smtp"))));
        taken(Wire.latin1(good));
        for (int at = ProxyHeaderParser.FIXED; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 1;
            assertThat(ProxyEvents.of(bad).result()).as("octet %s", at).isEqualTo(ParseResult.MALFORMED);
        }
        byte[] bad = good.clone();
        bad[16] ^= 1;
        malformed(Wire.latin1(bad), ProxyError.BAD_CHECKSUM);
        // RFC 3720 B.4: 32 octets of zeros.
        assertThat(ReferenceProxyParser.crc32c(new byte[32])).isEqualTo(0x8a9136aa);
    }

    @Test
    void tellsTheTlsOfTheClient() {
        List<ProxyTlv> fields = List.of(
                ProxyTlv.text(ProxyTlv.SSL_VERSION, "TLSv1.3"),
                ProxyTlv.text(ProxyTlv.SSL_CN, "\u00e4.example"),
                ProxyTlv.text(ProxyTlv.SSL_CIPHER, "TLS_AES_128_GCM_SHA256"));
        int client = ProxyTlv.CLIENT_SSL | ProxyTlv.CLIENT_CERT_CONN;
        ProxyHeader header = parsed(encoded(
                out -> ProxyHeaderEncoder.version2(out, CLIENT, SERVER, List.of(ProxyTlv.ssl(client, 0, fields)))));
        assertThat(header.sslClient()).isEqualTo(client);
        assertThat(header.isSslVerified()).isTrue();
        assertThat(header.sslTlvs().toList()).isEqualTo(fields);
        assertThat(header.sslTlvs().copyTextOf(ProxyTlv.SSL_CN)).contains("\u00e4.example");

        header = parsed(encoded(
                out -> ProxyHeaderEncoder.version2(out, CLIENT, SERVER, List.of(ProxyTlv.ssl(client, -1, List.of())))));
        assertThat(header.sslVerify()).isEqualTo(-1);
        assertThat(header.isSslVerified()).isFalse();
        // Without a certificate there was nothing to verify, whatever stands there.
        header = parsed(encoded(out -> ProxyHeaderEncoder.version2(
                out, CLIENT, SERVER, List.of(ProxyTlv.ssl(ProxyTlv.CLIENT_SSL, 0, List.of())))));
        assertThat(header.isSslVerified()).isFalse();
    }

    @Test
    void aClientHasOneAddressInBothFormsOfIt() {
        assertThat(parsed("PROXY TCP6 ::ffff:192.0.2.7 ::1 40000 25\r\n").toSource())
                .contains(CLIENT);
    }

    @Test
    void looksUpNoNames() {
        InetSocketAddress source = parsed("PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\r\n")
                .toSource()
                .orElseThrow();
        assertThat(source.getAddress()).hasToString("/192.0.2.7");
        assertThat(source.getHostString()).isEqualTo("192.0.2.7");
    }
}
