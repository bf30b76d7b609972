package dev.ehlo.smtp.queue;

import dev.ehlo.smtp.Reply;
import java.time.Duration;

/**
 * What a reply means that fits a pattern, such as {@code 421 4.7.* *too many*}. The pattern is that of the whole reply in
 * one line, codes and text: {@code *} is any characters, {@code ?} any one, and letters stand for themselves in either
 * case. What a host says takes no longer to match than its length. Immutable.
 */
public final class ReplyRule {
    private static final Duration LONGEST = Duration.ofDays(1);

    /** What is to be done. */
    enum Action {
        SUSPEND,
        SLOW_DOWN,
        PERMANENT,
        TEMPORARY
    }

    private final ReplyPattern pattern;
    private final Action action;
    private final Duration pause;

    private ReplyRule(String pattern, Action action, Duration pause) {
        this.pattern = new ReplyPattern(pattern);
        this.action = action;
        this.pause = pause;
    }

    /**
     * No attempt to the destination for that time, and then one that probes it.
     *
     * @throws IllegalArgumentException if the pattern is none, or the time not positive or longer than a day
     */
    public static ReplyRule suspend(String pattern, Duration pause) {
        if (pause.isNegative() || pause.isZero() || pause.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("not a time to suspend a destination for: " + pause);
        }
        return new ReplyRule(pattern, Action.SUSPEND, pause);
    }

    /**
     * Fewer attempts to the destination at a time, as by 421.
     *
     * @throws IllegalArgumentException if the pattern is none
     */
    public static ReplyRule slowDown(String pattern) {
        return new ReplyRule(pattern, Action.SLOW_DOWN, Duration.ZERO);
    }

    /**
     * The recipient has failed, though the reply is a temporary one, and the sender is told.
     *
     * @throws IllegalArgumentException if the pattern is none
     */
    public static ReplyRule permanent(String pattern) {
        return new ReplyRule(pattern, Action.PERMANENT, Duration.ZERO);
    }

    /**
     * The recipient is tried again, though the reply is a permanent one.
     *
     * @throws IllegalArgumentException if the pattern is none
     */
    public static ReplyRule temporary(String pattern) {
        return new ReplyRule(pattern, Action.TEMPORARY, Duration.ZERO);
    }

    /** Whether it is about that reply, of which the first 4,096 characters are looked at. */
    public boolean matches(Reply reply) {
        return pattern.matches(reply.toString());
    }

    boolean matches(String reply) {
        return pattern.matches(reply);
    }

    Action action() {
        return action;
    }

    Duration pause() {
        return pause;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ReplyRule that
                && pattern.equals(that.pattern)
                && action == that.action
                && pause.equals(that.pause);
    }

    @Override
    public int hashCode() {
        return pattern.hashCode() + 31 * action.hashCode();
    }

    @Override
    public String toString() {
        return action + (pause.isZero() ? "" : " for " + pause) + " at " + pattern;
    }
}
