package dev.ehlo.smtp.mta;

import dev.ehlo.smtp.queue.MailQueue;
import dev.ehlo.smtp.queue.QueueChange;
import dev.ehlo.smtp.queue.QueueHealth;
import dev.ehlo.smtp.queue.QueueListing;
import dev.ehlo.smtp.queue.QueueSelection;
import dev.ehlo.smtp.queue.QueuedMessage;
import dev.ehlo.smtp.queue.QueuedRecipient;
import dev.ehlo.smtp.queue.Spool;
import dev.ehlo.smtp.queue.SpoolCounts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** What an operator can have the queue of a running server do, as {@link ControlSocket} is asked for it. */
final class QueueControl {
    /** For a page to be read, or for all that a command changes to be recorded. */
    private static final long SECONDS = 100;
    /** Of each verb whose answer may wait for its reader, at a time. */
    static final int LENGTHY = 3;

    private final MailQueue queue;
    private final Spool spool;

    QueueControl(MailQueue queue, Spool spool) {
        this.queue = queue;
        this.spool = spool;
    }

    Map<String, ControlSocket.Verb> verbs() {
        Map<String, ControlSocket.Verb> verbs = new HashMap<>();
        verbs.put("status", ControlSocket.Verb.brief(alone(this::status)));
        verbs.put("resume", ControlSocket.Verb.brief(done(queue::resume)));
        verbs.put("list", ControlSocket.Verb.few(LENGTHY, this::list));
        verbs.put("top", ControlSocket.Verb.few(LENGTHY, new QueueTop(queue)));
        verbs.put("hold", ControlSocket.Verb.brief(wholeOr(queue::hold, queue::hold)));
        verbs.put("release", ControlSocket.Verb.brief(wholeOr(queue::release, queue::release)));
        verbs.put("retry", ControlSocket.Verb.brief(change(queue::retry)));
        verbs.put("remove", ControlSocket.Verb.brief(change(queue::remove)));
        verbs.put("bounce", ControlSocket.Verb.brief(change(queue::bounce)));
        return verbs;
    }

    private interface Question {
        Map<String, String> ask() throws IOException;
    }

    private interface Deed {
        void run() throws IOException;
    }

    private static ControlSocket.Brief done(Deed deed) {
        return alone(() -> {
            deed.run();
            return Map.of();
        });
    }

    private static ControlSocket.Brief alone(Question question) {
        return arguments -> {
            if (!arguments.isEmpty()) {
                throw new IllegalArgumentException("takes no arguments");
            }
            return question.ask();
        };
    }

    /** Without arguments of the queue as a whole, with some of messages in it. */
    private static ControlSocket.Brief wholeOr(
            Deed whole, Function<QueueSelection, CompletionStage<QueueChange>> command) {
        return arguments -> (arguments.isEmpty() ? done(whole) : change(command)).answer(arguments);
    }

    private static ControlSocket.Brief change(Function<QueueSelection, CompletionStage<QueueChange>> command) {
        return arguments -> {
            QueueRequest request = QueueRequest.read(arguments);
            if (request.selection().isEverything() && !request.all()) {
                throw new IllegalArgumentException("which messages?");
            }
            QueueChange change = await(command.apply(request.selection()));
            Map<String, String> said = new LinkedHashMap<>();
            said.put("messages", String.valueOf(change.messages()));
            said.put("recipients", String.valueOf(change.recipients()));
            said.put("in-flight", String.valueOf(change.inFlight()));
            return said;
        };
    }

    static <T> T await(CompletionStage<T> stage) throws IOException {
        try {
            return stage.toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException("not done yet, it goes on: the spool is slow, or at fault", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("not waited for: it goes on");
        }
    }

    /** A line for each message, and behind it one for each of its recipients. */
    private void list(List<String> arguments, ControlSocket.Lines lines) throws IOException {
        QueueRequest request = QueueRequest.read(arguments);
        QueueListing listing = queue.list(request.selection());
        long left = request.limit();
        for (List<QueuedMessage> page = await(listing.next()); !page.isEmpty(); page = await(listing.next())) {
            for (QueuedMessage message : page) {
                if (left-- == 0) {
                    lines.say(ControlSocket.END, "more=true");
                    return;
                }
                lines.say("message", ControlWords.line(words(message)));
                for (QueuedRecipient recipient : message.recipients()) {
                    lines.say("recipient", ControlWords.line(words(recipient)));
                }
            }
        }
        lines.say(ControlSocket.END, "more=false");
    }

    private static Map<String, String> words(QueuedMessage message) {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("id", message.id().toString());
        words.put("arrival", message.arrival().toString());
        words.put("from", message.envelope().reversePath().toString());
        words.put("octets", String.valueOf(message.octets()));
        words.put("parameters", message.envelope().parameters().toString());
        return words;
    }

    private static Map<String, String> words(QueuedRecipient recipient) {
        Map<String, String> words = new LinkedHashMap<>();
        words.put("to", recipient.recipient().toString());
        words.put("state", recipient.state().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        words.put("attempts", String.valueOf(recipient.attempts()));
        words.put("next", recipient.next().toString());
        words.put("parameters", recipient.recipient().parameters().toString());
        if (recipient.reply() != null) {
            words.put("reply", recipient.reply().toString());
        }
        if (recipient.host() != null) {
            words.put("host", recipient.host());
        }
        return words;
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
