package dev.ehlo.smtp.queue;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A command of an operator on its way through the messages that it may mean, page by page: what a page changes is durable
 * before the next one is read. Its steps follow each other, on whatever thread.
 */
final class Change implements Commands.Ledger {
    private final Operator operator;
    private final Scheduler scheduler;
    private final Commands commands;
    private final QueueSelection selection;
    private final Commands.Verb verb;
    private final long[] ids;
    private final CompletableFuture<QueueChange> end = new CompletableFuture<>();
    /** Records of the page that are not durable, and one for the page itself. */
    private final AtomicInteger open = new AtomicInteger();

    private int at;
    private long messages;
    private long recipients;
    private long inFlight;

    Change(
            Operator operator,
            Scheduler scheduler,
            Commands commands,
            QueueSelection selection,
            Commands.Verb verb,
            long[] ids) {
        this.operator = operator;
        this.scheduler = scheduler;
        this.commands = commands;
        this.selection = selection;
        this.verb = verb;
        this.ids = ids;
    }

    CompletableFuture<QueueChange> start() {
        next();
        return end;
    }

    private void next() {
        if (at >= ids.length) {
            end.complete(new QueueChange(messages, recipients, inFlight));
            return;
        }
        long[] page = Arrays.copyOfRange(ids, at, Math.min(ids.length, at + QueueListing.PAGE));
        at += page.length;
        if (!selection.asksForAddresses()) {
            scheduler.inbox().offer((Runnable) () -> apply(page, null));
            return;
        }
        CompletionStage<List<SpooledMessage>> reading = operator.load(page);
        reading.whenComplete((read, failure) -> {
            if (read == null) {
                end.completeExceptionally(failure);
            } else {
                scheduler.inbox().offer((Runnable) () -> apply(page, read));
            }
        });
    }

    /** On the scheduler's thread. */
    private void apply(long[] page, @Nullable List<SpooledMessage> read) {
        open.set(1);
        try {
            if (read == null) {
                for (long id : page) {
                    count(commands.give(verb, id, null, this));
                }
            } else {
                for (SpooledMessage message : read) {
                    int[] meant = selection.recipients(message);
                    if (meant.length > 0) {
                        count(commands.give(verb, message.id().value(), meant, this));
                    }
                }
            }
        } catch (RuntimeException | Error e) {
            end.completeExceptionally(e);
            throw e;
        }
        recorded();
    }

    @Override
    public Runnable expect() {
        open.incrementAndGet();
        return this::recorded;
    }

    private void count(Commands.Given given) {
        messages += given.recipients() > 0 ? 1 : 0;
        recipients += given.recipients();
        inFlight += given.inFlight();
    }

    /** On a thread of the spool, or the scheduler's. */
    private void recorded() {
        if (open.decrementAndGet() == 0) {
            next();
        }
    }
}
