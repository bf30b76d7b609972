package dev.ehlo.smtp.queue;

/**
 * What an operator's command came to.
 *
 * @param messages how many messages it changed something of
 * @param recipients how many recipients
 * @param inFlight how many of these were being attempted: it is done to them once the attempt has ended, unless they have
 *     the message by then
 */
public record QueueChange(long messages, long recipients, long inFlight) {}
