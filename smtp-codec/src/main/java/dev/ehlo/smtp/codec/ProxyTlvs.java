package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.grammar.Octets;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The type-length-value fields of a PROXY header of version 2, or those within its SSL field, seen in place: a view as
 * its {@link ProxyHeader} is, and valid as long. Indices run from 0, in the order of the wire.
 */
public final class ProxyTlvs {
    /** Fields on one level. Some twenty types are registered or in use; the specification names no limit. */
    public static final int MAX_TLVS = 32;

    private static final int HEAD = 3;

    private @Nullable ByteBuffer in;
    private final int[] starts = new int[MAX_TLVS];
    private int count;

    ProxyTlvs() {}

    void clear() {
        in = null;
        count = 0;
    }

    /**
     * Finds the fields that fill {@code from} to {@code to}.
     *
     * @return what is wrong with them, or null
     */
    @Nullable
    ProxyError read(ByteBuffer buffer, int from, int to) {
        in = buffer;
        count = 0;
        for (int at = from; at < to; ) {
            if (count == MAX_TLVS) {
                return ProxyError.TOO_MANY_TLVS;
            }
            int value = at + HEAD;
            if (value > to || octets(buffer, at) > to - value || !isAllowed(buffer, at)) {
                return ProxyError.BAD_TLV;
            }
            starts[count++] = at;
            at = value + octets(buffer, at);
        }
        return null;
    }

    /** Two readings of one header are one too many: of the registered types only NOOP may stand twice. */
    private boolean isAllowed(ByteBuffer buffer, int at) {
        int type = buffer.get(at) & 0xff;
        int octets = octets(buffer, at);
        return switch (type) {
            case ProxyTlv.NOOP -> true;
            case ProxyTlv.ALPN -> indexOf(type) < 0;
            case ProxyTlv.CRC32C -> indexOf(type) < 0 && octets == Integer.BYTES;
            case ProxyTlv.UNIQUE_ID -> indexOf(type) < 0 && octets <= ProxyTlv.MAX_UNIQUE_ID;
            case ProxyTlv.SSL -> indexOf(type) < 0 && octets >= ProxyTlv.SSL_HEAD;
            case ProxyTlv.AUTHORITY,
                    ProxyTlv.SSL_VERSION,
                    ProxyTlv.SSL_CN,
                    ProxyTlv.SSL_CIPHER,
                    ProxyTlv.SSL_SIG_ALG,
                    ProxyTlv.SSL_KEY_ALG,
                    ProxyTlv.NETNS -> indexOf(type) < 0 && Octets.isUtf8(buffer, at + HEAD, at + HEAD + octets);
            default -> true;
        };
    }

    /** How many there are. */
    public int count() {
        return count;
    }

    /**
     * The type, 0 to 255: one of the constants of {@link ProxyTlv}, or another.
     *
     * @throws IndexOutOfBoundsException if there is no such field
     */
    public int type(int index) {
        return buffer(index).get(starts[index]) & 0xff;
    }

    /**
     * The octets of the value.
     *
     * @throws IndexOutOfBoundsException if there is no such field
     */
    public int length(int index) {
        return octets(buffer(index), starts[index]);
    }

    /**
     * The value.
     *
     * @throws IndexOutOfBoundsException if there is no such field
     */
    public byte[] copyValue(int index) {
        byte[] value = new byte[length(index)];
        buffer(index).get(starts[index] + HEAD, value);
        return value;
    }

    /** The first field of this type, or -1. */
    public int indexOf(int type) {
        for (int i = 0; i < count; i++) {
            if (type(i) == type) {
                return i;
            }
        }
        return -1;
    }

    /** The value of the first field of this type. */
    public Optional<byte[]> copyValueOf(int type) {
        int index = indexOf(type);
        return index < 0 ? Optional.empty() : Optional.of(copyValue(index));
    }

    /**
     * The value of the first field of this type as UTF-8: of {@link ProxyTlv#AUTHORITY}, {@link ProxyTlv#NETNS} and the
     * texts within SSL, which the parser takes in well-formed UTF-8 only. It is the proxy's, or even its client's:
     * escape it before it goes to a log.
     */
    public Optional<String> copyTextOf(int type) {
        int index = indexOf(type);
        return index < 0 ? Optional.empty() : Optional.of(Octets.text(buffer(index), start(index), end(index)));
    }

    /** All fields as values, in the order of the wire. */
    public List<ProxyTlv> toList() {
        List<ProxyTlv> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(ProxyTlv.of(type(i), copyValue(i)));
        }
        return List.copyOf(list);
    }

    /** Where the value begins in the buffer. */
    int start(int index) {
        return starts[index] + HEAD;
    }

    int end(int index) {
        return start(index) + length(index);
    }

    private ByteBuffer buffer(int index) {
        ByteBuffer buffer = in;
        if (index < 0 || index >= count || buffer == null) {
            throw new IndexOutOfBoundsException(index + " of " + count);
        }
        return buffer;
    }

    private static int octets(ByteBuffer buffer, int at) {
        return (buffer.get(at + 1) & 0xff) << 8 | buffer.get(at + 2) & 0xff;
    }
}
