package dev.ehlo.smtp.queue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/** For tests that bring about what is worth a warning: it would hide those that nobody expects. */
final class Quiet implements BeforeAllCallback, AfterAllCallback {
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.ehlo.smtp.queue");

    @Override
    public void beforeAll(@Nullable ExtensionContext context) {
        LOG.setLevel(Level.OFF);
    }

    @Override
    public void afterAll(@Nullable ExtensionContext context) {
        LOG.setLevel(null);
    }
}
