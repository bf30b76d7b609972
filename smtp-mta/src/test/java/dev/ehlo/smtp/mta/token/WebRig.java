package dev.ehlo.smtp.mta.token;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/** A web server on this host that says to everybody what it is told to say, and keeps what it was asked. */
final class WebRig implements AutoCloseable {
    private final ServerSocket listening = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    /** The content of each request. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    volatile String authorization = "";
    volatile int status = 200;
    volatile byte[] answer = {};
    /** Whether it takes requests and says nothing. */
    volatile boolean isSilent;

    WebRig() throws IOException {
        Thread thread = new Thread(this::serve, "web");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        while (!listening.isClosed()) {
            try (Socket socket = listening.accept()) {
                handle(socket);
            } catch (IOException e) {
                // the client has gone, or the test is over
            }
        }
    }

    private void handle(Socket socket) throws IOException {
        BufferedReader in =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
        int length = 0;
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            String value = line.substring(line.indexOf(' ') + 1);
            switch (line.substring(0, line.indexOf(' ')).toLowerCase(Locale.ROOT)) {
                case "content-length:" -> length = Integer.parseInt(value);
                case "authorization:" -> authorization = value;
                default -> {}
            }
        }
        char[] content = new char[length];
        for (int at = 0; at < length; ) {
            at += in.read(content, at, length - at);
        }
        requests.add(new String(content));
        if (isSilent) {
            in.read(); // until the client gives up
            return;
        }
        OutputStream out = socket.getOutputStream();
        out.write(("HTTP/1.1 " + status + " x\r\nConnection: close\r\nLocation: " + url()
                        + "elsewhere\r\nContent-Length: " + answer.length + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        out.write(answer);
        out.flush();
    }

    void says(String text) {
        answer = text.getBytes(StandardCharsets.UTF_8);
    }

    String url() {
        return "http://127.0.0.1:" + listening.getLocalPort() + "/";
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
