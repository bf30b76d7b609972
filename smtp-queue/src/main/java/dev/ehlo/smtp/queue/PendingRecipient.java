package dev.ehlo.smtp.queue;

import java.time.Instant;

/**
 * A recipient of a spooled message who is not settled yet.
 *
 * @param index where the recipient stands in the envelope, from 0
 * @param attempts how many attempts were deferred so far
 * @param due when to try next
 * @param delayTold whether the sender was told of the delay
 */
public record PendingRecipient(int index, int attempts, Instant due, boolean delayTold) {}
