package dev.ehlo.smtp.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A port at which connections neither come to stand nor are refused: the system has as many waiting as it takes. */
final class SilentServer implements AutoCloseable {
    private final List<Socket> waiting = new ArrayList<>();
    private final ServerSocket socket;

    /** At that address of the loopback network. */
    SilentServer(String address, int port) throws IOException {
        socket = new ServerSocket(port, 1, InetAddress.getByName(address));
        // Linux lets one more wait than it is asked for.
        for (int i = 0; i < 2; i++) {
            waiting.add(new Socket(socket.getInetAddress(), socket.getLocalPort()));
        }
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    @Override
    public void close() throws IOException {
        for (Socket each : waiting) {
            each.close();
        }
        socket.close();
    }
}
