package dev.ehlo.smtp.server.driver;

import dev.ehlo.smtp.MessageSink;
import dev.ehlo.smtp.server.PacedSink;
import java.util.concurrent.Executor;

/** A sink that may block whatever its handler may, and so is given workers: to be written to on them, unless it says. */
public interface WorkerSink extends MessageSink {
    /** The sink as an event loop can use it. */
    default PacedSink on(Executor workers) {
        return new OffloadedSink(this, workers);
    }
}
