package dev.ehlo.smtp.queue;

/** What an operator has decided of recipients of a message, recorded with them until it is done or taken back. */
public enum StandingOrder {
    /** Nothing: they are delivered as all are. */
    NONE(0),
    /** Not to be attempted until they are released; they do not expire, and nobody is told of a delay meanwhile. */
    HOLD(1),
    /** To be forgotten once no attempt is in flight, without a word to the sender. */
    REMOVE(2),
    /** To be given up once no attempt is in flight, and the sender told. */
    BOUNCE(3);

    /** As it stands in a record. */
    final int code;

    StandingOrder(int code) {
        this.code = code;
    }

    /** What the lowest two bits say. */
    static StandingOrder of(int code) {
        return switch (code & 3) {
            case 1 -> HOLD;
            case 2 -> REMOVE;
            case 3 -> BOUNCE;
            default -> NONE;
        };
    }

    /** Whether one comes first that was given before this one: what is to end is not held back. */
    boolean yieldsTo(StandingOrder before) {
        return before == REMOVE || before == BOUNCE;
    }
}
