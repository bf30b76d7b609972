package dev.ehlo.smtp.client.sasl;

import org.jspecify.annotations.Nullable;

/**
 * The client's side of one mechanism in one AUTH dialogue. Used by one thread, once. RFC 4422 §3.
 *
 *     begin ─→ SAY, LISTEN, ASK or GIVE_UP ─ challenge → answer ─→ … ─ success, if isComplete
 *                             └─ answered ─→ …
 */
public interface SaslExchange {
    /** What comes first. */
    SaslStep begin();

    /** What follows on a challenge of the server's. */
    SaslStep answer(byte[] challenge);

    /**
     * What follows on the answer to {@link SaslStep.Ask}.
     *
     * @param octets null if there is none
     */
    default SaslStep answered(byte @Nullable [] octets) {
        throw new IllegalStateException("nothing was asked");
    }

    /**
     * Whether success, if the server says so now, is to be believed: all was said, and the server proved what it has
     * to.
     */
    boolean isComplete();

    /** Whether a refusal now is one of the channel binding perhaps, and no proof of the password has been given. */
    default boolean isBindingInQuestion() {
        return false;
    }

    /** The exchange to begin when the server has refused what this one said; null if there is none. */
    default @Nullable SaslExchange again() {
        return null;
    }
}
