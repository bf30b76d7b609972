package dev.ehlo.smtp.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** A socket whose user decides which segments his octets travel in, under the layer of TLS that may be on top of it. */
final class SegmentSocket extends Socket {
    /** How what is written at once goes out. */
    private Function<byte[], List<byte[]>> segments = List::of;
    /** What is written while this is not null waits for {@link #release}. */
    private ByteArrayOutputStream held;

    SegmentSocket(InetSocketAddress server) throws IOException {
        this(server, 0);
    }

    /** With a receive buffer of so many octets, or what the system likes for 0. */
    SegmentSocket(InetSocketAddress server, int receiveOctets) throws IOException {
        if (receiveOctets > 0) {
            setReceiveBufferSize(receiveOctets);
        }
        setTcpNoDelay(true);
        setSoTimeout(20_000);
        connect(server);
    }

    /** From that address of this host. */
    SegmentSocket(InetSocketAddress server, InetAddress from) throws IOException {
        setTcpNoDelay(true);
        setSoTimeout(20_000);
        bind(new InetSocketAddress(from, 0));
        connect(server);
    }

    /** From now on what is written at once goes out in these segments. */
    void segments(Function<byte[], List<byte[]>> cutting) {
        segments = cutting;
    }

    /** From now on nothing goes out. */
    void hold() {
        held = new ByteArrayOutputStream();
    }

    /** What was held goes out in one segment, as far as one can hold it. */
    void release() throws IOException {
        byte[] octets = held.toByteArray();
        held = null;
        super.getOutputStream().write(octets);
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        OutputStream out = super.getOutputStream();
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                write(new byte[] {(byte) octet}, 0, 1);
            }

            @Override
            public void write(byte[] octets, int from, int count) throws IOException {
                byte[] written = Arrays.copyOfRange(octets, from, from + count);
                if (held != null) {
                    held.write(written);
                    return;
                }
                for (byte[] segment : segments.apply(written)) {
                    out.write(segment);
                }
            }
        };
    }

    /** The records of a ClientHello anew, each with one octet of it. */
    static List<byte[]> recordsOfOneOctet(byte[] written) {
        List<byte[]> records = new ArrayList<>();
        for (int at = 0; at < written.length; ) {
            int end = at + 5 + ((written[at + 3] & 0xff) << 8 | written[at + 4] & 0xff);
            if (written[at] == HANDSHAKE) {
                for (int i = at + 5; i < end; i++) {
                    records.add(new byte[] {HANDSHAKE, written[at + 1], written[at + 2], 0, 1, written[i]});
                }
            } else {
                records.add(Arrays.copyOfRange(written, at, end));
            }
            at = end;
        }
        return records;
    }

    /** The types of records in clear. */
    static final byte ALERT = 21;

    static final byte HANDSHAKE = 22;
}
