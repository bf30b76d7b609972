package dev.ehlo.smtp.client;

import dev.ehlo.smtp.testkit.TestCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of MTA-STS policies by HTTPS, reached by a proxy that leads there whoever is asked for. */
final class PolicyServer implements AutoCloseable {
    private final ServerSocket https;
    private final ServerSocket proxy = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private volatile String answer = "";
    private volatile boolean stalls;

    /** Serves one connection, and closes it. */
    @FunctionalInterface
    private interface Service {
        void serve(Socket client) throws IOException;
    }

    PolicyServer(TestCertificate certificate) throws IOException {
        https = certificate
                .serverContext()
                .getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(() -> accept(https, this::answer));
        threads.execute(() -> accept(proxy, this::tunnel));
    }

    /** A client's, which trusts that certificate. */
    HttpClient.Builder client(TestCertificate trusted) {
        return HttpClient.newBuilder().sslContext(trusted.clientContext()).proxy(ProxySelector.of((InetSocketAddress)
                proxy.getLocalSocketAddress()));
    }

    void say(int code, String type, String body) {
        answer = head(code, type, body.length()) + "\r\n" + body;
    }

    void redirect(String to) {
        answer = head(302, "text/plain", 0) + "Location: " + to + "\r\n\r\n";
    }

    /** Begins an answer, and never ends it. */
    void stall() {
        stalls = true;
        answer = head(200, "text/plain", 1000) + "\r\nversion: STSv1\r\n";
    }

    private static String head(int code, String type, int octets) {
        return "HTTP/1.1 " + code + " Said\r\nContent-Type: " + type + "\r\nContent-Length: " + octets
                + "\r\nConnection: close\r\n";
    }

    /** As {@code CONNECT host:port} and {@code GET path}. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    private void accept(ServerSocket listener, Service service) {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                sockets.add(client);
                threads.execute(() -> serve(client, service));
            } catch (IOException closing) {
                return;
            }
        }
    }

    private static void serve(Socket client, Service service) {
        try (client) {
            service.serve(client);
        } catch (IOException gone) {
            // As clients do that refuse a certificate, or an answer.
        }
    }

    private void answer(Socket client) throws IOException {
        if (request(client.getInputStream())) {
            client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
            client.getOutputStream().flush();
            if (stalls) {
                client.getInputStream().transferTo(OutputStream.nullOutputStream());
            }
        }
    }

    private void tunnel(Socket client) throws IOException {
        if (!request(client.getInputStream())) {
            return;
        }
        try (Socket server = new Socket(https.getInetAddress(), https.getLocalPort())) {
            sockets.add(server);
            client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            threads.execute(() -> serve(client, c -> server.getInputStream().transferTo(c.getOutputStream())));
            client.getInputStream().transferTo(server.getOutputStream());
        }
    }

    /** Reads a head, and keeps its first line but for the version; false if there is none. */
    private boolean request(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                return false;
            }
            head.append((char) octet);
        }
        requests.add(head.substring(0, head.indexOf(" HTTP/")));
        return true;
    }

    @Override
    public void close() throws IOException {
        proxy.close();
        https.close();
        for (Socket each : sockets) {
            each.close();
        }
        threads.shutdownNow();
    }
}
