package dev.ehlo.smtp.tls.reactor;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.concurrent.LinkedBlockingQueue;
import org.slf4j.LoggerFactory;

/** What a class logs meanwhile, instead of the console. */
final class Logged extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Logger logger;
    private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private Logged(Logger logger) {
        this.logger = logger;
    }

    static Logged of(Class<?> of) {
        Logged logged = new Logged((Logger) LoggerFactory.getLogger(of));
        logged.logger.setAdditive(false);
        logged.logger.addAppender(logged);
        logged.start();
        return logged;
    }

    /** The first thing logged, waited for. */
    String text() throws InterruptedException {
        return Loopback.next(lines);
    }

    @Override
    protected void append(ILoggingEvent event) {
        lines.add(event.getFormattedMessage() + "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }

    @Override
    public void close() {
        logger.detachAppender(this);
        logger.setAdditive(true);
    }
}
