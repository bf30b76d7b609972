package dev.ehlo.smtp.queue;

import java.time.Instant;

/**
 * How it stands with a recipient who is to be tried again.
 *
 * @param attempts how many were made in all
 * @param due when to try next
 * @param delayTold whether the sender was told of the delay
 */
public record Deferral(int attempts, Instant due, boolean delayTold) {}
