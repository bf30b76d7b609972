package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Mailbox;
import dev.ehlo.smtp.ReversePath;
import dev.ehlo.smtp.grammar.DomainGrammar;
import dev.ehlo.smtp.grammar.Octets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which messages an operator means, and of each which recipients: those to whom all applies that is asked for. Addresses
 * are compared regardless of case, domains as DNS has them. A value.
 *
 * <pre>{@code
 * QueueSelection.EVERYTHING.destination("example.org").olderThan(Duration.ofHours(6))
 * }</pre>
 */
public final class QueueSelection {
    /** All there is in the queue. */
    public static final QueueSelection EVERYTHING = new QueueSelection(List.of(), null, null, null, null, null);

    /** Ids of one selection. */
    public static final int MOST_IDS = 1000;

    private final List<QueueId> ids;
    private final @Nullable ReversePath sender;
    private final @Nullable Mailbox recipient;
    private final @Nullable String destination;
    private final @Nullable Duration olderThan;
    private final @Nullable Duration youngerThan;
    private final int senderHash;
    private final int addressHash;
    private final int domainHash;

    private QueueSelection(
            List<QueueId> ids,
            @Nullable ReversePath sender,
            @Nullable Mailbox recipient,
            @Nullable String destination,
            @Nullable Duration olderThan,
            @Nullable Duration youngerThan) {
        this.ids = ids;
        this.sender = sender;
        this.recipient = recipient;
        this.destination = destination;
        this.olderThan = olderThan;
        this.youngerThan = youngerThan;
        Mailbox from = sender == null ? null : sender.mailbox();
        senderHash = from == null ? MessageTraits.nobody() : MessageTraits.address(asDnsHasIt(from));
        addressHash = recipient == null ? 0 : MessageTraits.address(asDnsHasIt(recipient));
        String domain = destination == null && recipient != null ? recipient.destination() : destination;
        domainHash = domain == null ? 0 : MessageTraits.domain(domain);
    }

    private static Mailbox asDnsHasIt(Mailbox mailbox) {
        return mailbox.domain().isEmpty() ? mailbox : new Mailbox(mailbox.localPart(), mailbox.destination());
    }

    /**
     * These messages alone, if they are in the queue.
     *
     * @throws IllegalArgumentException if there is none, or more than {@link #MOST_IDS}
     */
    public QueueSelection ids(Collection<QueueId> value) {
        if (value.isEmpty() || value.size() > MOST_IDS) {
            throw new IllegalArgumentException("ids of a selection: " + value.size());
        }
        List<QueueId> sorted = List.copyOf(new TreeSet<>(value));
        return new QueueSelection(sorted, sender, recipient, destination, olderThan, youngerThan);
    }

    /** Messages of this sender alone; {@link ReversePath#NULL} means notifications. */
    public QueueSelection sender(ReversePath value) {
        return new QueueSelection(ids, value, recipient, destination, olderThan, youngerThan);
    }

    /** This recipient alone. */
    public QueueSelection recipient(Mailbox value) {
        return new QueueSelection(ids, sender, value, destination, olderThan, youngerThan);
    }

    /** Recipients at this domain, or address literal, alone. */
    public QueueSelection destination(String value) {
        return new QueueSelection(ids, sender, recipient, DomainGrammar.toAscii(value), olderThan, youngerThan);
    }

    /** Messages alone that came in longer ago. */
    public QueueSelection olderThan(Duration value) {
        return new QueueSelection(ids, sender, recipient, destination, value, youngerThan);
    }

    /** Messages alone that came in not so long ago. */
    public QueueSelection youngerThan(Duration value) {
        return new QueueSelection(ids, sender, recipient, destination, olderThan, value);
    }

    /** Whether nothing is asked for. */
    public boolean isEverything() {
        return ids.isEmpty() && olderThan == null && youngerThan == null && !asksForAddresses();
    }

    List<QueueId> ids() {
        return ids;
    }

    /** Whether a message has to be read to know. */
    boolean asksForAddresses() {
        return sender != null || recipient != null || destination != null;
    }

    /** What can be told from memory; to be asked for every delivery there is. */
    boolean mayBe(Delivery delivery, long now) {
        long age = now - delivery.queueMillis();
        return (sender == null || MessageTraits.mayBeFrom(delivery.traits, senderHash))
                && (domainHash == 0 || MessageTraits.mayBeTo(delivery.traits, domainHash, addressHash))
                && (olderThan == null || age >= olderThan.toMillis())
                && (youngerThan == null || age < youngerThan.toMillis());
    }

    /** The indexes of the recipients meant, of those who are not settled; the message is one that it may be. */
    int[] recipients(SpooledMessage message) {
        if (sender != null
                && !isSame(sender.mailbox(), message.envelope().reversePath().mailbox())) {
            return new int[0];
        }
        List<Integer> meant = new ArrayList<>();
        for (PendingRecipient pending : message.pending()) {
            Mailbox mailbox =
                    message.envelope().recipients().get(pending.index()).mailbox();
            if ((recipient == null || isSame(recipient, mailbox))
                    && (destination == null || destination.equals(mailbox.destination()))) {
                meant.add(pending.index());
            }
        }
        return Delivery.compact(meant);
    }

    private static boolean isSame(@Nullable Mailbox one, @Nullable Mailbox other) {
        if (one == null || other == null) {
            return one == null && other == null;
        }
        return Octets.lowerAscii(one.localPart()).equals(Octets.lowerAscii(other.localPart()))
                && one.destination().equals(other.destination());
    }

    /** What is asked for, fit for a log. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        ids.forEach(id -> text.append(text.length() == 0 ? "" : " ").append(id));
        add(text, "from", sender == null ? null : "<" + sender + ">");
        add(text, "recipient", recipient == null ? null : "<" + recipient + ">");
        add(text, "to", destination);
        add(text, "older than", olderThan == null ? null : olderThan.toString());
        add(text, "younger than", youngerThan == null ? null : youngerThan.toString());
        return text.length() == 0 ? "everything" : text.toString();
    }

    private static void add(StringBuilder text, String what, @Nullable String value) {
        if (value != null) {
            text.append(text.length() == 0 ? "" : ", ").append(what).append(' ').append(QuotedText.ascii(value));
        }
    }
}
