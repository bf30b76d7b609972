package dev.ehlo.smtp.benchmarks.client;

import java.net.InetSocketAddress;

/** A client that can be told to send. */
public interface Sender extends AutoCloseable {
    /** The sender of each message. */
    String FROM = "a@example.org";
    /** The recipient of each message. */
    String TO = "b@example.net";

    /**
     * Sends one message again and again, over so many connections that are kept meanwhile.
     *
     * @throws Exception if one was not taken
     */
    void send(InetSocketAddress server, int connections, byte[] content, long messages) throws Exception;

    /** Ends its threads. */
    @Override
    void close();
}
