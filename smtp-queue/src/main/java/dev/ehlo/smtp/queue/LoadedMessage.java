package dev.ehlo.smtp.queue;

import java.time.Duration;

/** A message that is held in memory, and what it was promised of time. */
record LoadedMessage(SpooledMessage message, Terms terms) {
    static LoadedMessage of(SpooledMessage message, RetrySchedule retry, Duration delayNotice) {
        return new LoadedMessage(message, Terms.of(message, retry, delayNotice));
    }

    byte priority() {
        return (byte) message.envelope().parameters().priority().orElse(0);
    }

    /** In recipients, which most of its memory goes to. */
    int weight() {
        return message.envelope().recipients().size();
    }
}
