package dev.ehlo.smtp.codec;

import static dev.ehlo.smtp.codec.ProxyHeaderTest.CLIENT;
import static dev.ehlo.smtp.codec.ProxyHeaderTest.INET;
import static dev.ehlo.smtp.codec.ProxyHeaderTest.SERVER;
import static dev.ehlo.smtp.codec.ProxyHeaderTest.address;
import static dev.ehlo.smtp.codec.ProxyHeaderTest.block;
import static dev.ehlo.smtp.codec.ProxyHeaderTest.encoded;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetSocketAddress;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProxyHeaderEncoderTest {
    @Test
    void sendsWhatTheSpecificationShows() {
        assertThat(Wire.latin1(encoded(out -> ProxyHeaderEncoder.version1(out, CLIENT, SERVER))))
                .isEqualTo("PROXY TCP4 192.0.2.7 198.51.100.1 40000 25\r\n");
        assertThat(Wire.latin1(encoded(
                        out -> ProxyHeaderEncoder.version1(out, address("2001:db8::7", 1), address("fe80::1%1", 2)))))
                .isEqualTo("PROXY TCP6 2001:db8:0:0:0:0:0:7 fe80:0:0:0:0:0:0:1 1 2\r\n");
        assertThat(Wire.latin1(encoded(ProxyHeaderEncoder::version1Unknown))).isEqualTo("PROXY UNKNOWN\r\n");
        assertThat(Wire.latin1(encoded(ProxyHeaderEncoder::version2Local))).isEqualTo(block(0x20, 0x00, ""));
        assertThat(Wire.latin1(encoded(out -> ProxyHeaderEncoder.version2(out, CLIENT, SERVER, List.of()))))
                .isEqualTo(block(0x21, 0x11, INET));
    }

    @Test
    void sendsNothingThatCouldNotBeParsedBack() {
        ByteBuffer out = ByteBuffer.allocate(8192);
        InetSocketAddress ipv6 = address("::1", 1);
        InetSocketAddress unresolved = InetSocketAddress.createUnresolved("client.example", 1);
        List<List<ProxyTlv>> bad = List.of(
                List.of(ProxyTlv.checksum(), ProxyTlv.checksum()),
                List.of(ProxyTlv.of(ProxyTlv.CRC32C, new byte[3])),
                List.of(ProxyTlv.of(ProxyTlv.UNIQUE_ID, new byte[129])),
                List.of(ProxyTlv.of(ProxyTlv.NOOP, new byte[4096 - 14])),
                Collections.nCopies(33, ProxyTlv.of(ProxyTlv.NOOP, new byte[0])));
        for (List<ProxyTlv> tlvs : bad) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ProxyHeaderEncoder.version2(out, CLIENT, SERVER, tlvs));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> ProxyHeaderEncoder.version1(out, CLIENT, ipv6));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProxyHeaderEncoder.version2(out, unresolved, SERVER, List.of()))
                .withMessageContaining("client.example");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProxyHeaderEncoder.version2Unix(out, new byte[109], new byte[0], List.of()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProxyHeaderEncoder.version2Unix(out, new byte[1], new byte[0], List.of()));
        assertThat(ProxyTlv.of(0, new byte[4096])).isEqualTo(ProxyTlv.of(0, new byte[4096]));
        assertThat(ProxyTlv.of(255, new byte[] {1})).hasSameHashCodeAs(ProxyTlv.of(255, new byte[] {1}));
        assertThat(ProxyTlv.ssl(255, 0, List.of())).isNotEqualTo(ProxyTlv.ssl(0, 0, List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> ProxyTlv.of(256, new byte[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> ProxyTlv.of(-1, new byte[0]));
        assertThatIllegalArgumentException().isThrownBy(() -> ProxyTlv.of(1, new byte[4097]));
        assertThatIllegalArgumentException().isThrownBy(() -> ProxyTlv.ssl(256, 0, List.of()));
        assertThatExceptionOfType(BufferOverflowException.class)
                .isThrownBy(() -> ProxyHeaderEncoder.version2(ByteBuffer.allocate(27), CLIENT, SERVER, List.of()));
        assertThat(out.position()).isZero();
    }

    @Test
    void aTlvIsAValue() {
        byte[] value = {1};
        ProxyTlv tlv = ProxyTlv.of(0xe0, value);
        value[0] = 2;
        tlv.copyValue()[0] = 3;
        assertThat(tlv).isEqualTo(ProxyTlv.of(0xe0, new byte[] {1})).hasToString("e0=01");
        assertThat(tlv).hasSameHashCodeAs(ProxyTlv.of(0xe0, new byte[] {1}));
        assertThat(tlv).isNotEqualTo(ProxyTlv.of(0xe1, new byte[] {1})).isNotEqualTo(ProxyTlv.of(0xe0, new byte[0]));
    }
}
