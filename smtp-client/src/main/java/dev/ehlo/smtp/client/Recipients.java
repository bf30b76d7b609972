package dev.ehlo.smtp.client;

import dev.ehlo.smtp.DeliveryPhase;
import dev.ehlo.smtp.DeliveryStatus;
import dev.ehlo.smtp.Envelope;
import dev.ehlo.smtp.Recipient;
import dev.ehlo.smtp.RecipientOutcome;
import dev.ehlo.smtp.RemoteHost;
import dev.ehlo.smtp.Reply;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The recipients of one mail transaction: whom it asks for, and what became of each. Those beyond what the server takes
 * at a time are left for another one. Used by one thread.
 */
final class Recipients {
    private static final int TOO_MANY = 452;
    /** An old way to say the same. RFC 5321 §4.5.3.1.10. */
    private static final int TOO_MANY_OF_OLD = 552;

    private final Envelope envelope;
    private final Offer offer;
    private final @Nullable RecipientOutcome[] outcomes;
    /** Indexes in the envelope: first those who were taken, and from the answered ones on those who are asked for. */
    private final int[] asked;

    private int count;
    private int taken;
    /** Of those taken, how many have a reply of their own. */
    private int decided;
    /** Indexes of those left for another transaction; null if all are asked for. */
    private @Nullable BitSet rest;

    /** Nobody is asked for yet. */
    Recipients(Envelope envelope, Offer offer) {
        this.envelope = envelope;
        this.offer = offer;
        this.outcomes = new RecipientOutcome[envelope.recipients().size()];
        this.asked = new int[outcomes.length];
    }

    /** Asks for as many as the server takes at a time, but for whom it can't be asked. RFC 9422 §4. */
    void askAll() {
        Set<String> domains = offer.maxDomains() == Integer.MAX_VALUE ? Set.of() : new HashSet<>();
        for (int i = 0; i < outcomes.length; i++) {
            Recipient recipient = envelope.recipients().get(i);
            Reply refusal = offer.parameters().rcptRefusal(recipient);
            if (refusal != null) {
                outcomes[i] = here(i, DeliveryStatus.FAILED, refusal, DeliveryPhase.RCPT);
            } else if (count < offer.maxRecipients() && isOfFewDomains(recipient, domains)) {
                asked[count++] = i;
            } else {
                leave(i);
            }
        }
    }

    private boolean isOfFewDomains(Recipient recipient, Set<String> domains) {
        if (offer.maxDomains() == Integer.MAX_VALUE) {
            return true;
        }
        String domain = recipient.mailbox().destination();
        return domains.contains(domain) || domains.size() < offer.maxDomains() && domains.add(domain);
    }

    private void leave(int index) {
        BitSet left = rest;
        if (left == null) {
            left = new BitSet(outcomes.length);
            rest = left;
        }
        left.set(index);
    }

    /** How many are asked for. */
    int count() {
        return count;
    }

    /** Whom to ask for in that place, of which there are {@link #count}. */
    Recipient at(int place) {
        return envelope.recipients().get(asked[place]);
    }

    /** Asks not for the one in that place, who can't be named to any server; others move up. */
    void skip(int place, Reply why) {
        outcomes[asked[place]] = here(asked[place], DeliveryStatus.FAILED, why, DeliveryPhase.RCPT);
        count--;
        System.arraycopy(asked, place + 1, asked, place, count - place);
    }

    /** Asks for nobody, as the message can't be named to any server. */
    void skipAll(Reply why) {
        count = 0;
        end(DeliveryStatus.FAILED, why, DeliveryPhase.MAIL);
    }

    /** The server takes the one in that place; to be told in order. */
    void take(int place) {
        asked[taken++] = asked[place];
    }

    boolean isAnyTaken() {
        return taken > 0;
    }

    /** Whether one has an outcome, which before the end of data is that nobody takes mail for him there. */
    boolean isAnyRefused() {
        for (RecipientOutcome each : outcomes) {
            if (each != null) {
                return true;
            }
        }
        return false;
    }

