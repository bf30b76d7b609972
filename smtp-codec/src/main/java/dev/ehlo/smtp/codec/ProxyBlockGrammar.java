package dev.ehlo.smtp.codec;

import dev.ehlo.smtp.codec.ProxyHeader.Family;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The addresses and TLVs of a header of version 2, §2.2 of the specification. Allocates nothing. */
final class ProxyBlockGrammar {
    private static final byte[] NO_SUM = new byte[Integer.BYTES];

    private final CRC32C checksum = new CRC32C();

    /** The octets of both addresses and ports. */
    static int addressOctets(Family family) {
        return switch (family) {
            case UNSPEC -> 0;
            case INET -> 2 * 4 + 2 * Short.BYTES;
            case INET6 -> 2 * 16 + 2 * Short.BYTES;
            case UNIX -> 2 * ProxyHeader.UNIX_PATH;
        };
    }

    /** The {@code octets} at {@code at} as a number in network order, whatever the order of the buffer. */
    static long number(ByteBuffer in, int at, int octets) {
        long value = 0;
        for (int i = 0; i < octets; i++) {
            value = value << 8 | in.get(at + i) & 0xff;
        }
        return value;
    }

    /**
     * Reads what follows the fixed part, which has room for the addresses of the header's family.
     *
     * @param start of the whole header
     * @param from where the addresses begin
     * @param to where the header ends
     * @return what is wrong, or null
     */
    @Nullable
    ProxyError read(ByteBuffer in, int start, int from, int to, ProxyHeader header) {
        switch (header.family) {
            case UNSPEC -> {
                // Nobody knows what the addresses look like, or where the TLVs begin: the block is to be skipped.
                return null;
            }
            case UNIX -> header.paths(in, from);
            case INET -> addresses(in, from, 4, header);
            case INET6 -> addresses(in, from, 16, header);
        }
        ProxyError error = header.tlvs.read(in, from + addressOctets(header.family), to);
        if (error == null) {
            error = ssl(in, header);
        }
        if (error != null) {
            return error;
        }
        int sum = header.tlvs.indexOf(ProxyTlv.CRC32C);
        return sum < 0 || isRight(in, start, header.tlvs.start(sum), to) ? null : ProxyError.BAD_CHECKSUM;
    }

    private static void addresses(ByteBuffer in, int from, int octets, ProxyHeader header) {
        int half = Math.min(octets, 8);
        int ports = from + 2 * octets;
        header.sourceHigh = number(in, from, octets - half);
        header.sourceLow = number(in, from + octets - half, half);
        header.destinationHigh = number(in, from + octets, octets - half);
        header.destinationLow = number(in, ports - half, half);
        header.sourcePort = (int) number(in, ports, Short.BYTES);
        header.destinationPort = (int) number(in, ports + Short.BYTES, Short.BYTES);
    }

    private static @Nullable ProxyError ssl(ByteBuffer in, ProxyHeader header) {
        int index = header.tlvs.indexOf(ProxyTlv.SSL);
        if (index < 0) {
            return null;
        }
        int from = header.tlvs.start(index);
        header.sslClient = in.get(from) & 0xff;
        header.sslVerify = (int) number(in, from + 1, Integer.BYTES);
        return header.sslTlvs.read(in, from + ProxyTlv.SSL_HEAD, header.tlvs.end(index));
    }

    /** The sum is over the whole header with zeros in its own place. §2.2.3. */
    private boolean isRight(ByteBuffer in, int start, int at, int to) {
        int position = in.position();
        int limit = in.limit();
        checksum.reset();
        in.limit(at).position(start);
        checksum.update(in);
        checksum.update(NO_SUM);
        in.limit(to).position(at + Integer.BYTES);
        checksum.update(in);
        in.limit(limit).position(position);
        return checksum.getValue() == number(in, at, Integer.BYTES);
    }
}
