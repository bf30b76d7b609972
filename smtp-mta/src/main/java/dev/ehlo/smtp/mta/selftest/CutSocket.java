package dev.ehlo.smtp.mta.selftest;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** A socket whose user decides which segments octets travel in, below the layer of TLS that may be on top of it. */
final class CutSocket extends Socket {
    private static final int CONNECT_MILLIS = 10_000;

    private Function<byte[], List<byte[]>> cutting = List::of;
    private int claimedPort;

    /** @param receiveOctets of its buffer, or what the system likes for 0 */
    CutSocket(InetSocketAddress server, InetAddress from, int receiveOctets) throws IOException {
        if (receiveOctets > 0) {
            setReceiveBufferSize(receiveOctets);
        }
        setTcpNoDelay(true);
        setSoTimeout(Wire.PATIENCE_MILLIS);
        bind(new InetSocketAddress(from, 0));
        connect(server, CONNECT_MILLIS);
    }

    /** From now on what is written at once goes out so. */
    void cut(Function<byte[], List<byte[]>> other) {
        cutting = other;
    }

    /** From now on TLS takes the peer for one at that port, and offers the sessions that it has from there. */
    void claimPort(int port) {
        claimedPort = port;
    }

    @Override
    public int getPort() {
        return claimedPort > 0 ? claimedPort : super.getPort();
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
                for (byte[] segment : cutting.apply(Arrays.copyOfRange(octets, from, from + count))) {
                    out.write(segment);
                }
            }
        };
    }
}
