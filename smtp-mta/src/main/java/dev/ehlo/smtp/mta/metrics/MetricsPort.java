package dev.ehlo.smtp.mta.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /metrics} by HTTP on the loopback interface, for whoever collects figures on this host. Answers nobody who
 * asks for it under the name of another host: a page in a browser here may have been led to that port.
 */
public final class MetricsPort implements AutoCloseable {
    private static final String PATH = "/metrics";
    private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final int BACKLOG = 16;
    private static final int THREADS = 2;
    /** For a request, and for its response: the server of the JDK has no time limit unless told. */
    private static final String SECONDS = "10";

    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int NOT_ALLOWED = 405;
    private static final int MISDIRECTED = 421;

    private final HttpServer server;
    private final ExecutorService threads;
    private final MailMetrics metrics;

    private MetricsPort(HttpServer server, ExecutorService threads, MailMetrics metrics) {
        this.server = server;
        this.threads = threads;
        this.metrics = metrics;
    }

    /**
     * Listens.
     *
     * @param port 0 for any that is free
     * @throws java.net.BindException if the port is in use
     */
    public static MetricsPort listen(int port, MailMetrics metrics) throws IOException {
        for (String limit : new String[] {"maxReqTime", "maxRspTime"}) {
            String property = "sun.net.httpserver." + limit;
            if (System.getProperty(property) == null) {
                System.setProperty(property, SECONDS);
            }
        }
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "metrics");
            thread.setDaemon(true);
            return thread;
        });
        MetricsPort listening = new MetricsPort(server, threads, metrics);
        server.setExecutor(threads);
        server.createContext("/", listening::answer);
        server.start();
        return listening;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return server.getAddress();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String method = exchange.getRequestMethod();
            if (!isOwn(exchange.getRequestHeaders().getFirst("Host"))) {
                exchange.sendResponseHeaders(MISDIRECTED, -1);
            } else if (!exchange.getRequestURI().getPath().equals(PATH)) {
                exchange.sendResponseHeaders(NOT_FOUND, -1);
            } else if (method.equals("GET") || method.equals("HEAD")) {
                send(exchange, method.equals("HEAD"));
            } else {
                exchange.getResponseHeaders().set("Allow", "GET, HEAD");
                exchange.sendResponseHeaders(NOT_ALLOWED, -1);
            }
        }
    }

    private void send(HttpExchange exchange, boolean headOnly) throws IOException {
        byte[] body = metrics.text().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", MetricText.CONTENT_TYPE);
        exchange.sendResponseHeaders(OK, headOnly ? -1 : body.length);
        if (!headOnly) {
            exchange.getResponseBody().write(body);
        }
    }

    private static boolean isOwn(@Nullable String host) {
        return host != null && OWN_NAMES.contains(host.replaceFirst(":[0-9]{1,5}$", ""));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
