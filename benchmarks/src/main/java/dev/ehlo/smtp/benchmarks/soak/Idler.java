package dev.ehlo.smtp.benchmarks.soak;

import dev.ehlo.smtp.tls.reactor.Connection;

/** Says EHLO, and nothing after it. */
final class Idler extends Dialogue {
    @Override
    void begin(Connection connection) {}

    @Override
    void replied(Connection connection, int code, String lastLine) {}
}
