package dev.ehlo.smtp.benchmarks.soak;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** A server, the next hop behind it, and the ledger of what went through both. */
final class Site implements AutoCloseable {
    /** From where one may relay. */
    static final int RELAYING = 9;

    /** Who is guessed at. */
    static final Credentials VICTIM = new Credentials("user", "correct horse battery staple");
    /** Who is not. */
    static final Credentials OTHER = new Credentials("other", "another correct horse");

    private final Ledger ledger = new Ledger();
    private final Sink sink;
    private final EhloServer server;

    /** Starts. */
    Site(String... options) throws IOException, InterruptedException {
        sink = new Sink(ledger);
        List<String> all = new ArrayList<>(
                List.of("--smarthost", sink.address(), "--relay-from", "127." + RELAYING + ".0.0/16", "--retry", "1s"));
        all.addAll(List.of(options));
        try {
            server = EhloServer.start(List.of(VICTIM, OTHER), all.toArray(String[]::new));
        } catch (IOException | InterruptedException | RuntimeException e) {
            sink.close();
            throw e;
        }
    }

    EhloServer server() {
        return server;
    }

    InetSocketAddress mx() {
        return server.address("mx");
    }

    InetSocketAddress submissions() {
        return server.address("submissions");
    }

    Ledger ledger() {
        return ledger;
    }

    @Override
    public void close() {
        server.close();
        sink.close();
    }
}