    /** The server does not take the one in that place; perhaps it will in another transaction. */
    void refuse(int place, Reply reply) {
        int i = asked[place];
        if (taken > 0 && isTooMany(reply)) {
            leave(i);
        } else if (reply.code() == TOO_MANY_OF_OLD) {
            outcomes[i] = here(i, DeliveryStatus.DEFERRED, reply, DeliveryPhase.RCPT);
        } else {
            outcomes[i] = replied(i, reply, DeliveryPhase.RCPT);
        }
    }

    /** RFC 5321 §4.5.3.1.10. With an enhanced status code it may say something else by the same code. */
    private static boolean isTooMany(Reply reply) {
        boolean saysMore = reply.enhanced() != null
                && (reply.enhanced().subject() != 5 || reply.enhanced().detail() != 3);
        return !saysMore && (reply.code() == TOO_MANY || reply.code() == TOO_MANY_OF_OLD);
    }

    /** The server's reply for the next of those taken. RFC 2033 §4.2. */
    void decideNext(Reply reply) {
        int i = asked[decided++];
        outcomes[i] = replied(i, reply, DeliveryPhase.END_OF_DATA);
    }

    /** Whether each of those taken has had a reply of its own. */
    boolean isEachDecided() {
        return decided == taken;
    }

    /** The server's reply for all who were asked for and are undecided. */
    void decide(Reply reply, DeliveryPhase phase) {
        for (int i = 0; i < outcomes.length; i++) {
            if (outcomes[i] == null && !isLeft(i)) {
                outcomes[i] = replied(i, reply, phase);
            }
        }
    }

    /** The server's reply for all, also for who is not asked for yet. */
    void decideAll(Reply reply, DeliveryPhase phase) {
        rest = null;
        decide(reply, phase);
    }

    /** What this side has to say of all who are undecided; who was not asked for was not sent anything in any case. */
    void end(DeliveryStatus status, Reply reply, DeliveryPhase phase) {
        for (int i = 0; i < outcomes.length; i++) {
            if (outcomes[i] == null) {
                boolean hasItNot = status == DeliveryStatus.UNKNOWN && isLeft(i);
                outcomes[i] = here(i, hasItNot ? DeliveryStatus.NOT_SENT : status, reply, phase);
            }
        }
        rest = null;
    }

    private boolean isLeft(int index) {
        return rest != null && rest.get(index);
    }

    /** Whether there is anybody of whom the server said nothing that decides. */
    boolean isAnyUndecided() {
        for (int i = 0; i < outcomes.length; i++) {
            if (outcomes[i] == null && !isLeft(i)) {
                return true;
            }
        }
        return false;
    }

    boolean isAllDecided() {
        return rest == null && !isAnyUndecided();
    }

    /** One outcome for each recipient of the envelope, or for all but those that are left. */
    SessionOutcome outcome() {
        List<RecipientOutcome> all = new ArrayList<>(outcomes.length);
        List<Integer> left = new ArrayList<>(0);
        for (int i = 0; i < outcomes.length; i++) {
            if (isLeft(i)) {
                left.add(i);
            } else {
                all.add(Objects.requireNonNull(outcomes[i]));
            }
        }
        return left.isEmpty() ? new SessionOutcome.Decided(all) : new SessionOutcome.Partly(all, left);
    }

    private RecipientOutcome replied(int index, Reply reply, DeliveryPhase phase) {
        Recipient recipient = envelope.recipients().get(index);
        if (offer.lmtp() && reply.isPositive()) {
            return new RecipientOutcome(recipient, DeliveryStatus.DELIVERED, reply, offer.remote(), phase);
        }
        return RecipientOutcome.replied(recipient, reply, offer.remote(), phase);
    }

    private RecipientOutcome here(int index, DeliveryStatus status, Reply reply, DeliveryPhase phase) {
        RemoteHost remote = offer.remote();
        return new RecipientOutcome(envelope.recipients().get(index), status, reply, remote, phase);
    }
}
