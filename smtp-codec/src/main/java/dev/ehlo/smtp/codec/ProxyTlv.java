package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.Octets;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * One type-length-value field of a PROXY header of version 2: what is sent beside the addresses. Immutable; equal by
 * type and value. Types are those of the specification of 2020, §2.2.
 */
public final class ProxyTlv {
    /** The protocol in use over the connection, as in ALPN. */
    public static final int ALPN = 0x01;
    /** The host name that the client gave, by SNI or else, in UTF-8. */
    public static final int AUTHORITY = 0x02;
    /** The checksum of the header. */
    public static final int CRC32C = 0x03;
    /** Padding. */
    public static final int NOOP = 0x04;
    /** The connection's name at the proxy, {@link #MAX_UNIQUE_ID} octets at most. */
    public static final int UNIQUE_ID = 0x05;
    /** The client's TLS, with fields of its own. */
    public static final int SSL = 0x20;
    /** Within SSL: the version of TLS. */
    public static final int SSL_VERSION = 0x21;
    /** Within SSL: the common name of the client's certificate, in UTF-8. */
    public static final int SSL_CN = 0x22;
    /** Within SSL: the cipher suite. */
    public static final int SSL_CIPHER = 0x23;
    /** Within SSL: the algorithm that signed the proxy's certificate. */
    public static final int SSL_SIG_ALG = 0x24;
    /** Within SSL: the algorithm of the proxy's key. */
    public static final int SSL_KEY_ALG = 0x25;
    /** The name of a network namespace. */
    public static final int NETNS = 0x30;

    /** In {@link ProxyHeader#sslClient()}: the client came over TLS. */
    public static final int CLIENT_SSL = 0x01;
    /** In {@link ProxyHeader#sslClient()}: it gave a certificate on this connection. */
    public static final int CLIENT_CERT_CONN = 0x02;
    /** In {@link ProxyHeader#sslClient()}: it gave a certificate in this TLS session. */
    public static final int CLIENT_CERT_SESS = 0x04;

    /** Octets of {@link #UNIQUE_ID}, §2.2.5. */
    public static final int MAX_UNIQUE_ID = 128;
    /** Octets in SSL before its fields: the client's bits, and the outcome of verification. */
    static final int SSL_HEAD = 5;

    private final int type;
    private final byte[] value;

    private ProxyTlv(int type, byte[] value) {
        this.type = type;
        this.value = value;
    }

    /**
     * A field of any type.
     *
     * @throws IllegalArgumentException if the type is not of 0 to 255, or the value longer than any header takes
     */
    public static ProxyTlv of(int type, byte[] value) {
        if (type < 0 || type > 0xff) {
            throw new IllegalArgumentException("not the type of a TLV: " + type);
        }
        if (value.length > ProxyHeaderParser.MAX_BLOCK) {
            throw new IllegalArgumentException("too long for a TLV: " + value.length);
        }
        return new ProxyTlv(type, value.clone());
    }

    /**
     * A field whose value is a text.
     *
     * @throws IllegalArgumentException as {@link #of}, or if half a surrogate pair is in the text
     */
    public static ProxyTlv text(int type, String text) {
        return of(type, Octets.utf8(text));
    }

    /** A checksum: {@link ProxyHeaderEncoder} puts the sum where this field stands. */
    public static ProxyTlv checksum() {
        return new ProxyTlv(CRC32C, new byte[Integer.BYTES]);
    }

    /**
     * The SSL field.
     *
     * @param client the sum of {@link #CLIENT_SSL} and its like
     * @param verify 0 if the client gave a certificate and it was verified
     * @param fields {@link #SSL_VERSION} and its like
     * @throws IllegalArgumentException if {@code client} is not of 0 to 255, or all is too long
     */
    public static ProxyTlv ssl(int client, int verify, List<ProxyTlv> fields) {
        if (client < 0 || client > 0xff) {
            throw new IllegalArgumentException("not bits of an SSL client: " + client);
        }
        int octets = SSL_HEAD + fields.stream().mapToInt(ProxyTlv::wireOctets).sum();
        ByteBuffer out = ByteBuffer.allocate(octets).put((byte) client).putInt(verify);
        fields.forEach(field -> field.writeTo(out));
        return of(SSL, out.array());
    }

    /** 0 to 255. */
    public int type() {
        return type;
    }

    /** A copy of the value. */
    public byte[] copyValue() {
        return value.clone();
    }

    int wireOctets() {
        return 1 + Short.BYTES + value.length;
    }

    void writeTo(ByteBuffer out) {
        out.put((byte) type)
                .put((byte) (value.length >> 8))
                .put((byte) value.length)
                .put(value);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ProxyTlv that && type == that.type && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * type + Arrays.hashCode(value);
    }

    /** Type and value in hexadecimal digits. */
    @Override
    public String toString() {
        return Integer.toHexString(type) + '=' + HexFormat.of().formatHex(value);
    }
}
