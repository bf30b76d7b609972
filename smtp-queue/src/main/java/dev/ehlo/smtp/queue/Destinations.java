package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.queue.Delivery.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which lane a recipient has: by the hosts of its destination, where somebody is there to ask for them. What they answer
 * is kept for a while, and bounded like everything that strangers' addresses can make grow; where too much is asked or
 * no answer comes in time, it is the destination itself. Belongs to the scheduler thread.
 */
final class Destinations {
    /** Names that are kept. */
    static final int KNOWN = 10_000;
    /** Names that are asked for at a time. */
    static final int ASKED = 256;
    /** Deliveries that wait for a name at a time; their messages are in memory. */
    static final int WAITING = 1_000;

    private static final long SECOND = 1_000_000_000;
    /** How long an answer may take. */
    static final long TIME_LIMIT = 10 * SECOND;
    /** How long an answer is believed, and how long that none came. */
    static final long KEPT = 600 * SECOND;

    static final long KEPT_WITHOUT_ANSWER = 60 * SECOND;

    private static final Logger LOG = LoggerFactory.getLogger(Destinations.class);

    private final Function<Recipient, String> destinationOf;
    private final @Nullable MailHosts hosts;
    private final Inbox<Object> inbox;
    private final Consumer<Delivery> goesOn;
    /** The one that was asked for first, first. */
    private final LinkedHashMap<String, Name> names = new LinkedHashMap<>();
    /** In the order in which their time is up; with some that were answered already. */
    private final ArrayDeque<Name> asked = new ArrayDeque<>();

    private int open;
    private int waiting;
    private long now;

    private static final class Name {
        String name;
        /** Null once there is an answer, or time was up. */
        @Nullable
        List<Delivery> waiting = new ArrayList<>(1);
        /** Of the answer; before, when time is up. */
        long until;

        Name(String destination, long until) {
            this.name = destination;
            this.until = until;
        }
    }

    /** @param goesOn is told of a delivery that waited no longer, with its message, unless it is settled */
    Destinations(MailQueueBuilder settings, Inbox<Object> inbox, long now, Consumer<Delivery> goesOn) {
        this.destinationOf = new Asked<>(
                "lanes", settings.laneOf, recipient -> recipient.mailbox().destination());
        this.hosts = settings.hosts;
        this.inbox = inbox;
        this.goesOn = goesOn;
        this.now = now;
    }

    /** What time it is, in nanoseconds: who has waited for too long waits no longer. */
    void look(long nanos) {
        boolean back = nanos < now;
        now = nanos;
        Name first = asked.peek();
        while (first != null && (first.waiting == null || back || first.until <= now)) {
            asked.remove();
            answered(first, null);
            first = asked.peek();
        }
    }

    /** In how many whole milliseconds somebody's time is up; {@link Long#MAX_VALUE} if nobody waits. */
    long millisToNext() {
        Name first = asked.peek();
        return first == null ? Long.MAX_VALUE : Math.max(0, first.until - now + 999_999) / 1_000_000;
    }

    /** Of a recipient of a delivery that need not wait. */
    String of(Recipient recipient) {
        String destination = destinationOf.apply(recipient);
        Name known = hosts == null ? null : names.get(destination);
        return known == null ? destination : known.name;
    }

    /**
     * Whether a delivery, whose message is read, has to wait for a name; then it is told to go on once it has it.
     *
     * @param again whether it has waited before, so that no more is asked for it
     */
    boolean isAwaited(Delivery delivery, boolean again) {
        if (hosts == null) {
            return false;
        }
        Name awaited = null;
        String last = null;
        for (int index : delivery.recipients) {
            String destination = destinationOf.apply(delivery.recipient(index));
            if (!destination.equals(last)) {
                last = destination;
                Name name = again ? names.get(destination) : ask(hosts, destination);
                awaited = name != null && name.waiting != null && awaited == null ? name : awaited;
            }
        }
        if (awaited == null || awaited.waiting == null || waiting == WAITING) {
            return false;
        }
        awaited.waiting.add(delivery);
        waiting++;
        return true;
    }

    private @Nullable Name ask(MailHosts all, String destination) {
        Name known = names.get(destination);
        if (known != null && (known.waiting != null || known.until - now > 0 && known.until - now <= KEPT)) {
            return known;
        }
        if (open >= ASKED || asked.size() >= KNOWN) {
            return null;
        }
        Name name = new Name(destination, now + TIME_LIMIT);
        // At its end, whether it was there before or not.
        names.remove(destination);
        names.put(destination, name);
        if (names.size() > KNOWN) {
            names.remove(names.keySet().iterator().next());
        }
        asked.add(name);
        open++;
        CompletionStage<String> answer;
        try {
            answer = all.of(destination);
        } catch (Throwable e) {
            answer = CompletableFuture.failedFuture(e);
        }
        answer.whenComplete((said, failure) -> inbox.offer((Runnable) () -> {
            if (failure != null) {
                LOG.debug("no hosts of {}", QuotedText.ascii(destination), failure);
            }
            answered(name, said);
        }));
        return name;
    }

    private void answered(Name name, @Nullable String said) {
        boolean fit = said != null && !said.isEmpty() && said.length() <= MailHosts.LONGEST;
        if (fit && said != null) {
            name.name = said;
        }
        List<Delivery> all = name.waiting;
        if (all != null || fit) {
            name.until = now + (fit ? KEPT : KEPT_WITHOUT_ANSWER);
        }
        name.waiting = null;
        if (all != null) {
            open--;
            waiting -= all.size();
            for (Delivery delivery : all) {
                if (delivery.state != State.SETTLED) {
                    goesOn.accept(delivery);
                }
            }
        }
    }

    /** Deliveries that wait for a name. */
    int waiting() {
        return waiting;
    }
}
