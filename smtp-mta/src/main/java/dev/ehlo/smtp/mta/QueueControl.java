package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.queue.QueueHealth;
import dev.ehlo.smtp.queue.Spool;
import dev.ehlo.smtp.queue.SpoolCounts;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** What an operator can have the queue of a running server do. */
final class QueueControl {
    private final MailQueue queue;
    private final Spool spool;

    QueueControl(MailQueue queue, Spool spool) {
        this.queue = queue;
        this.spool = spool;
    }

    Map<String, ControlSocket.Verb> verbs() {
        return Map.of(
                "status", alone(this::status),
                "hold", done(queue::hold),
                "release", done(queue::release),
                "resume", done(queue::resume));
    }

    private interface Question {
        Map<String, String> ask() throws IOException;
    }

    private interface Deed {
        void run() throws IOException;
    }

    private static ControlSocket.Verb done(Deed deed) {
        return alone(() -> {
            deed.run();
            return Map.of();
        });
    }

    private static ControlSocket.Verb alone(Question question) {
        return arguments -> {
            if (!arguments.isEmpty()) {
                throw new IllegalArgumentException("takes no arguments");
            }
            return question.ask();
        };
    }

    private Map<String, String> status() {
        QueueHealth health = queue.health();
        SpoolCounts counts = spool.counts();
        Map<String, String> status = new LinkedHashMap<>();
        status.put("sound", String.valueOf(health.isSound()));
        String fault = health.fault();
        if (fault != null) {
            status.put("fault", fault);
        }
        status.put("held", String.valueOf(health.held()));
        status.put("messages", String.valueOf(health.messages()));
        status.put("ready", String.valueOf(health.ready()));
        status.put("deferred", String.valueOf(health.deferred()));
        status.put("attempts", String.valueOf(health.attempts()));
        status.put("accepted", String.valueOf(counts.messages()));
        status.put("syncs", String.valueOf(counts.syncs()));
        return status;
    }
}
